package main

import (
	"log/slog"
	"time"

	"errand/cmd"
	"errand/engine/temporal"
)

// settings are what the command line says about Temporal.
type settings struct {
	connection temporal.Connection
	tls        bool

	deployment string // the workers that belong together
	build      string // the program of a worker
	calls      int    // how many calls are under way at once; 0 for other commands
	drain      time.Duration
	metrics    cmd.Listening // of a worker

	log   *slog.Logger // of a worker; nil for other commands
	codec codecSettings
}

// connect returns the connection that the flags describe.
func (s *settings) connect() temporal.Connection {
	c := s.connection
	if s.tls {
		c.TLS = &s.tls
	}
	return c
}

// version returns the version that the flags describe.
func (s *settings) version() temporal.Version {
	return temporal.Version{Deployment: s.deployment, Build: s.build}
}

// connectionFlags are the flags of every command that opens a home. Temporal's own variables are read
// where the connection is made.
func (s *settings) connectionFlags() []cmd.Flag {
	c := &s.connection
	return []cmd.Flag{
		{Name: "temporal", Usage: "reach Temporal at `ADDRESS`; defaults to TEMPORAL_ADDRESS, the profile, or localhost:7233", To: &c.Address},
		{Name: "namespace", Usage: "use Temporal's namespace `NAME`; defaults to TEMPORAL_NAMESPACE, the profile, or default", To: &c.Namespace},
		{Name: "task-queue", Usage: "use Temporal's task queue `NAME`; all workers of an installation have the same", Env: "ERRAND_TASK_QUEUE", To: &c.TaskQueue, Default: temporal.DefaultTaskQueue},
		{Name: "profile", Usage: "take what is not set from the profile `NAME` of Temporal's profile file; defaults to TEMPORAL_PROFILE", To: &c.Profile},
		{Name: "temporal-config", Usage: "read profiles from `FILE`; defaults to TEMPORAL_CONFIG_FILE, or Temporal's usual file", To: &c.ConfigFile},
		{Name: "deployment", Usage: "the workers that are upgraded together have the same `NAME`; without one, a run goes on with any worker", Env: "ERRAND_DEPLOYMENT", To: &s.deployment},
		{Name: "temporal-tls", Usage: "use TLS, also without a certificate or an API key", To: &s.tls},
		{Name: "temporal-tls-server-name", Usage: "expect `NAME` in the certificate of Temporal", To: &c.TLSServerName},
		{Name: "temporal-tls-ca", Usage: "trust the authorities in `FILE` for the certificate of Temporal", To: &c.TLSCA},
		{Name: "temporal-tls-cert", Usage: "show Temporal the certificate in `FILE`", To: &c.TLSCert},
		{Name: "temporal-tls-key", Usage: "use the key in `FILE` with that certificate", To: &c.TLSKey},
		{Name: "temporal-api-key-file", Usage: "send Temporal the API key in `FILE`; defaults to TEMPORAL_API_KEY, or the profile", To: &c.APIKeyFile},
	}
}

// buildFlag is the flag that names a version of the program.
func (s *settings) buildFlag(usage string) cmd.Flag {
	return cmd.Flag{Name: "build", Usage: usage, To: &s.build}
}
