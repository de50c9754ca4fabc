package cmd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/catalog"
	"errand/engine/diag"
	"errand/engine/service"
)

type serveCommand struct {
	homeFlags
	listen      string
	tlsCert     string
	tlsKey      string
	clientCA    string
	drain       time.Duration
	definitions definitions
}

// defaultListen is where the service listens if no flag says otherwise.
const defaultListen = "127.0.0.1:8331"

func (c *serveCommand) describe() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "serve runs over HTTP: start them for service requests, carry them on, show them, decide about them",
		Description: "errand serve token add desk --role requester --workflow start-instance\n" +
			"errand serve --definitions my-workflows/\n" +
			"errand serve --listen 0.0.0.0:8331 --tls-cert cert.pem --tls-key key.pem",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "listen", Value: defaultListen, Usage: "listen on `ADDRESS`; port 0 takes a free port; other machines reach it only with TLS and tokens", Destination: &c.listen},
			&cli.StringFlag{Name: "tls-cert", Usage: "use the certificate in `FILE`; it is read again when it changes", Destination: &c.tlsCert},
			&cli.StringFlag{Name: "tls-key", Usage: "use the certificate's key in `FILE`", Destination: &c.tlsKey},
			&cli.StringFlag{Name: "client-ca", Usage: "accept only clients with a certificate of an authority in `FILE`, in addition to their token", Destination: &c.clientCA},
			&cli.DurationFlag{Name: "drain", Value: 30 * time.Second, Usage: "when the process is asked to end, wait at most this `TIME` for calls that are under way", Destination: &c.drain},
			c.definitions.flag(),
		),
	}
}

// check returns an error for flags that cannot be combined.
func (c *serveCommand) check(a arguments) error {
	if len(a.names) > 0 {
		return unknownCommand("serve ", a.names[0], serveCommands(c.homeFlags, c.homeFlags))
	}
	switch {
	case (c.tlsCert == "") != (c.tlsKey == ""):
		return usage("--tls-cert and --tls-key belong together")
	case c.clientCA != "" && c.tlsCert == "":
		return usage("--client-ca needs --tls-cert and --tls-key")
	case c.drain < 0:
		return usage("--drain %s: expected a time such as 30s", c.drain)
	}
	return nil
}

func (c *serveCommand) run(ctx context.Context, a arguments) error {
	if err := c.check(a); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.stderr, nil))
	return c.useService(ctx, "errand serve", func(s serviceHome) error {
		flows, err := c.catalog(s)
		if err != nil {
			return err
		}
		listener, err := c.open(ctx, s, log)
		if err != nil {
			return err
		}
		p, err := c.process(s, flows, listener, log)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		return c.serve(ctx, p, flows)
	})
}

// catalog loads the definitions, and shows what is wrong with them.
func (c *serveCommand) catalog(s serviceHome) (*catalog.Catalog, error) {
	flows := catalog.New(c.definitions.folder, s.Registry)
	change, err := flows.Load()
	if err != nil {
		return nil, definitionExit(err)
	}
	for _, bad := range change.Bad {
		if err := c.problems(bad.Problems, bad.Source); err != nil {
			return nil, err
		}
		loss := "its rules start nothing"
		if bad.Workflow != "" {
			loss = "the workflow " + bad.Workflow + " cannot be started"
		}
		fmt.Fprintf(c.stderr, "%s: %s; %s\n", bad.File, diag.Summary(bad.Problems), loss)
	}
	return flows, nil
}

// open listens.
func (c *serveCommand) open(ctx context.Context, s serviceHome, log *slog.Logger) (net.Listener, error) {
	var config *tls.Config
	if c.tlsCert != "" {
		certificate, err := service.NewCertificate(c.tlsCert, c.tlsKey, c.clientCA, log)
		if err != nil {
			return nil, &Exit{Code: ExitConfiguration, Message: err.Error(), Hint: "expected files in PEM form that belong together"}
		}
		config = certificate.Config()
	}
	tokens, err := s.tokens.Tokens(ctx)
	if err != nil {
		return nil, serviceExit(err)
	}
	now := time.Now()
	hasTokens := slices.ContainsFunc(tokens, func(t access.Token) bool { return t.IsValid(now) })
	listener, err := service.Listen(ctx, c.listen, config, hasTokens)
	if refused, ok := errors.AsType[*service.ListenError](err); ok {
		w := listenWords[refused.Reason]
		return nil, &Exit{Code: w.code, Message: refused.Error(), Hint: w.hint}
	}
	return listener, err
}

// listenWords are the exit code and the hint for each reason not to listen.
var listenWords = map[service.ListenReason]struct {
	code int
	hint string
}{
	service.ListenAddress:  {ExitUsage, "expected HOST:PORT, such as " + defaultListen},
	service.ListenTaken:    {ExitUnreachable, "another program may use the port; port 0 takes a free one"},
	service.ListenPlain:    {ExitConfiguration, "add --tls-cert FILE and --tls-key FILE, or listen on " + defaultListen},
	service.ListenNoTokens: {ExitConfiguration, "errand serve token add --help explains how to make one"},
	service.ListenSockets:  {ExitConfiguration, "the unit of the socket must have one ListenStream= line"},
}

// process puts the parts of the service together.
func (c *serveCommand) process(s serviceHome, flows *catalog.Catalog, listener net.Listener, log *slog.Logger) (*service.Process, error) {
	at, err := c.home()
	if err != nil {
		return nil, err
	}
	key, err := at.ServiceKey()
	if err != nil {
		return nil, &Exit{Code: ExitConfiguration, Message: err.Error(), Hint: "check the folder of the home"}
	}
	marker, ok := s.Runner.(service.Runner)
	if !ok {
		return nil, &Exit{Code: ExitUsage, Message: "the runs of this home cannot be served"}
	}
	server := service.New(service.Config{
		Runner: marker, Registry: s.Registry, Workflows: flows, Tokens: s.tokens, Audit: s.audit, Pauses: s.pauses, Key: key, Log: log, Release: release(),
	})
	return &service.Process{
		Server: server, HTTP: service.HTTPServer(server, log), Listener: listener, Worker: s.Runner, Manager: service.Manager{Log: log}, Drain: c.drain, Log: log,
	}, nil
}

// serve serves until the process is asked to end. A second request ends it at once.
func (c *serveCommand) serve(ctx context.Context, p *service.Process, flows *catalog.Catalog) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a signal has its usual effect
	scheme := "http"
	if c.tlsCert != "" {
		scheme = "https"
	}
	fmt.Fprintf(c.stdout, "%s://%s\n", scheme, p.Listener.Addr())
	again := make(chan struct{})
	p.Beside = append(p.Beside,
		func(ctx context.Context) { onHangup(ctx, again) },
		func(ctx context.Context) {
			flows.Watch(ctx, again, func(change catalog.Change, err error) { logChange(p.Log, change, err) })
		},
	)
	err := p.Run(ctx)
	if errors.Is(err, service.ErrDrain) {
		p.Log.Warn(err.Error())
		return nil // the next process takes the runs up
	}
	if err != nil {
		return runExit(err, "")
	}
	return nil
}

// onHangup passes on each SIGHUP, until ctx ends.
func onHangup(ctx context.Context, again chan<- struct{}) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		select {
		case <-ctx.Done():
			return
		case again <- struct{}{}:
		}
	}
}

// logChange logs what a load of the definitions has found.
func logChange(log *slog.Logger, change catalog.Change, err error) {
	if err != nil {
		log.Error("the definitions cannot be read; those that were loaded stay", slog.Any("error", err))
		return
	}
	for _, name := range change.Loaded {
		log.Info("a workflow was loaded", slog.String("workflow", name))
	}
	for _, name := range change.Removed {
		log.Info("a workflow is gone", slog.String("workflow", name))
	}
	for _, file := range change.Intake {
		log.Info("the rules of intake have changed", slog.String("file", file))
	}
	for _, bad := range change.Bad {
		log.Error("a file has errors", slog.String("file", bad.File), slog.Any("first", bad.Problems[0]), slog.Bool("older_one_is_used", bad.Older))
	}
}
