package ec2

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"errand/engine/task"
)

type restartOutput struct {
	currentState
	instance string
}

// Summary names the state that was read.
func (o restartOutput) Summary() string {
	return "instance " + o.instance + " was told to restart and is " + o.State
}

// restartInstance asks for a reboot and then reads the state. EC2 only queues the request and keeps
// no trace of it, so the request can be neither repeated nor looked up. That EC2 accepted it is on
// record before anything else is done, so that a look that fails is repeated without a second
// reboot. The note is the number of failed looks.
func restartInstance(c *clients) task.Type {
	t := task.Define("ec2.restart_instance",
		"Reboots a running instance. EC2 only queues the request and does not report when the reboot is complete: the returned state is read right after the request.", task.Once,
		func(ctx context.Context, call task.Call, in instanceInput) (restartOutput, error) {
			a, err := c.account(ctx, call)
			switch {
			case call.Settled && err != nil:
				return restartOutput{}, stateUnread(err)
			case err != nil:
				return restartOutput{}, err
			case call.Settled:
				return a.afterReboot(ctx, in.InstanceID, call.Note)
			}
			if in.InstanceID == "" {
				return restartOutput{}, badInput("instance_id", "", "names no instance")
			}
			if _, err := send(ctx, a, a.ec2.RebootInstances, &sdk.RebootInstancesInput{InstanceIds: []string{in.InstanceID}}); err != nil {
				return restartOutput{}, err
			}
			return restartOutput{}, &task.Again{Settled: true, Output: task.NothingKnown}
		})
	t.Settles = true
	const action = "ec2:RebootInstances"
	t.Ask = c.asker(func(call task.Call) ([]question, error) {
		in, err := inputOf[instanceInput](call)
		return []question{{action, func(ctx context.Context, a *account) error {
			_, err := send(ctx, a, a.ec2.RebootInstances, &sdk.RebootInstancesInput{InstanceIds: []string{in.InstanceID}, DryRun: aws.Bool(true)})
			return err
		}}}, err
	})
	return t.WithChange(task.Change{Verb: task.Changes, What: theInstance, Done: "restarted"}, onInstance(action)...)
}

func (a *account) afterReboot(ctx context.Context, id, count string) (restartOutput, error) {
	instance, err := a.look(ctx, id)
	if err == nil {
		return restartOutput{stateOf(instance.State), id}, nil
	}
	f, ok := errors.AsType[*task.Failure](err)
	if looks, _ := strconv.Atoi(count); ok && f.Transient && looks < maxLooks {
		return restartOutput{}, &task.Again{After: max(pause(looks), f.RetryAfter), Note: strconv.Itoa(looks + 1), Settled: true, Output: task.NothingKnown}
	}
	return restartOutput{}, stateUnread(err)
}

// stateUnread returns the failure of a look after a reboot that EC2 accepted. It is final, because
// a repeat of the step would reboot again.
func stateUnread(err error) error {
	f, ok := errors.AsType[*task.Failure](err)
	if !ok {
		return err
	}
	return &task.Failure{Code: f.Code, Message: "the reboot was accepted, but the state could not be read: " + f.Message, Status: f.Status}
}

// maxLooks is how often a task looks for the result of an accepted request.
const maxLooks = 10

// pause returns the time to wait before the next look. It grows from 2 to 30 seconds.
func pause(looks int) time.Duration { return min(2*time.Second<<min(looks, 8), 30*time.Second) }
