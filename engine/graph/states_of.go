package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/program"
)

// StatesOf returns the states of the steps of a run, for Inline. A step that the run has not reached
// has none. A step inside a loop has one box for all items: the worst state decides, and its words
// count, as in "failed 1 of 12", the items that the loop has reached. The steps of a called workflow
// have no boxes: the box of the call shows what they wait for. If the program of the run is unknown,
// there are no states.
func StatesOf(v engine.View) map[string]State {
	r := stateReader{
		waits: map[string]engine.Wait{}, questions: map[string]engine.Question{},
		boxes: map[program.Key][]stepState{}, inner: map[string][]State{},
	}
	for _, w := range v.Waits {
		if _, known := r.waits[w.Step]; !known {
			r.waits[w.Step] = w
		}
	}
	for _, q := range v.Questions {
		r.questions[q.Step] = q.Question
	}
	r.read(v)
	names := v.Program.KeyNames()
	states := make(map[string]State, len(r.boxes))
	for key, all := range r.boxes {
		states[string(key)] = together(all, names)
	}
	return states
}

// A stepState is the state of one step of a run.
type stepState struct {
	key string
	State
}

// A stateReader reads the states of a run's steps.
type stateReader struct {
	waits     map[string]engine.Wait // by step; "" for the whole run
	questions map[string]engine.Question
	boxes     map[program.Key][]stepState // by the key of the box, a pattern
	inner     map[string][]State          // by the key of a call: the states of the steps in the called workflow
}

// A drawn step is a step of the program, or of a called workflow, with the box that shows it.
type drawn struct {
	pattern program.Key
	box     program.Key // of the step, or of the call outside
	holds   bool        // the step holds others, which have boxes
}

// drawnSteps returns the steps of a program by the shape of their keys.
func drawnSteps(p *program.Program) map[program.Key][]drawn {
	all := map[program.Key][]drawn{}
	if p == nil {
		return all
	}
	var box program.Key
	for place := range p.AllPlaces() {
		if !slices.ContainsFunc(place.Around, isCalling) { // the steps that a step calls follow it
			box = place.Key
		}
		all[place.Key.Shape()] = append(all[place.Key.Shape()], drawn{place.Key, box, len(place.Lists()) > 0})
	}
	return all
}

// isCalling reports whether a step is inside the workflow that its parent calls, not in a handler of
// the parent.
func isCalling(around program.Parent) bool {
	return around.Callee() != nil && around.List == definition.InForm
}

func (r *stateReader) read(v engine.View) {
	steps := drawnSteps(v.Program)
	for _, s := range v.Steps {
		for _, d := range steps[program.Key(s.ID).Shape()] {
			items, ok := d.pattern.Match(program.Key(s.ID))
			if !ok {
				continue
			}
			state := r.state(s, d.holds)
			if d.pattern == d.box {
				r.boxes[d.box] = append(r.boxes[d.box], stepState{s.ID, state})
			} else if state.isOpen() {
				call := keyOf(d.box, items)
				r.inner[call] = append(r.inner[call], state)
			}
			break
		}
	}
	for _, all := range r.boxes {
		for i, s := range all {
			for _, inner := range r.inner[s.key] {
				if s.isOpen() && inner.rank() < all[i].rank() {
					all[i].State = inner
				}
			}
		}
	}
}

// keyOf returns the key that a pattern matches, with its first items.
func keyOf(pattern program.Key, items []int) string {
	key := string(pattern)
	for _, item := range items {
		key = strings.Replace(key, "[]", "["+strconv.Itoa(item)+"]", 1)
	}
	return key
}

// state returns the state of one step. A step that holds others does not wait itself: its steps do.
func (r *stateReader) state(s engine.StepResult, holds bool) State {
	message, _ := s.Outputs["result_message"].(string)
	switch s.Status {
	case engine.StepRunning:
		w, waits := r.waits[s.ID]
		if !waits && !holds {
			w, waits = r.waits[""]
		}
		if waits {
			return waiting(w)
		}
		return State{Kind: Running}
	case engine.StepWaiting:
		return State{Kind: Asks, Detail: r.questions[s.ID].Ask}
	case engine.StepUncertain:
		if f := r.questions[s.ID].Failure; f != nil {
			return State{Kind: Uncertain, Detail: f.Message}
		}
		return State{Kind: Uncertain}
	case engine.StepSucceeded:
		return State{Kind: Succeeded}
	case engine.StepFailed:
		return State{Kind: Failed, Detail: message}
	case engine.StepSkipped:
		return State{Kind: Skipped}
	case engine.StepCancelled:
		return State{Kind: Cancelled}
	}
	return State{}
}

// waiting returns the state of a step that waits.
func waiting(w engine.Wait) State {
	s := State{Kind: Waiting, Detail: w.Reason}
	switch w.For {
	case engine.WaitPoll:
		s.Word = "waiting to look again"
	case engine.WaitRetry:
		s.Word = "waiting to retry"
	case engine.WaitEvidence:
		s.Word = "waiting for evidence"
	case engine.WaitTurn:
		s.Word = "waiting for its turn"
	case engine.WaitProcess:
		s.Word = "waiting for a process"
	case engine.WaitPerson:
		s.Kind = Asks
	case engine.WaitAdoption:
		s.Kind, s.Word = Asks, "needs adoption"
	case engine.WaitTrouble:
		s.Kind, s.Word = Asks, "needs a repair"
	}
	return s
}

// isOpen reports whether the step has begun and has not ended.
func (s State) isOpen() bool {
	return s.Kind != "" && s.rank() <= slices.Index(kinds, Running) && s.Kind != Failed
}

// rank returns the place of the state among all kinds: the worst has the lowest.
func (s State) rank() int { return slices.Index(kinds, s.Kind) }

// together returns the state of a box that stands for several steps, such as one for each item.
func together(all []stepState, names program.KeyNames) State {
	worst := slices.MinFunc(all, func(a, b stepState) int { return cmp.Compare(a.rank(), b.rank()) })
	if len(all) == 1 {
		return worst.State
	}
	counts := map[StateKind]int{}
	for _, s := range all {
		counts[s.Kind]++
		if s.Kind == worst.Kind && s.Word != worst.Word {
			worst.Word = ""
		}
	}
	made := State{Kind: worst.Kind, Word: fmt.Sprintf("%s %d of %d", worst.word(), counts[worst.Kind], len(all))}
	var details []string
	if len(counts) > 1 {
		var each []string
		for _, k := range kinds {
			if counts[k] > 0 {
				each = append(each, fmt.Sprintf("%d %s", counts[k], k.Words()))
			}
		}
		details = append(details, strings.Join(each, ", "))
	}
	if worst.Detail != "" {
		details = append(details, names.Of(worst.key)+": "+worst.Detail)
	}
	made.Detail = strings.Join(details, "; ")
	return made
}
