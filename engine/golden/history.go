package golden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"errand/engine"
)

// A Past is what a definition would make of a run on record.
type Past struct {
	Run     string
	Request string
	Fate    PastFate
	Where   string // the step at which it goes another way, or what keeps it from being compared
	Was, Is string // what the step did and would do; what it was and would be given
}

// A PastFate says how a run would go with another definition.
type PastFate string

// The fates of runs.
const (
	AsBefore     PastFate = "as before"
	OtherData    PastFate = "other data" // the same steps, and one is given something else
	OtherPath    PastFate = "another path"
	Incomparable PastFate = "not comparable"
)

// Against replays a run on record with another definition, offline: what a system answered a step it answers that step again. The
// definition is a text as a file holds it.
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
		past.Where = "it does not go its own act again: " + before.Wrong[0]
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

// compare finds the first step that does something else, or else the first that is given something else.
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

// A way is one thing that a step did.
type act struct{ step, did, given string }

// String is the way as a clause.
func (w act) String() string {
	if w.step == "" {
		return "nothing more"
	}
	return w.step + " " + w.did
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

// String is the past on one line.
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
