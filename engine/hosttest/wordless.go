package hosttest

import "errand/engine"

// Wordless wraps a host and replaces every text for people in its events by "x". A program that
// behaves otherwise on it reads texts where it should read data.
func Wordless(h engine.Host) engine.Host { return wordless{h} }

type wordless struct{ engine.Host }

// Emit passes the event on without its texts.
func (w wordless) Emit(e engine.Event) { w.Host.Emit(WithoutTexts(e)) }

// Fork wraps the hosts of the branches.
func (w wordless) Fork(n int, branch func(i int, h engine.Host) error) error {
	return w.Host.Fork(n, func(i int, h engine.Host) error { return branch(i, wordless{h}) })
}

// WithoutTexts returns an event whose texts for people are "x".
func WithoutTexts(e engine.Event) engine.Event {
	for _, text := range []*string{&e.Name, &e.Message, &e.Ask, &e.Process} {
		blank(text)
	}
	if e.Case != nil {
		chosen := *e.Case
		blank(&chosen.If)
		e.Case = &chosen
	}
	if e.Failure != nil {
		failure := *e.Failure
		blank(&failure.Message)
		e.Failure = &failure
	}
	if e.Before != nil {
		before := *e.Before
		blank(&before.Process)
		blank(&before.Reason)
		e.Before = &before
	}
	return e
}

func blank(text *string) {
	if *text != "" {
		*text = "x"
	}
}
