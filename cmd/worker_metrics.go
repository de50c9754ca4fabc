package cmd

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"errand/engine/access"
	"errand/engine/metrics"
	"errand/engine/service"
)

// serveMetrics lets those read the figures of a worker who have a token with the role monitor, and
// everybody whether the process answers. It does nothing if no address is given. The caller must call
// stop.
func (u *Use) serveMetrics(ctx context.Context, l Listening, figures *metrics.Metrics) (stop func(), err error) {
	if l.Address == "" {
		return func() {}, nil
	}
	o, err := u.OpenJournal(ctx)
	if err != nil {
		return nil, err
	}
	tokens := o.Tokens()
	all, err := tokens.Tokens(ctx)
	if err != nil {
		_ = o.Close()
		return nil, serviceExit(err)
	}
	now := time.Now()
	l.HasTokens = slices.ContainsFunc(all, func(t access.Token) bool { return t.IsValid(now) && t.Has(access.Monitor) })
	listener, err := l.Listen(ctx, u.Log)
	if err != nil {
		_ = o.Close()
		return nil, err
	}
	exposition := figures.WorkerHandler()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	routes.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if t, ok := Bearer(r, tokens); !ok || !t.Has(access.Monitor) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "expected a token with the role monitor", http.StatusUnauthorized)
			return
		}
		exposition.ServeHTTP(w, r)
	})
	server := service.HTTPServer(routes, u.Log)
	fmt.Fprintln(u.Stdout, l.URL(listener))
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = server.Serve(listener) // it ends when the worker does
	}()
	return func() {
		_ = server.Close()
		<-over
		_ = o.Close()
	}, nil
}
