package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"errand/cmd"
	"errand/engine/access"
	"errand/engine/service"
	"errand/engine/temporal"
)

// codecSettings are the flags of codec.
type codecSettings struct {
	at     cmd.Listening
	origin string
}

const defaultCodec = "127.0.0.1:8332"

// codecCommand serves the codec for Temporal's page.
func codecCommand(s *settings) cmd.Extra {
	return cmd.Extra{
		Name:     "codec",
		Usage:    "let Temporal's page and command line show what is encrypted, to those who have a token",
		Examples: name + " codec --origin https://temporal.example.com",
		Logs:     true,
		Flags: []cmd.Flag{
			{Name: "listen", Usage: "listen on `ADDRESS`; port 0 takes a free port; other machines reach it only with TLS", To: &s.codec.at.Address, Default: defaultCodec},
			{Name: "origin", Usage: "the page of Temporal is at `URL`, such as https://temporal.example.com; without it, no page can use the codec", To: &s.codec.origin},
			{Name: "tls-cert", Usage: "use the certificate in `FILE`; it is read again when it changes", To: &s.codec.at.Cert},
			{Name: "tls-key", Usage: "use the certificate's key in `FILE`", To: &s.codec.at.Key},
		},
		Run: func(ctx context.Context, u *cmd.Use) error {
			if err := s.codec.check(); err != nil {
				return err
			}
			s.codec.at.Standard = defaultCodec
			return serveCodec(ctx, s.codec, u)
		},
	}
}

func (c codecSettings) check() error {
	if err := c.at.Check(); err != nil {
		return err
	}
	if c.origin == "" {
		return nil
	}
	at, err := url.Parse(c.origin)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || c.origin != at.Scheme+"://"+at.Host {
		return cmd.Usagef("--origin %q: expected an origin such as https://temporal.example.com", c.origin)
	}
	return nil
}

// serveCodec answers until ctx ends.
func serveCodec(ctx context.Context, c codecSettings, u *cmd.Use) error {
	codec, err := temporal.OpenCodec(ctx, u.Home.Credentials)
	if err != nil {
		return err
	}
	o, err := u.OpenJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	all, err := o.Tokens().Tokens(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	has := slices.ContainsFunc(all, func(t access.Token) bool { return t.IsValid(now) && mayDecode(t) })
	if !has {
		u.Log.Info("no valid token has the role operator, approver or admin, so the codec answers nobody; " + name + " serve token add --help explains how to make one")
	}
	c.at.HasTokens = has
	listener, err := c.at.Listen(ctx, u.Log)
	if err != nil {
		return err
	}
	server := service.HTTPServer(codec.Endpoint(c.origin, gate{o.Tokens()}), u.Log)
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintln(u.Stdout, c.at.URL(listener))
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
