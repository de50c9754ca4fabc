package service

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"errand/engine/access"
)

// Break makes one route of a server answer differently: a fault put in on purpose.
func (s *Server) Break(action string, how func(w http.ResponseWriter, r *http.Request) (status int, body any)) error {
	for _, r := range s.routes {
		if r.action == action {
			r.handle = func(_ *Server, c *call) (answer, error) {
				status, body := how(c.write, c.http)
				return answer{status: status, body: body}, nil
			}
			return nil
		}
	}
	return errors.New("there is no route " + action)
}

// Admitted makes requests of one token at once, and returns how many are admitted.
func Admitted(r Rate, requests int) (admitted int) {
	l := newLimits(r)
	for range requests {
		if l.allow(access.Token{Name: "eager"}) == nil {
			admitted++
		}
	}
	return admitted
}

// Counted makes requests of as many tokens, one a second, and returns how many tokens are counted at
// the end.
func Counted(r Rate, tokens int) (int, error) {
	l := newLimits(r)
	for i := range tokens {
		if err := l.allow(access.Token{Name: strconv.Itoa(i)}); err != nil {
			return 0, err
		}
		time.Sleep(time.Second)
	}
	return len(l.of), nil
}
