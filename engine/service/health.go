package service

import (
	"net/http"

	"errand/engine"
)

// A health says that the process answers.
type health struct {
	OK bool `json:"ok"`
}

// A readiness reports whether the service can start runs.
type readiness struct {
	Ready          bool   `json:"ready"`
	BadDefinitions int    `json:"bad_definitions"`  // definitions with problems; good older ones may be used instead
	Reason         string `json:"reason,omitempty"` // why it is not ready
}

// healthz answers as long as the process can.
func healthz(*Server, *call) (answer, error) {
	return answer{status: http.StatusOK, body: health{OK: true}}, nil
}

// readyz reports whether the service can start runs: its journal can be read, the home is no copy, it
// has a workflow, and it is not about to end.
func readyz(s *Server, c *call) (answer, error) {
	r := readiness{Ready: true, BadDefinitions: s.Workflows.Bad()}
	_, err := s.Runner.List(c.context(), engine.Query{Limit: 1})
	copied := false
	if adopter, ok := s.Runner.(engine.Adopter); ok && err == nil {
		copied, err = adopter.IsCopy(c.context())
	}
	switch {
	case s.isDraining():
		r.Reason = "the service is about to end"
	case err != nil:
		r.Reason = "the runs cannot be read"
	case copied:
		r.Reason = "the home is a copy of another one, and nobody has adopted it"
	case len(s.Workflows.Names()) == 0:
		r.Reason = "there is no workflow without problems"
	default:
		return answer{status: http.StatusOK, body: r}, nil
	}
	r.Ready = false
	return answer{status: http.StatusServiceUnavailable, body: r}, nil
}

func (s *Server) isDraining() bool {
	select {
	case <-s.draining:
		return true
	default:
		return false
	}
}
