package service

import (
	"net/http"
	"sync"
)

// streamPlaces are the places of open event streams. One token has at most half of them, so that a
// program that forgets its streams keeps nobody else from following a run.
type streamPlaces struct {
	all  int
	mu   sync.Mutex
	used int
	of   map[string]int // by the token's name
}

func newStreamPlaces(all int) *streamPlaces { return &streamPlaces{all: all, of: map[string]int{}} }

// each is how many places one token may have.
func (p *streamPlaces) each() int { return (p.all + 1) / 2 }

// take takes a place for a token. It returns a problem if there is none.
func (p *streamPlaces) take(token string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.of[token] >= p.each():
		return noPlace("the token " + token + " has too many event streams open")
	case p.used >= p.all:
		return noPlace("too many event streams are open")
	}
	p.used++
	p.of[token]++
	return nil
}

// leave gives a token's place back.
func (p *streamPlaces) leave(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	if p.of[token]--; p.of[token] == 0 {
		delete(p.of, token)
	}
}

func noPlace(detail string) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Code: "streams", Detail: detail, Hint: "try again later, or read the run: GET /v1/runs/{id}", retryAfter: retryLater}
}
