package ec2

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"errand/engine/task"
)

type restartInput struct {
	instanceInput
	WaitFor string `json:"wait_for" title:"Wait For" enum:"accepted,ready" doc:"When the step succeeds: by default (accepted) when EC2 has accepted the restart, or when the instance is ready, which means that its status checks have passed at two looks in a row."`
}

type restartOutput struct {
	currentState
	instance string
	checked  bool
}

// Summary names the state that was read.
func (o restartOutput) Summary() string {
	text := "instance " + o.instance + " was told to restart and is " + o.State
	if o.checked {
		text += ", status checks passed"
	}
	return text
}

const rebootInstances = "ec2:RebootInstances"

// restartInstance asks for a reboot and then reads the state. EC2 only queues the request and keeps
// no trace of it, so the request can be neither repeated nor looked up. EC2 also accepts and ignores
// a request for an instance that is terminated, so the task looks first. The answer to the request is
// on record before anything else is done, so a look that fails is repeated without a second reboot.
func restartInstance(c *clients) task.Type {
	t := task.Define("ec2.restart_instance",
		"Reboots a running instance. In any other state the step fails, but a restart waits while the instance is pending. EC2 only queues the request and does not report when the reboot is complete: by default the returned state is read right after the request, and wait_for waits for more.", task.Once,
		func(ctx context.Context, call task.Call, in restartInput) (restartOutput, error) {
			r := restart{call: call, in: in}
			if err := r.read(call.Note); err != nil {
				return restartOutput{}, err
			}
			a, err := c.account(ctx, call)
			switch {
			case call.Settled && in.WaitFor == ready:
				return r.await(ctx, a, err)
			case call.Settled && err != nil:
				return restartOutput{}, stateUnread(err)
			case err != nil:
				return restartOutput{}, err
			case call.Settled:
				return a.afterReboot(ctx, in.InstanceID, call.Note)
			}
			return restartOutput{}, r.request(ctx, a)
		})
	t.Settles, t.Awaits = true, waitFor
	t.Ask = c.asker(func(call task.Call) ([]question, error) {
		in, err := inputOf[restartInput](call)
		return append([]question{{rebootInstances, func(ctx context.Context, a *account) error {
			_, err := send(ctx, a, a.ec2.RebootInstances, &sdk.RebootInstancesInput{InstanceIds: []string{in.InstanceID}, DryRun: aws.Bool(true)})
			return err
		}}}, askChecks(in.WaitFor)...), err
	})
	return t.WithChange(task.Change{Verb: task.Changes, What: theInstance, Done: "restarted"}, append(onInstance(rebootInstances), toCheck())...).WithRules(instanceRule)
}

// A restart is one call of ec2.restart_instance.
type restart struct {
	waitNote
	call task.Call
	in   restartInput
}

// read reads the note of a wait. After a reboot that is not waited for, the note is a number.
func (r *restart) read(note string) error {
	if strings.HasPrefix(note, "{") && json.Unmarshal([]byte(note), &r.waitNote) != nil {
		return badNote()
	}
	return nil
}

// request looks at the instance and asks for the reboot if it is running. Both are one call: if the
// process ends in a call that only looks, the outcome would be unknown as well.
func (r *restart) request(ctx context.Context, a *account) error {
	instance, err := a.look(ctx, r.in.InstanceID)
	if hasCode(err, notFound) && r.State != "" { // an earlier call has seen it
		return r.pass("EC2 does not find the instance", err)
	}
	if err != nil {
		return err
	}
	switch r.State = stateOf(instance.State).State; r.State {
	case "running":
	case "pending":
		return r.pass("the instance is still pending", r.notRunning())
	default:
		return r.notRunning()
	}
	_, err = send(ctx, a, a.ec2.RebootInstances, &sdk.RebootInstancesInput{InstanceIds: []string{r.in.InstanceID}})
	switch {
	case hasCode(err, notFound):
		return r.pass("EC2 does not find the instance", err)
	case err != nil:
		return err
	case r.in.WaitFor != ready:
		return &task.Again{Settled: true, Output: r.known()}
	}
	r.waitNote = waitNote{Since: r.call.Now}
	return r.callAgain(r.wait().again(r.call, &r.waitNote, 0, ""))
}

func (r *restart) known() json.RawMessage { return rebooting(r.in.InstanceID) }

// rebooting returns what is known after EC2 accepted a reboot.
func rebooting(id string) json.RawMessage {
	return task.NothingKnownBut("the restart of instance " + id + " was accepted")
}

// pass waits until a state has passed in which the instance cannot be restarted.
func (r *restart) pass(why string, refusal error) error {
	if r.Since.IsZero() {
		r.Since = r.call.Now
	}
	rest := r.Since.Add(waitLimit).Sub(r.call.Now)
	after := pause(r.Looks)
	if !r.call.Limited {
		if after = min(after, rest); rest <= 0 {
			return afterWaiting(refusal, waitLimit, why)
		}
	}
	r.Looks++
	return &task.Again{After: after, Note: noteText(r.waitNote)}
}

func (r *restart) notRunning() error {
	return &task.Failure{Code: incorrectState, Message: "the instance is " + r.State + "; only a running instance can be restarted"}
}

func (r *restart) wait() wait {
	return wait{what: "restart", goal: "running", ready: true, reboot: true}
}

// await looks at the instance once after the reboot. err is the failure to find a credential.
func (r *restart) await(ctx context.Context, a *account, err error) (restartOutput, error) {
	if err != nil {
		return restartOutput{}, r.callAgain(r.wait().failed(r.call, &r.waitNote, err))
	}
	instance, err := r.wait().look(ctx, a, r.call, r.in.InstanceID, &r.waitNote)
	if err != nil {
		return restartOutput{}, r.callAgain(err)
	}
	return restartOutput{stateOf(instance.State), r.in.InstanceID, true}, nil
}

// callAgain completes the Again of a wait with the note. It returns any other error unchanged.
func (r *restart) callAgain(err error) error {
	if again, ok := errors.AsType[*task.Again](err); ok {
		again.Note, again.Settled, again.Output = noteText(r.waitNote), true, r.known()
	}
	return err
}

func (a *account) afterReboot(ctx context.Context, id, count string) (restartOutput, error) {
	instance, err := a.look(ctx, id)
	if err == nil {
		return restartOutput{currentState: stateOf(instance.State), instance: id}, nil
	}
	f, ok := errors.AsType[*task.Failure](err)
	if looks, _ := strconv.Atoi(count); ok && (f.Transient || f.Code == notFound) && looks < maxLooks {
		return restartOutput{}, &task.Again{After: max(pause(looks), f.RetryAfter), Note: strconv.Itoa(looks + 1), Settled: true, Output: rebooting(id), Throttled: f.Throttled}
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
	return &task.Failure{Code: f.Code, Message: "the reboot was accepted, but the state could not be read: " + f.Message, Status: f.Status, Details: f.Details}
}

// maxLooks is how often a task looks for the result of an accepted request.
const maxLooks = 10

// pause returns the time to wait before the next look. It grows from 2 to 30 seconds.
func pause(looks int) time.Duration { return min(2*time.Second<<min(looks, 8), 30*time.Second) }
