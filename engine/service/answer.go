package service

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
)

// answer writes what a route returned.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, a answer) {
	if a.status == 0 {
		return
	}
	maps.Copy(w.Header(), a.header)
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	if err := writeJSON(w, a.status, a.body); err != nil {
		s.Log.Debug("an answer was not taken", slog.String("route", r.Pattern), slog.Any("error", err))
	}
}

// writeJSON writes a body as JSON. It is encoded before the status is sent, so that what cannot be
// encoded never looks like a success.
func writeJSON(w http.ResponseWriter, status int, body any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err) // every body is data of ours
	}
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}
