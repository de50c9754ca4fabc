package ec2

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// terminatedShown is how long EC2 shows a terminated instance for certain. The documentation says
// about an hour. If an instance is not found sooner, it is for another reason.
const terminatedShown = 30 * time.Minute

// A changeNote is the note between the calls of a change. Its text is the state before the request
// until more is known; older programs wrote nothing else.
type changeNote struct {
	Before  string    `json:"before"`           // the state before the request
	Code    int       `json:"code"`             // and its number
	Refused time.Time `json:"refused,omitzero"` // since when EC2 refuses a request that it will accept later
	Wait    waitNote  `json:"wait,omitzero"`    // after EC2 accepted the request
}

func readChangeNote(text string) (n changeNote, err error) {
	if !strings.HasPrefix(text, "{") {
		return changeNote{Before: text, Code: codeOf(text)}, nil
	}
	if json.Unmarshal([]byte(text), &n) != nil {
		return n, badNote()
	}
	return n, nil
}

// refused returns what to do about a request that EC2 refused. EC2 accepts it later if the instance
// is in a state that passes, or if calls do not find the instance yet, which the first call found.
func (c change) refused(ctx context.Context, a *account, call task.Call, o order, note changeNote, refusal error) error {
	limit, why, throttled := waitLimit, "the instance is still ", false
	switch {
	case hasCode(refusal, notFound):
		limit, why = forgottenAfter, "EC2 does not find the instance"
	case hasCode(refusal, incorrectState) && c.passing != "":
		instance, err := a.look(ctx, o.id)
		f, failed := errors.AsType[*task.Failure](err)
		before, now := note.Before, stateOf(instance.State)
		switch {
		case failed && f.Transient:
			why, throttled = "the state cannot be read", f.Throttled
		case failed, now.State != c.passing && before != c.passing:
			return refusal
		default:
			note.Before, note.Code, why = now.State, now.Code, why+now.State
		}
	default:
		return refusal
	}
	if note.Refused.IsZero() {
		note.Refused = call.Now
	}
	rest := note.Refused.Add(limit).Sub(call.Now)
	if !call.Limited && rest <= 0 {
		return afterWaiting(refusal, limit, why)
	}
	after := pause(note.Wait.Looks)
	if !call.Limited {
		after = min(after, rest)
	}
	note.Wait.Looks++
	return &task.Again{After: after, Note: noteText(note), Throttled: throttled}
}

// afterWaiting adds to a refusal how long the task has waited.
func afterWaiting(refusal error, limit time.Duration, why string) error {
	f, ok := errors.AsType[*task.Failure](refusal)
	if !ok {
		return refusal
	}
	told := *f
	told.Message += "; after " + schema.FormatDuration(limit) + " " + why
	return &told
}

// wait returns what to wait for after EC2 accepted the request, with the state before it.
func (c change) wait(o order, before string) wait {
	w := wait{what: c.what, goal: o.waitFor, before: before, via: c.aim, ends: c.ends}
	if o.waitFor == ready {
		w.goal, w.ready = "running", true
	}
	return w
}

// accept returns the output of a request that EC2 accepted, or asks for the looks that wait for a
// state.
func (c change) accept(call task.Call, o order, out changeOutput) (changeOutput, error) {
	if waits := o.waitFor != "" && o.waitFor != accepted; !waits || out.State == o.waitFor {
		return out, nil
	}
	note := changeNote{Before: out.Previous, Code: out.PreviousCode, Wait: waitNote{Since: call.Now, State: out.State}}
	return changeOutput{}, c.callAgain(o, note, c.wait(o, note.Before).again(call, &note.Wait, 0, ""))
}

// await looks at the instance once, and returns the output if the wait is over.
func (c change) await(ctx context.Context, a *account, call task.Call, o order, note changeNote) (changeOutput, error) {
	instance, err := c.wait(o, note.Before).look(ctx, a, call, o.id, &note.Wait)
	if err != nil {
		return changeOutput{}, c.callAgain(o, note, err)
	}
	out := c.output(o, stateOf(instance.State), previousState{note.Before, note.Code})
	out.checked = o.waitFor == ready
	return out, nil
}

// callAgain completes the Again of a wait with the note and with the outputs that are known. It
// returns any other error unchanged.
func (c change) callAgain(o order, note changeNote, err error) error {
	again, ok := errors.AsType[*task.Again](err)
	if !ok {
		return err
	}
	state := cmp.Or(note.Wait.State, note.Before)
	again.Note, again.Settled = noteText(note), true
	known := c.output(o, currentState{state, codeOf(state)}, previousState{note.Before, note.Code})
	known.accepted = c.what
	again.Output = task.AllKnown(known)
	return again
}
