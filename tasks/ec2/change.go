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
//  1. look at the instance, and leave its state in the note: it is on record before anything is sent;
//  2. send. The answer holds the state before and after.
//
// Where the second call is repeated because its outcome is not known, it looks first. If the state is reached or under way, the
// request had arrived, or is not needed; the state before it is the note's. If not, it is sent again, which EC2 takes as the
// same wish. An instance that is not found is no proof that it is gone: EC2 is asked with the request itself. Where that does not find it
// either, long after the step began, one that was to end has ended: EC2 showed it then, and shows the terminated only for a while.
type change struct {
	send   func(ctx context.Context, a *account, ids []string, dry *bool) ([]types.InstanceStateChange, error)
	aim    []string  // the states in which it is reached or under way
	ends   bool      // it ends the instance, which EC2 then forgets
	verb   string    // for people: "started"
	act    task.Verb // the sort of the change
	action string    // that IAM grants
}

// shown is how long EC2 shows a terminated instance for certain; the documentation says about an hour. What is not found sooner was not
// found for another reason.
const shown = 30 * time.Minute

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
			return changeOutput{}, unsettled(err)
		}
		if now := stateOf(instance.State); !missing && slices.Contains(c.aim, now.State) {
			return changeOutput{now, before, id, c.verb}, nil
		}
	}
	changes, err := c.send(ctx, a, []string{id}, nil)
	if err != nil {
		if missing {
			if c.ends && hasCode(err, notFound) && call.Now.Sub(call.Started) >= shown {
				return changeOutput{currentState{"terminated", codeOf("terminated")}, before, id, c.verb}, nil
			}
			err = unsettled(err)
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
	return changeOutput{}, unreadable("it does not say the state of the instance " + id)
}

// define makes a task type of the change.
func (c change) define(clients *clients, name, doc string) task.Type {
	t := task.Define(name, doc, task.Converges, func(ctx context.Context, call task.Call, in instanceInput) (changeOutput, error) {
		a, err := clients.account(ctx, call)
		if err != nil {
			return changeOutput{}, err
		}
		return c.run(ctx, a, call, in.InstanceID)
	})
	t.Ask = clients.asks(func(call task.Call) ([]question, error) {
		in, err := given[instanceInput](call)
		return []question{{c.action, func(ctx context.Context, a *account) error {
			_, err := c.send(ctx, a, []string{in.InstanceID}, aws.Bool(true))
			return err
		}}}, err
	})
	return t.Acts(task.Change{Verb: c.act, What: theInstance, Done: c.verb}, onInstance(c.action)...)
}
