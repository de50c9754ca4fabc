package openid

import (
	"crypto/rand"
	"crypto/subtle"
	"maps"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// An Attempt is a sign-in that has begun. Whoever can read it and the provider's answer can finish
// it, so it belongs in a sealed cookie of the browser in which it began, and nowhere else.
type Attempt struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Begun    time.Time `json:"begun_at"`
}

const (
	attemptLife = 10 * time.Minute // how long an attempt can be finished
	skew        = time.Minute      // how far two clocks may differ
	maxUsed     = 10_000           // the attempts that a Provider remembers
)

func newAttempt(now time.Time) Attempt {
	return Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Begun: now}
}

// check returns an error if the attempt cannot be finished, or if a query is not the answer to it.
func (a Attempt) check(now time.Time, query url.Values) *RefusedError {
	age := now.Sub(a.Begun)
	switch {
	case a.State == "" || a.Nonce == "" || a.Verifier == "":
		return refuseAttempt("this browser has begun no sign-in")
	case age > attemptLife || age < -skew:
		return refuseAttempt("this sign-in took longer than 10 minutes")
	case subtle.ConstantTimeCompare([]byte(single(query, "state")), []byte(a.State)) != 1:
		return refuseAttempt("this answer of the provider belongs to another sign-in")
	}
	return nil
}

func refuseAttempt(message string) *RefusedError {
	return &RefusedError{Code: CodeAttempt, Message: message + "; sign in again"}
}

// single returns the value of a parameter that a query has once. It returns "" for any other.
func single(query url.Values, name string) string {
	if values := query[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// A usedStates remembers the attempts that were finished, as long as they are young enough to be
// finished again. After a restart, and beyond maxUsed attempts, it has forgotten some; then only the
// provider refuses the second use of a code.
type usedStates struct {
	mu    sync.Mutex
	begun map[string]time.Time // by state
}

// add adds an attempt and reports whether it is new.
func (u *usedStates) add(a Attempt, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, used := u.begun[a.State]; used {
		return false
	}
	maps.DeleteFunc(u.begun, func(_ string, begun time.Time) bool { return now.Sub(begun) > attemptLife })
	for state := range u.begun {
		if len(u.begun) < maxUsed {
			break
		}
		delete(u.begun, state)
	}
	if u.begun == nil {
		u.begun = map[string]time.Time{}
	}
	u.begun[a.State] = a.Begun
	return true
}
