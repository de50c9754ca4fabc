package main

import (
	"context"
	"time"

	"errand/cmd"
)

// workerCommand carries on runs.
func workerCommand(s *settings) cmd.Extra {
	return cmd.Extra{
		Name:     "worker",
		Usage:    "carry on the runs of the task queue, until the process is asked to end",
		Examples: name + " worker\n" + name + " worker --deployment desk --build 1.4.2 --calls 50",
		Logs:     true,
		Flags: []cmd.Flag{
			s.buildFlag("the version of the program is `ID`; a run stays with the version that began it"),
			{Name: "calls", Usage: "make at most `N` calls of tasks at once", To: &s.calls, Default: 100},
			{Name: "drain", Usage: "when the process is asked to end, wait at most this `TIME` for calls that are under way", To: &s.drain, Default: 30 * time.Second},
			{Name: "listen", Usage: "show figures for Prometheus at /metrics of `ADDRESS`, such as " + defaultMetrics + ", to tokens with the role monitor; other machines reach it only with TLS", To: &s.metrics.Address},
			{Name: "tls-cert", Usage: "use the certificate in `FILE` there; it is read again when it changes", To: &s.metrics.Cert},
			{Name: "tls-key", Usage: "use the certificate's key in `FILE`", To: &s.metrics.Key},
		},
		Run: func(ctx context.Context, u *cmd.Use) error {
			switch {
			case s.calls < 1:
				return cmd.Usagef("--calls %d: expected 1 or more", s.calls)
			case s.drain <= 0:
				return cmd.Usagef("--drain %s: expected a time such as 30s", s.drain)
			}
			if err := s.checkVersion(); err != nil {
				return err
			}
			s.log = u.Log
			if err := s.metrics.Check(); err != nil {
				return err
			}
			s.metrics.Standard = defaultMetrics
			return u.Work(ctx, cmd.Working{Drain: s.drain, Metrics: s.metrics})
		},
	}
}

// defaultMetrics is the address that hints name for the figures of a worker.
const defaultMetrics = "127.0.0.1:8333"

// checkVersion returns an error if the flags describe half a version.
func (s *settings) checkVersion() error {
	if (s.deployment == "") != (s.build == "") {
		return cmd.Usagef("--deployment and --build belong together")
	}
	return s.version().Check()
}
