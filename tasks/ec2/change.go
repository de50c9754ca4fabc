package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// A change brings an instance into another state. It takes two calls, and more if it waits:
//
//  1. look at the instance and put its state into the note, so that it is on record before anything
//     is sent;
//  2. send the request. The answer holds the state before and after;
//  3. look at the instance until it is in the state to wait for (wait.go).
//
// If the second call is repeated because its outcome is unknown, it looks at the instance first. If
// the instance is in a state that the change aims at, nothing is sent: the first request arrived,
// or is not needed. The state before it is in the note. Otherwise the request is sent again, which
// EC2 treats as the same request.
//
// An instance that is not found is no proof that it was terminated, so the request is sent. If EC2
// does not find the instance either, and the step began long ago, a termination has taken place:
// EC2 showed the instance when the step began, and shows terminated instances for a while only.
type change struct {
	send    func(ctx context.Context, a *account, o order, dry *bool) ([]types.InstanceStateChange, error)
	aim     []string  // the states in which the change is complete or in progress
	passing string    // a state in which EC2 refuses the request, and which ends by itself
	passed  string    // the state that follows the passing one
	ends    bool      // terminates the instance, which EC2 then forgets
	verb    string    // in messages: "started"
	what    string    // in messages: "start"
	act     task.Verb // what the change does, for plans
	action  string    // the action that IAM must grant
	needs   []task.Permission
}

// An order is what the input of a change asks for.
type order struct {
	id      string
	waitFor string
	force   bool // a stop that is in progress is ended
}

func (o order) ids() []string { return []string{o.id} }

// A changeInput is the input of a change.
type changeInput interface{ order() order }

type changeOutput struct {
	currentState
	previousState
	instance, verb string
	checked        bool
	accepted       string // what was accepted if the step still waits: "start"
}

// Summary says what happened: "instance i-… was started: stopped → running", or "is being started" as
// long as it is pending. An instance whose state did not change was not started by this step.
func (o changeOutput) Summary() string {
	if o.accepted != "" {
		return "the " + o.accepted + " of instance " + o.instance + " was accepted"
	}
	text := "instance " + o.instance
	switch {
	case o.Previous == o.State:
		text += " was already " + o.State
	case isPassing(o.State):
		text += " is being " + o.verb + ": " + o.Previous + " → " + o.State
	default:
		text += " was " + o.verb + ": " + o.Previous + " → " + o.State
	}
	if o.checked {
		text += ", status checks passed"
	}
	return text
}

func (c change) run(ctx context.Context, clients *clients, call task.Call, o order) (changeOutput, error) {
	note, err := readChangeNote(call.Note)
	if err != nil {
		return changeOutput{}, err
	}
	a, err := clients.account(ctx, call)
	switch {
	case err != nil && call.Settled:
		return changeOutput{}, c.callAgain(o, note, c.wait(o, note.Before).failed(call, &note.Wait, err))
	case err != nil:
		return changeOutput{}, err
	case call.Settled:
		return c.await(ctx, a, call, o, note)
	case call.Note == "":
		instance, err := a.look(ctx, o.id)
		if err != nil {
			return changeOutput{}, err
		}
		return changeOutput{}, &task.Again{Note: stateOf(instance.State).State}
	}
	return c.request(ctx, a, call, o, note)
}

// request sends the request, unless an earlier one took effect.
func (c change) request(ctx context.Context, a *account, call task.Call, o order, note changeNote) (changeOutput, error) {
	before := previousState{note.Before, codeOf(note.Before)}
	if c.passing != "" && note.Before == c.passing { // EC2 accepts the request only after that state
		before = previousState{c.passed, codeOf(c.passed)}
	}
	missing := false
	if call.Recover {
		instance, err := a.look(ctx, o.id)
		missing = hasCode(err, notFound)
		if err != nil && !missing {
			return changeOutput{}, task.AsUnknown(err)
		}
		if now := stateOf(instance.State); !missing && c.isMade(o, now.State) {
			return c.accept(call, o, c.output(o, now, before))
		}
	}
	changes, err := c.send(ctx, a, o, nil)
	switch {
	case err != nil && !missing:
		return changeOutput{}, c.refused(ctx, a, call, o, note, err)
	case err != nil:
		if c.ends && hasCode(err, notFound) && call.Now.Sub(call.Started) >= terminatedShown {
			return c.output(o, currentState{"terminated", codeOf("terminated")}, before), nil
		}
		return changeOutput{}, task.AsUnknown(err)
	}
	for _, made := range changes {
		if aws.ToString(made.InstanceId) == o.id && isState(made.CurrentState) {
			if !call.Recover && isState(made.PreviousState) {
				was := stateOf(made.PreviousState)
				before = previousState{was.State, was.Code}
			}
			return c.accept(call, o, c.output(o, stateOf(made.CurrentState), before))
		}
	}
	return changeOutput{}, unreadableAnswer("it does not contain the state of the instance " + o.id)
}

// isMade reports whether the state of an instance shows that a request need not be sent again. A
// stop that is in progress may not be the forced one, so that is sent until the instance is
// stopped.
func (c change) isMade(o order, state string) bool {
	return slices.Contains(c.aim, state) && !(o.force && state == "stopping")
}

func (c change) output(o order, now currentState, before previousState) changeOutput {
	return changeOutput{currentState: now, previousState: before, instance: o.id, verb: c.verb}
}

// defineChange returns the task type of a change.
func defineChange[In changeInput](c change, clients *clients, name, doc string) task.Type {
	t := task.Define(name, doc, task.Converges, func(ctx context.Context, call task.Call, in In) (changeOutput, error) {
		return c.run(ctx, clients, call, in.order())
	})
	t.Awaits = waitFor
	t.Ask = clients.asker(func(call task.Call) ([]question, error) {
		in, err := inputOf[In](call)
		if err != nil {
			return nil, err
		}
		o := in.order()
		return append([]question{{c.action, func(ctx context.Context, a *account) error {
			_, err := c.send(ctx, a, o, aws.Bool(true))
			return err
		}}}, askChecks(o.waitFor)...), nil
	})
	return t.WithChange(task.Change{Verb: c.act, What: theInstance, Done: c.verb}, append(onInstance(c.action), c.needs...)...).WithRules(instanceRule)
}
