package service

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// An asked request is what the log says about one. Its address is not in it: the query has cursors,
// and a path has what the caller likes.
type asked struct {
	route *route // nil: there is none
	token string // the name of the token; "" if there is no valid one
}

// askedKey is the key of a request's *asked in its context.
type askedKey struct{}

// askedIn returns what the log says about a request, for the server to fill in.
func askedIn(ctx context.Context) *asked {
	if a, ok := ctx.Value(askedKey{}).(*asked); ok {
		return a
	}
	return &asked{}
}

// logAccess logs each request at the level debug, when it has been answered.
func logAccess(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !log.Enabled(r.Context(), slog.LevelDebug) {
			next.ServeHTTP(w, r)
			return
		}
		began, a, watched := time.Now(), &asked{}, NewWriter(w)
		defer func() { // also if the handler panics
			attributes := []slog.Attr{slog.String("method", methodOf(r)), slog.String("route", a.pattern()), slog.Int("status", watched.status), slog.Duration("took", time.Since(began))}
			if a.token != "" {
				attributes = append(attributes, slog.String("token", a.token))
			}
			log.LogAttrs(r.Context(), slog.LevelDebug, "a request was answered", attributes...)
		}()
		next.ServeHTTP(watched, r.WithContext(context.WithValue(r.Context(), askedKey{}, a)))
	})
}

// methodOf returns the method of a request, if a route may have it: another one is whatever the caller
// sends.
func methodOf(r *http.Request) string {
	if r.Method == http.MethodHead || slices.Contains(methods, r.Method) {
		return r.Method
	}
	return "other"
}

func (a *asked) pattern() string {
	if a.route == nil {
		return "none"
	}
	return a.route.pattern
}
