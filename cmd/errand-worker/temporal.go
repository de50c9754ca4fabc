package main

import (
	"context"
	"log/slog"
	"os"

	"errand/cmd"
	"errand/engine"
	"errand/engine/home"
	"errand/engine/temporal"
)

// onTemporal is the backend of this program.
var onTemporal = backend{runner: openRunner, examine: examineTemporal, setup: setUp, promote: promote, versions: versions}

// openRunner returns what connects the runner of a home.
func openRunner(s *settings) home.Maker {
	return func(ctx context.Context, o *home.Opened) (engine.Runner, error) {
		options := temporal.WorkerOptions{Calls: s.calls, Drain: s.drain, Version: s.version()}
		r, err := temporal.Open(ctx, s.connect(), o.Credentials, o.Registry, o.About+onThisMachine(), options, s.logger())
		if err != nil {
			return nil, err // not r, which would not be nil as an interface
		}
		return r, nil
	}
}

// onThisMachine names the machine, because there are several. It is empty if the machine has no name.
func onThisMachine() string {
	host, err := os.Hostname()
	if err != nil {
		return ""
	}
	return " on " + host
}

// logger returns the log of the connection. Only a worker has one: a person at a terminal gets the errors
// of calls.
func (s *settings) logger() *slog.Logger {
	if s.log != nil {
		return s.log
	}
	return slog.New(slog.DiscardHandler)
}

func examineTemporal(s *settings) func(context.Context, *home.Home) []cmd.Finding {
	return func(ctx context.Context, at *home.Home) []cmd.Finding {
		var found []cmd.Finding
		for _, f := range temporal.Examine(ctx, s.connect(), s.deployment, at.Credentials, s.logger()) {
			found = append(found, cmd.Finding{What: f.What, OK: f.OK, Warning: f.Warning, Message: f.Message, Hint: f.Hint, Code: cmd.ExitConfiguration})
		}
		return found
	}
}

func setUp(ctx context.Context, s *settings, u *cmd.Use) (added []string, err error) {
	store, err := u.Store()
	if err != nil {
		return nil, err
	}
	made, err := temporal.MakeKey(ctx, store)
	if err != nil {
		return nil, err
	}
	if made {
		added = append(added, "a key for what Temporal keeps")
	}
	c, err := s.connect().Dial(ctx, nil, s.logger())
	if err != nil {
		return added, err
	}
	defer c.Close()
	_, namespace, err := s.connect().Place()
	if err != nil {
		return added, err
	}
	attributes, err := temporal.Setup(ctx, c, namespace)
	return append(added, attributes...), err
}

func promote(ctx context.Context, s *settings, _ *cmd.Use, v temporal.Version) error {
	c, err := s.connect().Dial(ctx, nil, s.logger())
	if err != nil {
		return err
	}
	defer c.Close()
	return temporal.Promote(ctx, c, v)
}

func versions(ctx context.Context, s *settings) ([]temporal.VersionState, error) {
	_, namespace, err := s.connect().Place()
	if err != nil {
		return nil, err
	}
	c, err := s.connect().Dial(ctx, nil, s.logger())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return temporal.Versions(ctx, c, namespace, s.deployment)
}
