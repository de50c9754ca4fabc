package service

import "net/http"

// showMetrics lets the handler of the metrics answer.
func showMetrics(s *Server, c *call) (answer, error) {
	if s.Metrics == nil {
		return answer{}, &Problem{Status: http.StatusNotFound, Code: "no_metrics", Detail: "this service has no metrics"}
	}
	s.Metrics.ServeHTTP(c.write, c.http)
	return answer{}, nil
}
