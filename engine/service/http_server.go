package service

import (
	"log/slog"
	"net/http"
	"time"
)

// HTTPServer returns a server with limits for whatever clients send: they are slow, send too much, or
// send nothing. At the level debug, the log has each request. Event streams set their own limits for each write.
func HTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           logAccess(handler, log),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
