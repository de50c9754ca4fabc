package ec2

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// A change brings an instance into another state. It takes two calls:
//
//  1. look at the instance and put its state into the note, so that it is on record before anything
//     is sent;
//  2. send the request. The answer holds the state before and after.
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
	send   func(ctx context.Context, a *account, ids []string, dry *bool) ([]types.InstanceStateChange, error)
	aim    []string  // the states in which the change is complete or in progress
	ends   bool      // terminates the instance, which EC2 then forgets
	verb   string    // in messages: "started"
	act    task.Verb // what the change does, for plans
	action string    // the action that IAM must grant
}

// terminatedShown is how long EC2 shows a terminated instance for certain. The documentation says
// about an hour. If an instance is not found sooner, it is for another reason.
const terminatedShown = 30 * time.Minute

type changeOutput struct {
	currentState
	previousState
	instance, verb string
}

// Summary says what happened: "instance i-… was started: stopped → pending".
func (o changeOutput) Summary() string {
	return "instance " + o.instance + " was " + o.verb + ": " + o.Previous + " → " + o.State
}

func (c change) run(ctx context.Context, a *account, call task.Call, id string) (changeOutput, error) {
	if call.Note == "" {
		instance, err := a.look(ctx, id)
		if err != nil {
			return changeOutput{}, err
		}
		return changeOutput{}, &task.Again{Note: stateOf(instance.State).State}
	}
	before := previousState{call.Note, codeOf(call.Note)}
	missing := false
	if call.Recover {
		instance, err := a.look(ctx, id)
		missing = hasCode(err, notFound)
		if err != nil && !missing {
			return changeOutput{}, task.AsUnknown(err)
		}
		if now := stateOf(instance.State); !missing && slices.Contains(c.aim, now.State) {
			return changeOutput{now, before, id, c.verb}, nil
		}
	}
	changes, err := c.send(ctx, a, []string{id}, nil)
	if err != nil {
		if missing {
			if c.ends && hasCode(err, notFound) && call.Now.Sub(call.Started) >= terminatedShown {
				return changeOutput{currentState{"terminated", codeOf("terminated")}, before, id, c.verb}, nil
			}
			err = task.AsUnknown(err)
		}
		return changeOutput{}, err
	}
	for _, made := range changes {
		if aws.ToString(made.InstanceId) == id && made.CurrentState != nil {
			if !call.Recover && made.PreviousState != nil {
				was := stateOf(made.PreviousState)
				before = previousState{was.State, was.Code}
			}
			return changeOutput{stateOf(made.CurrentState), before, id, c.verb}, nil
		}
	}
	return changeOutput{}, unreadableAnswer("it does not contain the state of the instance " + id)
}

// define returns the task type of the change.
func (c change) define(clients *clients, name, doc string) task.Type {
	t := task.Define(name, doc, task.Converges, func(ctx context.Context, call task.Call, in instanceInput) (changeOutput, error) {
		a, err := clients.account(ctx, call)
		if err != nil {
			return changeOutput{}, err
		}
		return c.run(ctx, a, call, in.InstanceID)
	})
	t.Ask = clients.asker(func(call task.Call) ([]question, error) {
		in, err := inputOf[instanceInput](call)
		return []question{{c.action, func(ctx context.Context, a *account) error {
			_, err := c.send(ctx, a, []string{in.InstanceID}, aws.Bool(true))
			return err
		}}}, err
	})
	return t.WithChange(task.Change{Verb: c.act, What: theInstance, Done: c.verb}, onInstance(c.action)...)
}
