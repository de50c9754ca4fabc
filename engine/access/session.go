package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode"
)

// How long a session lasts.
const (
	SessionLasts = 12 * time.Hour // from its beginning
	SessionIdles = time.Hour      // from its last use
	SessionKept  = 24 * time.Hour // how long the store keeps a session that has ended or expired
)

// A Session is a browser that is signed in. It contains no secret: the browser's cookie has one, and
// the store has the hash of that.
type Session struct {
	ID        string // random; names the session to people
	Token     string // the name of the token that it was made with; empty if an identity provider signed the person in
	TokenHash Hash   // of the secret of that token, to find it again; zero without a token
	Holder    Token  // who acts: the token as it was at the beginning, or the rights that the identity provider gave
	Created   time.Time
	Seen      time.Time // its last use, as TouchSession was told
	Expires   time.Time
	Ended     time.Time // when the person signed out or an admin ended it; zero means that nobody did
	Agent     string    // the browser, for people: printable, at most 200 characters
}

// NewSession returns a session that begins at a time. It has an ID. The caller adds who acts in it.
// What does not print, and what is too long, is left out of agent.
func NewSession(agent string, at time.Time) Session {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	return Session{ID: hex.EncodeToString(random[:]), Created: at, Seen: at, Expires: at.Add(SessionLasts), Agent: shortAgent(agent)}
}

// longestAgent is the most characters of a Session's Agent.
const longestAgent = 200

func shortAgent(agent string) string {
	printable := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return -1
	}, agent)))
	return strings.TrimSpace(string(printable[:min(len(printable), longestAgent)]))
}

// IsValid reports whether the session can be used at a time. Its token is not asked.
func (s Session) IsValid(at time.Time) bool {
	return s.Ended.IsZero() && at.Before(s.Expires) && at.Sub(s.Seen) < SessionIdles
}

// NewSessionSecret returns a new secret of a session and its hash. The browser keeps the secret in a
// cookie, and nobody else stores it. It never has the form of a token's secret.
func NewSessionSecret() (secret string, h Hash) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails
	secret = sessionEncoding.EncodeToString(random[:])
	return secret, sha256.Sum256([]byte(secret))
}

// sessionEncoding encodes secrets of sessions. It accepts one text only for each secret, except that
// it ignores line breaks.
var sessionEncoding = base64.RawURLEncoding.Strict()

// SessionHashOf returns the hash of a text that has the form of a session's secret. ok is false if the
// text does not have it.
func SessionHashOf(secret string) (h Hash, ok bool) {
	raw, err := sessionEncoding.DecodeString(secret)
	if err != nil || len(raw) != 32 || len(secret) != sessionEncoding.EncodedLen(32) {
		return Hash{}, false
	}
	return sha256.Sum256([]byte(secret)), true
}

// ErrNoSession is returned if the store has no such session.
var ErrNoSession = errors.New("there is no such session")

// Sessions keeps the sessions of browsers. Wherever a method takes the present time, a session that is
// not valid then stays as it is.
type Sessions interface {
	SessionStore
	SessionUsage
	SessionEnder
}

// A SessionStore adds sessions and finds them.
type SessionStore interface {
	// AddSession adds a session with the hash of its secret. It also deletes the sessions that, when
	// this one was created, had ended or expired more than SessionKept before.
	AddSession(ctx context.Context, s Session, h Hash) error
	// FindSession returns the session with the hash of a secret, whether or not it is valid. Its error
	// is ErrNoSession or that of the store.
	FindSession(ctx context.Context, h Hash) (Session, error)
}

// A SessionUsage records which sessions are in use.
type SessionUsage interface {
	// TouchSession makes a time the last use of the session with an ID, unless the last use is later.
	// It is not an error if there is no such session. Each call waits for the disk, so one a minute
	// is enough.
	TouchSession(ctx context.Context, id string, at time.Time) error
	// Sessions returns the sessions that are valid at a time, in the order in which they were added.
	Sessions(ctx context.Context, at time.Time) ([]Session, error)
}

// A SessionEnder ends sessions.
type SessionEnder interface {
	// EndSession ends the session with an ID. Its error is ErrNoSession or that of the store.
	EndSession(ctx context.Context, id string, at time.Time) error
	// EndSessions ends the sessions that were made with the token of a name, and returns how many they
	// are. Those of identity providers have the empty name.
	EndSessions(ctx context.Context, token string, at time.Time) (ended int, err error)
}
