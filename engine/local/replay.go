package local

import (
	"errors"
	"fmt"
	"slices"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// A replayed run is one whose record was interpreted up to its end, with nothing done.
type replayed struct {
	run       journal.Run
	program   *program.Program
	result    engine.Result
	all       []journal.Entry
	entries   []journal.Numbered // in force
	questions []engine.Question  // what is open for a person to decide, in the order of the steps
	branches  map[string]string  // the step of a question → the branch that asks it
	course    *engine.Course
	message   func(step string) *journal.Message // what a person decided that the run has not taken up
	round     func(step string) int              // of the step's present question
}

// replayRun loads a run and replays it. Its errors are journal.ErrNotFound, the journal's, or a
// *journal.DamageError if the run cannot be replayed; then the run is set all the same.
func (r *Runner) replayRun(id string, w *watcher) (replayed, error) {
	run, entries, err := r.Journal.Load(background, id)
	if err != nil {
		return replayed{run: run}, err
	}
	p, err := r.program(run)
	if err != nil {
		return replayed{run: run}, &journal.DamageError{Run: id, Reason: err.Error()}
	}
	inbox, err := r.Journal.Messages(background, id)
	if err != nil {
		return replayed{run: run}, err
	}
	return r.replayWith(run, entries, inbox, p, w)
}

// replay interprets a program against entries, and stops after the last of them.
func (r *Runner) replay(run journal.Run, entries []journal.Entry, p *program.Program, w *watcher) (replayed, error) {
	return r.replayWith(run, entries, nil, p, w)
}

// replayWith is replay. A question that the inbox answers is not open any more.
func (r *Runner) replayWith(run journal.Run, entries []journal.Entry, inbox []journal.Message, p *program.Program, w *watcher) (replayed, error) {
	v := replayed{run: run, program: p, all: entries}
	inputs, err := decodeInputs(run, p)
	if err != nil {
		return v, err
	}
	h := newHost(r, run, entries, p)
	h.watch, h.inbox = w, inbox
	v.result, err = h.interpret(p, inputs)
	v.message, v.round = h.message, h.questionRound
	v.entries, v.course, v.questions, v.branches = h.force, &h.course, h.asks, h.places
	place := func(q engine.Question) int {
		return slices.IndexFunc(v.result.Steps, func(s engine.StepResult) bool { return s.ID == q.Step })
	}
	slices.SortFunc(v.questions, func(a, b engine.Question) int { return place(a) - place(b) })
	return v, h.damage(err)
}

// decodeInputs decodes the inputs of a run. Its error is a *journal.DamageError.
func decodeInputs(run journal.Run, p *program.Program) (map[string]any, error) {
	inputs, err := p.Inputs.Decode(run.Inputs)
	if err != nil {
		return nil, &journal.DamageError{Run: run.ID, Reason: "its inputs do not fit its definition: " + err.Error()}
	}
	return inputs.(map[string]any), nil
}

// damage returns why a replay that ended with an error has not come to the end of the record, or
// nil if it has.
func (h *host) damage(err error) error {
	switch {
	case err == nil && h.consumed < len(h.force):
		err = &poisonError{fmt.Sprintf("it ends before its entry %d", h.consumed)}
	case errors.Is(err, errLooking), errors.Is(err, engine.ErrUndecided):
		err = nil
	}
	if err != nil {
		return &journal.DamageError{Run: h.run.ID, Reason: err.Error()}
	}
	return nil
}

// evidence is what is on record about a step that is uncertain, or nil.
func (v replayed) evidence(q engine.Question) *engine.Evidence {
	sent := -1
	for i, e := range v.entries {
		if e.Kind == journal.Intent && e.Step == q.Step {
			sent = i
		}
	}
	if q.Failure == nil || sent < 0 {
		return nil
	}
	call := v.entries[sent].Call
	found := &engine.Evidence{Task: call.Type, Sent: v.entries[sent].At, Attempt: call.Attempt, Input: call.Input, Key: call.Key()}
	for _, e := range v.entries[sent+1:] {
		switch {
		case e.Kind == journal.Resumed:
			found.Since = append(found.Since, engine.Sign{At: e.At, Process: e.Process, Before: e.Before})
		case e.Kind == journal.Replied && e.Step == q.Step && e.Reply.Failure != nil:
			found.Since = append(found.Since, engine.Sign{At: e.At, Failure: e.Reply.Failure})
		}
	}
	return found
}

// history replays a run once for each of its rounds, and returns all of its events in their order.
// What a retry has replaced is among them, unless it was done with a definition that is not kept.
func (r *Runner) history(run journal.Run, entries []journal.Entry) ([]engine.Event, error) {
	inbox, err := r.Journal.Messages(background, run.ID)
	if err != nil {
		return nil, err
	}
	var all []engine.Placed
	w := &watcher{tell: func(p engine.Placed) { all = append(all, p) }}
	r.rounds(run, entries, inbox, w)
	p, err := r.program(run)
	if err != nil {
		return nil, &journal.DamageError{Run: run.ID, Reason: err.Error()}
	}
	w.told = toldPlaces{}
	_, err = r.replayWith(run, entries, inbox, p, w)
	return engine.Number(all), err
}

// rounds replays the rounds of a run before the last one. A round that was done with a definition
// that is not kept has nothing but its retry.
func (r *Runner) rounds(run journal.Run, entries []journal.Entry, inbox []journal.Message, w *watcher) (rounds []engine.Round) {
	digests := roundDigests(run, entries)
	for i, e := range entries {
		if e.Kind != journal.Retried {
			continue
		}
		var seen replayed
		if p := r.keptProgram(run, digests[0]); p != nil {
			if w != nil {
				w.told = toldPlaces{}
			}
			seen, _ = r.replayWith(run, entries[:i], inbox, p, w) // a damaged round is shown as far as it goes
		}
		rounds = append(rounds, engine.NewRound(seen.result, e.At, e.Person(), e.Step))
		digests = digests[1:]
	}
	return rounds
}

// roundDigests returns the digest of the definition that each round of a run was done with, the
// first round first; "" if it is not known.
func roundDigests(run journal.Run, entries []journal.Entry) []string {
	digests := []string{run.Digest}
	for _, e := range slices.Backward(entries) {
		switch {
		case e.Kind != journal.Retried:
		case e.Digest != "":
			digests = append(digests, e.Replaced)
		default:
			digests = append(digests, digests[len(digests)-1])
		}
	}
	slices.Reverse(digests)
	return digests
}

// keptProgram is the definition with a digest, compiled, or nil if it is not kept.
func (r *Runner) keptProgram(run journal.Run, digest string) *program.Program {
	if digest == "" {
		return nil
	}
	source := run.Source
	if digest != run.Digest {
		var err error
		if source, err = r.Journal.Definition(background, digest); err != nil {
			return nil
		}
	}
	p, err := r.compile(run.File, source, digest)
	if err != nil {
		return nil
	}
	return p
}
