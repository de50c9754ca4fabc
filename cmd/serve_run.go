package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/catalog"
	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/schema"
	"errand/engine/service"
)

type serveCommand struct {
	homeFlags
	listen      string
	tlsCert     string
	tlsKey      string
	clientCA    string
	publicURL   string
	openid      string
	drain       time.Duration
	atWork      int
	queue       int
	rate        float64
	retain      string
	alerts      string
	logs        logFlags
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
		Flags: c.homeFlags.with(append([]cli.Flag{
			&cli.StringFlag{Name: "listen", Value: defaultListen, Usage: "listen on `ADDRESS`; port 0 takes a free port; other machines reach it only with TLS and tokens", Destination: &c.listen},
			&cli.StringFlag{Name: "tls-cert", Usage: "use the certificate in `FILE`; it is read again when it changes", Destination: &c.tlsCert},
			&cli.StringFlag{Name: "tls-key", Usage: "use the certificate's key in `FILE`", Destination: &c.tlsKey},
			&cli.StringFlag{Name: "client-ca", Usage: "accept only clients with a certificate of an authority in `FILE`, in addition to their token", Destination: &c.clientCA},
			&cli.StringFlag{Name: "public-url", Usage: "let run.url be the address of the run's page under `URL`, where people reach the service, such as https://errand.example.com", Destination: &c.publicURL},
			&cli.StringFlag{Name: "openid", Usage: "let people sign in to the console at the provider of OpenID Connect that `FILE` names; it needs --public-url", Destination: &c.openid},
			&cli.IntFlag{Name: "runs-at-work", Value: 50, Usage: "carry on at most `N` runs at once; a run that waits is not one of them", Destination: &c.atWork},
			&cli.IntFlag{Name: "queue", Value: 10_000, Usage: "start no run while `N` runs wait to be carried on", Destination: &c.queue},
			&cli.Float64Flag{Name: "rate", Usage: "let each token make at most `N` requests at once, and N a second in the long run; 0 means no limit", Destination: &c.rate},
			&cli.StringFlag{Name: "retain", Usage: "delete the records of runs that ended longer ago than `TIME`, such as 400d; without it, nothing is deleted", Destination: &c.retain},
			&cli.StringFlag{Name: "alerts", Usage: "send a signed message when a run waits for a person, with the secret and the URL of the credential `NAME` of webhook", Destination: &c.alerts},
			&cli.DurationFlag{Name: "drain", Value: 30 * time.Second, Usage: "when the process is asked to end, wait at most this `TIME` for calls that are under way", Destination: &c.drain},
		}, append(c.logs.flags(), c.definitions.flag())...)...),
	}
}

// check returns an error for flags that cannot be used, and brings --public-url into its form.
func (c *serveCommand) check(a arguments) (retain time.Duration, err error) {
	if len(a.names) > 0 {
		return 0, unknownCommand("serve ", a.names[0], serveCommands(c.homeFlags, c.homeFlags))
	}
	if c.retain != "" {
		if retain, err = schema.ParseDuration(c.retain); err != nil || retain <= 0 {
			return 0, usage("--retain %q: expected a time such as 400d", c.retain)
		}
	}
	if c.publicURL != "" {
		if c.publicURL, err = service.ParsePublicURL(c.publicURL); err != nil {
			return 0, &Exit{Code: ExitUsage, Message: "--public-url: " + err.Error(), Hint: "expected an address such as https://errand.example.com"}
		}
	}
	if err := c.listening().Check(); err != nil {
		return 0, err
	}
	switch {
	case c.drain < 0:
		return 0, usage("--drain %s: expected a time such as 30s", c.drain)
	case c.atWork < 1:
		return 0, usage("--runs-at-work %d: expected 1 or more", c.atWork)
	case c.queue < 1:
		return 0, usage("--queue %d: expected 1 or more", c.queue)
	case c.rate < 0:
		return 0, usage("--rate %g: expected 0 or more", c.rate)
	}
	return retain, nil
}

// gcPercent is how much garbage a service gathers, in percent of the memory in use. Each collection
// holds up the callers of those moments, and a service uses little memory.
const gcPercent = 200

func (c *serveCommand) run(ctx context.Context, a arguments) error {
	retain, err := c.check(a)
	if err != nil {
		return err
	}
	signIn, err := c.loadSignIn()
	if err != nil {
		return err
	}
	log, err := c.homeFlags.log(ctx, &c.logs)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if c.runner == nil {
		c.runner = home.LocalWithin(home.Limits{AtWork: c.atWork, Queue: c.queue})
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		flows, err := c.catalog(s, log)
		if err != nil {
			return err
		}
		parts := serviceParts{serveCommand: c, home: s, flows: flows, log: log, retain: retain, signIn: signIn}
		p, err := parts.process(ctx)
		if err != nil {
			return err
		}
		listener, err := c.open(ctx, s, log)
		if err != nil {
			return err
		}
		p.Listener = listener
		defer parts.close()
		return c.serve(ctx, p)
	})
}

// catalog loads the definitions, and shows what is wrong with them: as `errand check` does if the log
// is text, and else in the log.
func (c *serveCommand) catalog(s serviceHome, log *slog.Logger) (*catalog.Catalog, error) {
	flows := catalog.New(c.definitions.folder, s.Registry)
	change, err := flows.Load()
	if err != nil {
		return nil, definitionExit(err)
	}
	for _, bad := range change.Bad {
		if !c.logs.config(c.terminal).IsText() {
			logBad(log, bad)
			continue
		}
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
	tokens, err := s.tokens.Tokens(ctx)
	if err != nil {
		return nil, serviceExit(err)
	}
	now := time.Now()
	hasTokens := slices.ContainsFunc(tokens, func(t access.Token) bool { return t.IsValid(now) })
	if !hasTokens && c.openid == "" {
		log.Info(c.reword("there is no valid token; the service answers nobody before errand serve token add makes one"))
	}
	at := c.listening()
	at.HasTokens = hasTokens || c.openid != ""
	return at.Listen(ctx, log)
}

func (c *serveCommand) listening() Listening {
	return Listening{Address: c.listen, Standard: defaultListen, Cert: c.tlsCert, Key: c.tlsKey, ClientCA: c.clientCA}
}

// serve serves until the process is asked to end. A second request ends it at once.
func (c *serveCommand) serve(ctx context.Context, p *service.Process) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a signal has its usual effect
	fmt.Fprintln(c.stdout, c.listening().URL(p.Listener))
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
