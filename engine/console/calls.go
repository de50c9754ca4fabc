package console

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// stepCalls are what a step sent and what it got, for the evidence of a run.
type stepCalls struct {
	engine.StepResult
	State  state
	Anchor string // the id of its part of the page
	Calls  []sent
	Others int // calls that are not shown
}

// A sent call is one request of a step to another system, with its answer. A call that only reads has no
// request on record.
type sent struct {
	Number  int // of the call in its run; it names the whole texts
	At      time.Time
	Answer  time.Time // zero: no answer is on record
	Attempt int
	Key     string
	Input   json.RawMessage
	Recover bool // the call looked whether an earlier one took effect
	Words   string
	Output  json.RawMessage
	Looks   int // how many answers of this kind stand for this one
	Details []task.Detail
	Bad     bool
}

// mostCalls is how many calls of one step a page shows: the first ones and the last.
const mostCalls = 12

// callsOf returns the calls of a run, by step.
func callsOf(moments []engine.Moment) map[string][]sent {
	calls := map[string][]sent{}
	open := map[string]int{} // by step: the index of the call without an answer, plus 1
	number := 0
	for _, m := range moments {
		of := calls[m.Step]
		switch {
		case m.Call != nil:
			number++
			of = append(of, sent{Number: number, At: m.At, Attempt: m.Call.Attempt, Key: m.Call.Key(), Input: m.Call.Input, Recover: m.Call.Recover})
			open[m.Step] = len(of)
		case m.Reply != nil:
			at := open[m.Step] - 1
			if at < 0 { // a call that only reads
				number++
				of = append(of, sent{Number: number, At: m.At})
				at = len(of) - 1
			}
			of[at].answer(m)
			open[m.Step] = 0
		}
		calls[m.Step] = of
	}
	return calls
}

// stepsOf returns the steps of a run with their calls.
func stepsOf(v engine.View, moments []engine.Moment) []stepCalls {
	calls := callsOf(moments)
	steps := make([]stepCalls, len(v.Steps))
	for i, s := range v.Steps {
		of := foldLooks(calls[s.ID])
		steps[i] = stepCalls{StepResult: s, State: stateOf(string(s.Status)), Anchor: "step-" + strconv.Itoa(i+1), Calls: of}
		if more := len(of) - mostCalls; more > 0 {
			steps[i].Calls = append(slices.Clone(of[:mostCalls/2]), of[len(of)-mostCalls/2:]...)
			steps[i].Others = more
		}
	}
	return steps
}

// answer adds the answer of a call.
func (s *sent) answer(m engine.Moment) {
	s.Answer, s.Looks = m.At, m.Reply.Looks+1
	switch r := m.Reply; {
	case r.Failure != nil:
		s.Words, s.Bad, s.Details = r.Failure.Error(), true, r.Failure.Details
		if r.Failure.Unknown {
			s.Words += " (it may have taken effect)"
		}
	case r.Again != nil && r.Again.Absent:
		s.Words = "looked, and found no effect"
	case r.Again != nil && r.Again.Settled:
		s.Words = "accepted; not done yet"
	case r.Again != nil:
		s.Words = "not done yet"
	default:
		s.Words, s.Output = "done", r.Output
	}
}

// foldLooks joins the reads that follow each other and found nothing new.
func foldLooks(all []sent) []sent {
	var folded []sent
	for _, s := range all {
		last := len(folded) - 1
		if last >= 0 && s.Key == "" && folded[last].Key == "" && s.Words == folded[last].Words && s.Output == nil {
			folded[last].Looks += s.Looks
			folded[last].Answer = s.Answer
			continue
		}
		folded = append(folded, s)
	}
	return folded
}
