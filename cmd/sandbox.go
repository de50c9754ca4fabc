package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"errand/tasks/sandbox"
)

type sandboxCommand struct {
	*terminal
	listen string
	world  string
}

func (c *sandboxCommand) describe() *cli.Command {
	return &cli.Command{
		Name:  "sandbox",
		Usage: "serve a simulated EC2 and ISM on loopback",
		Description: "errand sandbox --listen 127.0.0.1:8330\n" +
			"errand sandbox --world world.yaml\n" +
			"aws --endpoint-url http://127.0.0.1:8330/ec2 ec2 describe-instances",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:0", Usage: "listen on the loopback `ADDRESS`; port 0 takes a free port", Destination: &c.listen},
			worldFlag(&c.world),
		},
	}
}

func (c *sandboxCommand) run(ctx context.Context, a arguments) error {
	if err := a.none("--world FILE fills the sandbox"); err != nil {
		return err
	}
	box, err := newSandbox(c.terminal, c.world, time.Now)
	if err != nil {
		return err
	}
	listener, err := listenLoopback(ctx, c.listen)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	address := listener.Addr().String()
	base := "http://" + address
	fmt.Fprintf(c.stdout, "AWS_ENDPOINT_URL_EC2=%s/ec2\nERRAND_ISM_APP_URL=%s/ism\n", base, base)
	fmt.Fprintf(c.stderr, "serving EC2 and ISM until interrupted; any non-empty credentials are accepted; %s/ describes the sandbox\n", base)
	fmt.Fprintf(c.stderr, "the AWS CLI reaches it like this:\n  %s\n", awsCommand(address))
	box.Observe(func(e sandbox.Exchange) { fmt.Fprintf(c.stderr, "%s  %s  ->  %s\n", e.System, e.Request, e.Answer) })

	server := &http.Server{Handler: withPage(box.Handler()), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(last) // Serve returns anyway
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return &Exit{Code: ExitInternal, Message: err.Error()}
	}
	return nil
}

// listenLoopback refuses addresses that other machines can reach, because the sandbox accepts any
// credentials.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usage("--listen %q: expected HOST:PORT, such as 127.0.0.1:8330", address)
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, usage("--listen %q is not on loopback; the sandbox accepts any credentials, so it serves only this machine", address)
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, usage("--listen %q: expected a port from 0 to 65535", address)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, &Exit{Code: ExitUnreachable, Message: fmt.Sprintf("cannot listen on %s: %v", address, errors.Unwrap(err)), Hint: "another program may use the port; port 0 takes a free one"}
	}
	return listener, nil
}
