package credential

import (
	"context"
	"crypto/rand"

	"golang.org/x/crypto/argon2"

	"errand/engine/task"
)

// Passphrase is a key that is derived from a passphrase by Argon2id. The store's file contains the
// parameters.
type Passphrase struct {
	// Ask asks a person for the passphrase; nil means that nobody can be asked. Its error ends the
	// search for a key.
	Ask func(ctx context.Context, q Question) (task.Secret, error)

	// Cost is the cost of a new key; its salt is ignored. It defaults to 64 MiB, 3 passes and 4
	// lanes, the second recommendation of RFC 9106.
	Cost Stretch
}

// A Question is a request to a person for a passphrase.
type Question struct {
	Home string
	New  bool // the passphrase is new: ask twice
}

// A Stretch is the parameters of Argon2id by which a key is derived from a passphrase.
type Stretch struct {
	Salt    []byte `json:"salt"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // in KiB
	Threads uint8  `json:"threads"`
}

// minPassphrase is the least length of a new passphrase, in characters.
const minPassphrase = 12

// Name implements Source.
func (Passphrase) Name() string { return "a passphrase" }

// Key implements Source.
func (p Passphrase) Key(ctx context.Context, query KeyQuery) (Key, error) {
	switch {
	case query.Stretch == nil:
		return Key{}, &AbsentError{"the store has none"}
	case p.Ask == nil:
		return Key{}, &AbsentError{"nobody can be asked for it"}
	case !query.Stretch.inRange():
		return Key{}, unusableKeyError("the store's parameters for its passphrase are out of range", "the file was changed by something other than errand")
	}
	text, err := p.ask(ctx, Question{Home: query.Home})
	if err != nil {
		return Key{}, err
	}
	k := query.Stretch.key(text)
	if k.Fingerprint() != query.Fingerprint {
		return Key{}, &KeyError{Fault{"the passphrase is wrong", "check Caps Lock and the keyboard layout"}, KeyWrong}
	}
	return k, nil
}

// Make implements Maker: it asks for a new passphrase.
func (p Passphrase) Make(ctx context.Context, query KeyQuery) (Key, error) {
	if p.Ask == nil {
		return Key{}, unusableKeyError("nobody can be asked for a passphrase", "")
	}
	text, err := p.ask(ctx, Question{query.Home, true})
	if err != nil {
		return Key{}, err
	}
	if len([]rune(text.Reveal())) < minPassphrase {
		return Key{}, unusableKeyError("the passphrase is too short", "use at least 12 characters; five words are better")
	}
	s := p.Cost
	if s.Time == 0 {
		s = Stretch{Time: 3, Memory: 64 << 10, Threads: 4}
	}
	s.Salt = make([]byte, 16)
	_, _ = rand.Read(s.Salt) // never fails
	return s.key(text), nil
}

func (p Passphrase) ask(ctx context.Context, q Question) (task.Secret, error) {
	text, err := p.Ask(ctx, q)
	if err != nil {
		return text, unusableKeyError("no passphrase was given: "+err.Error(), "")
	}
	return text, nil
}

func (s Stretch) key(passphrase task.Secret) Key {
	b := argon2.IDKey([]byte(passphrase.Reveal()), s.Salt, s.Time, s.Memory, s.Threads, keySize)
	return Key{task.NewSecret(string(b)), &s}
}

// inRange reports whether the cost is bounded, since nothing in the file is verified yet: a minute
// and a gigabyte at most.
func (s Stretch) inRange() bool {
	return len(s.Salt) >= 8 && len(s.Salt) <= 64 && s.Time >= 1 && s.Time <= 16 && s.Memory >= 8 && s.Memory <= 1<<20 && s.Threads >= 1
}
