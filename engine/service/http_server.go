package service

import (
	"log/slog"
	"net/http"
	"time"
)

// Limits of one connection. A client that sends or takes nothing for so long is given up.
const (
	headerPatience = 10 * time.Second // to send the headers of a request
	bodyPatience   = 30 * time.Second // to send all of a request
	answerPatience = 90 * time.Second // from the headers to the end of the answer; a desk may be read in between
	idlePatience   = 2 * time.Minute  // between two requests
	maxHeaders     = 32 << 10         // bytes
)

// HTTPServer returns the server on which a handler is served. An event stream is not bound to the
// times: see stream. At the level debug, the log has each request.
func HTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           logAccess(h, log),
		ReadHeaderTimeout: headerPatience, ReadTimeout: bodyPatience, WriteTimeout: answerPatience, IdleTimeout: idlePatience,
		MaxHeaderBytes:               maxHeaders,
		DisableGeneralOptionsHandler: true, // OPTIONS * asks for a token like everything else
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
