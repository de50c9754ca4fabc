package sandbox

import (
	"encoding/json"
	"net/http"
)

// Handler serves both systems on one listener: EC2 at /ec2, ISM at /ism (so that http://ADDR/ism is
// an app_url), and the State as JSON at /state.
//
// A lost reply and a refused connection look the same here: the connection is closed without an
// answer. A server that was reached can no longer refuse the connection.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/ec2", s.EC2())
	mux.Handle("/ec2/", s.EC2())
	mux.Handle("/ism/", http.StripPrefix("/ism", s.ISM()))
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		_ = enc.Encode(s.State()) // an error means that the client has gone
	})
	return mux
}
