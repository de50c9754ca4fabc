package ec2

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/schema"
	"errand/engine/task"
)

// waitFor is the parameter that says until when a change waits.
const waitFor = "wait_for"

// Values of wait_for. Every other value is the state to wait for.
const (
	accepted = "accepted" // EC2 accepted the request
	ready    = "ready"    // the instance runs, and its status checks have passed
)

const (
	// waitLimit is how long a task waits if its step has no time-out.
	waitLimit = 10 * time.Minute

	// staleFor is how long after a request a look may still show the state before it.
	staleFor = 20 * time.Second

	// forgottenAfter is how long EC2 does not find an instance whose termination it accepted until
	// the instance counts as terminated.
	forgottenAfter = 5 * time.Minute

	// rebootPause is the time between the looks after a reboot. Status checks stay "ok" for a while
	// when an instance reboots, so they count only if two looks show them.
	rebootPause = 10 * time.Second
)

// A wait looks at an instance until it is in a state. EC2 has accepted the request that leads there,
// so a look that fails is repeated as a look, and the request is not sent again.
type wait struct {
	what   string   // the request, in messages: "start"
	goal   string   // the state to reach
	before string   // the state before the request, or ""
	via    []string // the states on the way
	ready  bool     // the status checks must have passed, too
	reboot bool     // the request was a reboot
	ends   bool     // the request terminates the instance, which EC2 then forgets
}

// A waitNote is what a wait remembers between its looks.
type waitNote struct {
	Since   time.Time `json:"since,omitzero"`   // when EC2 accepted the request
	State   string    `json:"state,omitempty"`  // the last state that is known
	Looks   int       `json:"looks,omitempty"`  // how often the task has looked
	Moved   bool      `json:"moved,omitempty"`  // a look has shown a state on the way
	Passed  bool      `json:"passed,omitempty"` // the last look showed that the status checks have passed
	Missing time.Time `json:"missing,omitzero"` // since when EC2 does not find the instance
}

// look returns the instance in the state that the wait aims at. Its error is an *task.Again without
// a note if the instance is not there yet.
func (w wait) look(ctx context.Context, a *account, call task.Call, id string, n *waitNote) (types.Instance, error) {
	if n.Since.IsZero() {
		n.Since = call.Now
	}
	instance, err := a.look(ctx, id)
	switch {
	case hasCode(err, notFound):
		return w.missing(call, id, n)
	case err != nil:
		return instance, w.failed(call, n, err)
	}
	n.Missing, n.State = time.Time{}, stateOf(instance.State).State
	switch {
	case n.State == w.goal && w.ready:
		return instance, w.check(ctx, a, call, id, n)
	case n.State == w.goal:
		return instance, nil
	case slices.Contains(w.via, n.State):
		n.Moved = true
	case n.State == w.before && !n.Moved && call.Now.Sub(n.Since) < staleFor:
	default:
		return instance, w.wrongWay(instance)
	}
	return instance, w.again(call, n, 0, "the instance is still "+n.State)
}

// missing continues although EC2 does not find the instance. EC2 accepted a request for it, so it
// exists, and calls may still not find it for a while.
func (w wait) missing(call task.Call, id string, n *waitNote) (types.Instance, error) {
	if n.Missing.IsZero() {
		n.Missing = call.Now
	}
	if w.ends && call.Now.Sub(n.Missing) >= forgottenAfter {
		gone := types.InstanceState{Name: types.InstanceStateNameTerminated, Code: aws.Int32(int32(codeOf("terminated")))}
		return types.Instance{InstanceId: &id, State: &gone}, nil
	}
	return types.Instance{}, w.again(call, n, 0, "EC2 does not find the instance")
}

// check reads the status checks of a running instance. It returns nil if they have passed.
func (w wait) check(ctx context.Context, a *account, call task.Call, id string, n *waitNote) error {
	status, err := a.statusChecks(ctx, id)
	if err != nil {
		return w.failed(call, n, err)
	}
	before := n.Passed
	n.Passed = status == checksPassed
	switch {
	case n.Passed && (before || !w.reboot):
		return nil
	case n.Passed: // the second look comes also if the time is up: nobody may have looked for long
		n.Looks++
		return &task.Again{After: rebootPause}
	}
	return w.again(call, n, 0, "the instance is running, and its status checks are "+string(status))
}

// failed returns the error for a look that failed: another look if the next one may succeed.
func (w wait) failed(call task.Call, n *waitNote, err error) error {
	f, ok := errors.AsType[*task.Failure](err)
	switch {
	case !ok || f.Local:
		return err
	case f.Transient:
		err := w.again(call, n, f.RetryAfter, "the state cannot be read: "+f.Message)
		if again, ok := errors.AsType[*task.Again](err); ok {
			again.Throttled = f.Throttled
		}
		return err
	}
	return &task.Failure{Code: f.Code, Message: "the " + w.what + " was accepted, but the state could not be read: " + f.Message, Status: f.Status, Details: f.Details}
}

// again asks for another look after at least this time. If the time is up, it returns the failure.
// A time-out of the step is the engine's to watch.
func (w wait) again(call task.Call, n *waitNote, least time.Duration, why string) error {
	rest := n.Since.Add(waitLimit).Sub(call.Now)
	if !call.Limited && rest <= 0 {
		return &task.Failure{Code: task.CodeTimeout, Message: "the " + w.what + " was accepted, but after " + schema.FormatDuration(waitLimit) + " " + why}
	}
	after := max(w.pause(n.Looks), least)
	if !call.Limited {
		after = min(after, rest)
	}
	n.Looks++
	return &task.Again{After: after}
}

// pause returns the time before the next look.
func (w wait) pause(looks int) time.Duration {
	if w.reboot {
		return max(pause(looks), rebootPause)
	}
	return pause(looks)
}

// wrongWay returns the failure for an instance that is in a state which does not lead to the goal.
// Its code and its message are those of EC2's reason.
func (w wait) wrongWay(i types.Instance) error {
	message := "the " + w.what + " was accepted, but the instance is " + stateOf(i.State).State
	if reason := stateReason(i); reason != nil {
		message += ": " + *reason
	}
	code := incorrectState
	if i.StateReason != nil {
		code = cmp.Or(aws.ToString(i.StateReason.Code), code)
	}
	return &task.Failure{Code: code, Message: message}
}

// stateReason returns EC2's reason for the state of an instance, or nil. EC2's text begins with the
// reason's code, which is left out.
func stateReason(i types.Instance) *string {
	if i.StateReason == nil {
		return nil
	}
	code, text := aws.ToString(i.StateReason.Code), aws.ToString(i.StateReason.Message)
	text = oneLine(cmp.Or(strings.TrimSpace(strings.TrimPrefix(text, code+":")), code))
	return orNull(&text)
}

// noteText encodes a note.
func noteText[Note changeNote | waitNote](note Note) string {
	text, err := json.Marshal(note)
	if err != nil {
		panic("ec2: a note that cannot be written: " + err.Error())
	}
	return string(text)
}

// badNote returns the failure for a note that this program did not write.
func badNote() error {
	return &task.Failure{Code: task.CodeInternal, Message: "the note of the earlier call cannot be read", Unknown: true}
}
