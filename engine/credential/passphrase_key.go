package credential

import (
	"context"
	"crypto/rand"

	"golang.org/x/crypto/argon2"

	"errand/engine/task"
)

// Passphrase is a key that is made of a passphrase by Argon2id. The store's file holds how.
type Passphrase struct {
	// Ask gets the passphrase from a person; nil means that nobody is there. Its error ends the search for a key.
	Ask func(ctx context.Context, q Question) (task.Secret, error)

	Cost Stretch // for a new key, without its salt; zero: 64 MiB, 3 passes, 4 lanes, which is the second choice of RFC 9106
}

// A Question is what a person is asked for.
type Question struct {
	Home string
	New  bool // a new passphrase, which should be asked for twice
}

// A Stretch is how a key is made of a passphrase: the parameters of Argon2id.
type Stretch struct {
	Salt    []byte `json:"salt"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // in KiB
	Threads uint8  `json:"threads"`
}

// shortest is how many characters a new passphrase has at least.
const shortest = 12

// Name implements Source.
func (Passphrase) Name() string { return "a passphrase" }

// Key implements Source.
func (p Passphrase) Key(ctx context.Context, lock Lock) (Key, error) {
	switch {
	case lock.Stretch == nil:
		return Key{}, &Absent{"the store has none"}
	case p.Ask == nil:
		return Key{}, &Absent{"nobody is here to type it"}
	case !lock.Stretch.sane():
		return Key{}, unusable("what the store says of its passphrase is not sane", "the file was changed by something else than errand")
	}
	text, err := p.ask(ctx, Question{Home: lock.Home})
	if err != nil {
		return Key{}, err
	}
	k := lock.Stretch.key(text)
	if k.Fingerprint() != lock.Fingerprint {
		return Key{}, &KeyError{Fault{"the passphrase is not right", "the letters may be in another case, or the keyboard in another layout"}, KeyWrong}
	}
	return k, nil
}

// Make implements Maker: it asks for a new passphrase.
func (p Passphrase) Make(ctx context.Context, lock Lock) (Key, error) {
	if p.Ask == nil {
		return Key{}, unusable("nobody is here to type a passphrase", "")
	}
	text, err := p.ask(ctx, Question{lock.Home, true})
	if err != nil {
		return Key{}, err
	}
	if len([]rune(text.Reveal())) < shortest {
		return Key{}, unusable("the passphrase is too short", "take 12 characters or more, better five words")
	}
	s := p.Cost
	if s.Time == 0 {
		s = Stretch{Time: 3, Memory: 64 << 10, Threads: 4}
	}
	s.Salt = make([]byte, 16)
	_, _ = rand.Read(s.Salt) // it never fails
	return s.key(text), nil
}

func (p Passphrase) ask(ctx context.Context, q Question) (task.Secret, error) {
	text, err := p.Ask(ctx, q)
	if err != nil {
		return text, unusable("no passphrase was given: "+err.Error(), "")
	}
	return text, nil
}

func (s Stretch) key(passphrase task.Secret) Key {
	b := argon2.IDKey([]byte(passphrase.Reveal()), s.Salt, s.Time, s.Memory, s.Threads, keySize)
	return Key{task.NewSecret(string(b)), &s}
}

// sane bounds what is done for a file of which nothing is proven yet: a minute and a gigabyte at most.
func (s Stretch) sane() bool {
	return len(s.Salt) >= 8 && len(s.Salt) <= 64 && s.Time >= 1 && s.Time <= 16 && s.Memory >= 8 && s.Memory <= 1<<20 && s.Threads >= 1
}
