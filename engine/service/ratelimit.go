package service

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"errand/engine/access"
)

// A Rate is how many requests each token may make. The zero Rate has no limit.
type Rate struct {
	PerSecond float64
	Burst     int // how many requests may come at once; 0 means one second's, and at least one
}

// limits count the requests of each token. Only valid tokens are counted, so the number of them
// bounds the memory: whoever has none cannot fill it.
type limits struct {
	Rate
	mu sync.Mutex
	of map[string]*rate.Limiter // by the token's name

	denied  atomic.Uint64 // requests without a valid token
	limited atomic.Uint64 // requests of tokens that made too many
}

func newLimits(r Rate) *limits {
	if r.Burst == 0 {
		r.Burst = max(1, int(math.Ceil(r.PerSecond)))
	}
	return &limits{Rate: r, of: map[string]*rate.Limiter{}}
}

// admit returns the token of a request, unless it has none or the token has made too many.
func (s *Server) admit(r *http.Request) (access.Token, error) {
	t, err := s.authenticate(r)
	if errors.Is(err, errNoToken) {
		s.limits.denied.Add(1)
	}
	if err == nil {
		err = s.limits.allow(t)
	}
	return t, err
}

// mostCounted is how many tokens are counted. Of more, those that make no requests now are dropped,
// which changes nothing for them.
const mostCounted = 10_000

// allow returns a problem if a token has made too many requests.
func (l *limits) allow(t access.Token) error {
	if l.PerSecond <= 0 {
		return nil
	}
	now := time.Now()
	reservation := l.limiter(t.Name, now).ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	reservation.CancelAt(now)
	l.limited.Add(1)
	return &Problem{
		Status: http.StatusTooManyRequests, Code: "too_many_requests",
		Detail:     fmt.Sprintf("the token %s makes more than %g requests a second", t.Name, l.PerSecond),
		Hint:       "nothing was changed; send the same again after the time that Retry-After says",
		retryAfter: int(math.Ceil(wait.Seconds())),
	}
}

func (l *limits) limiter(token string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.of[token]
	if found == nil {
		if len(l.of) >= mostCounted {
			l.forget(now)
		}
		found = rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst)
		l.of[token] = found
	}
	return found
}

// forget drops the tokens that may make as many requests as one that has made none.
func (l *limits) forget(now time.Time) {
	for token, of := range l.of {
		if of.TokensAt(now) >= float64(l.Burst) {
			delete(l.of, token)
		}
	}
}

// Denied returns how many requests came without a valid token, and how many of valid tokens were one
// too many.
func (s *Server) Denied() (withoutToken, limited uint64) {
	return s.limits.denied.Load(), s.limits.limited.Load()
}
