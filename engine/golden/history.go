package golden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"errand/engine"
)

// A Past says how a run on record would go with another definition.
type Past struct {
	Run     string
	Request string
	Fate    PastFate
	Where   string // the step with the first difference, or why the run cannot be compared
	Was, Is string // what the step did and would do, or its input and the input it would have
}

// A PastFate says how a run would go with another definition.
type PastFate string

// The fates of runs.
const (
	AsBefore     PastFate = "as before"
	OtherData    PastFate = "other data" // the same steps, one of them with another input
	OtherPath    PastFate = "another path"
	Incomparable PastFate = "not comparable"
)

// Against runs a run on record again with another definition, without the systems: each step gets
// the replies on record for it. text is the content of a definition file.
func (b Bench) Against(ctx context.Context, record engine.Record, file string, text []byte) Past {
	past := Past{Run: record.Run, Request: record.Request, Fate: Incomparable}
	c, err := recorded(record)
	if err != nil {
		past.Where = err.Error()
		return past
	}
	b.Definition = record.Definition
	before, err := b.Run(ctx, c)
	if err != nil {
		past.Where = err.Error()
		return past
	}
	if len(before.Wrong) > 0 {
		past.Where = "with its own definition, the run takes another path: " + before.Wrong[0]
		return past
	}
	b.Definition, b.beside = text, file
	after, err := b.Run(ctx, c)
	if _, problems := errors.AsType[*DefinitionError](err); err != nil && !problems {
		past.Fate, past.Where, past.Was, past.Is = OtherPath, "its inputs", "accepted", strings.TrimPrefix(err.Error(), c.File+":")
		return past
	}
	if err != nil {
		past.Where = err.Error()
		return past
	}
	past.compare(before.Events, after.Events)
	return past
}

// compare finds the first step that acts differently, or else the first that has another input.
func (p *Past) compare(before, after []engine.Event) {
	p.Fate = AsBefore
	was, is := acts(before), acts(after)
	for i := range max(len(was), len(is)) {
		var a, b act
		if i < len(was) {
			a = was[i]
		}
		if i < len(is) {
			b = is[i]
		}
		if a.step != b.step || a.did != b.did {
			p.Fate, p.Where, p.Was, p.Is = OtherPath, cmp.Or(a.step, b.step), a.String(), b.String()
			return
		}
		if a.given != b.given && p.Fate == AsBefore {
			p.Fate, p.Where, p.Was, p.Is = OtherData, a.step, a.given, b.given
		}
	}
}

// An act is one thing that a step did.
type act struct{ step, did, given string }

// String returns the act as a clause.
func (a act) String() string {
	if a.step == "" {
		return "nothing more"
	}
	return a.step + " " + a.did
}

func acts(events []engine.Event) []act {
	var all []act
	for _, e := range events {
		step := e.Step
		if step == "" {
			step = "the run"
		}
		switch e.Kind {
		case engine.EventStepStarted:
			given := string(e.Input)
			if e.Task == "" {
				given = e.Summary()
			}
			all = append(all, act{step, "is run", given})
		case engine.EventStepSkipped:
			all = append(all, act{step: step, did: "is skipped"})
		case engine.EventStepFailed:
			all = append(all, act{step: step, did: "fails: " + e.Failure.Code, given: e.Failure.Message})
		case engine.EventHandlerBegins:
			all = append(all, act{step: step, did: "begins its " + string(e.Handler)})
		case engine.EventRunEnded:
			all = append(all, act{step: step, did: "is " + string(e.Status)})
		}
	}
	return all
}

// String returns the past as one line.
func (p Past) String() string {
	switch p.Fate {
	case OtherPath:
		return fmt.Sprintf("another path: %s before, now %s", p.Was, p.Is)
	case OtherData:
		return fmt.Sprintf("other data at %s: %s before, now %s", p.Where, p.Was, p.Is)
	case Incomparable:
		return "not comparable: " + p.Where
	}
	return string(p.Fate)
}
