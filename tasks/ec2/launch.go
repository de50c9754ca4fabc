package ec2

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// A launch makes one instance.
type launch struct {
	launchNote
	call    task.Call
	in      createInput
	account *account
}

// A launchNote is the note between the calls of a launch. It is a type of its own to keep the
// program small: the linker keeps every method of a type that is encoded as JSON, and of the types
// it refers to. With the account's client these would be the methods of every operation of EC2,
// which double the program's size.
type launchNote struct {
	Made  createOutput `json:"made"`  // what EC2 answered
	Looks int          `json:"looks"` // how often it was looked for since then
	Wait  waitNote     `json:"wait,omitzero"`
}

// lookupAge is the age at which a launch with an unknown outcome is looked up before it is sent
// again: EC2 remembers a client token for a limited time only.
const lookupAge = time.Hour

// send launches the instance and records it. It first looks up an old launch by its token.
func (l *launch) send(ctx context.Context, request *sdk.RunInstancesInput) error {
	l.account.addDefaults(request)
	token := aws.ToString(request.ClientToken)
	if l.call.Recover && l.call.Now.Sub(l.call.Started) > lookupAge {
		reservation, instance, err := l.lookUp(ctx, token)
		if err != nil {
			return task.AsUnknown(err)
		}
		if instance.InstanceId != nil {
			return l.record(token, reservation, instance)
		}
	}
	out, err := send(ctx, l.account, l.account.ec2.RunInstances, request)
	switch {
	case l.call.Recover && hasCode(err, otherParameters):
		return l.recordEarlier(ctx, token, err)
	case err != nil && l.call.Recover && !provesNoEffect(err):
		return task.AsUnknown(err)
	case err != nil:
		return l.aboutToken(err)
	case len(out.Instances) == 0 || aws.ToString(out.Instances[0].InstanceId) == "":
		return unreadableAnswer("it does not name the new instance")
	case out.Instances[0].ClientToken != nil && *out.Instances[0].ClientToken != token:
		return unreadableAnswer("it is about the instance of another client token")
	}
	return l.record(token, types.Reservation{ReservationId: out.ReservationId, OwnerId: out.OwnerId}, out.Instances[0])
}

// lookUp returns the instance of a client token, or a zero one.
func (l *launch) lookUp(ctx context.Context, token string) (types.Reservation, types.Instance, error) {
	query := &sdk.DescribeInstancesInput{Filters: []types.Filter{filterBy("client-token", token)}}
	return l.account.find(ctx, query, func(i types.Instance) bool { return aws.ToString(i.ClientToken) == token })
}

// recordEarlier records the instance of an earlier launch that had other parameters. An older
// program sent it: this one makes other parameters of some inputs. Its instance has the tags of the
// step. If a token is made from the run and the step, nothing else can have used it.
func (l *launch) recordEarlier(ctx context.Context, token string, refusal error) error {
	reservation, instance, err := l.lookUp(ctx, token)
	if err != nil {
		return task.AsUnknown(err)
	}
	tags := tagsOf(instance)
	switch {
	case instance.InstanceId != nil && tags[runTag] == l.call.Run && tags[stepTag] == l.call.Step:
		return l.record(token, reservation, instance)
	case l.in.ClientToken != "":
		return refusal
	}
	f, _ := errors.AsType[*task.Failure](refusal)
	later := *f // other calls may not find the instance yet
	later.Transient, later.Unknown = true, true
	return &later
}

// aboutToken adds to a failure what to do if the workflow itself sets a token that is used up. Only
// a token that is made from the run and the step changes when a step is done again after its undo.
func (l *launch) aboutToken(err error) error {
	f, ok := errors.AsType[*task.Failure](err)
	if !ok || f.Code != "IdempotentInstanceTerminated" || l.in.ClientToken == "" {
		return err
	}
	return f.Advised(fmt.Sprintf("the workflow sets client_token to %q: correct the workflow to set another one, or none, and retry the run with it", l.in.ClientToken))
}

// addDefaults sets what the credential says of every new instance.
func (a *account) addDefaults(request *sdk.RunInstancesInput) {
	request.KeyName, request.SecurityGroupIds = orNull(&a.keyPair), a.groups
}

// record asks for another call, and puts the new instance into its note.
func (l *launch) record(token string, r types.Reservation, i types.Instance) error {
	l.Made, l.Wait.Since = outputOf(token, r, i), l.call.Now
	return l.callAgain(&task.Again{})
}

// callAgain asks for another call, with what is known of the launch.
func (l *launch) callAgain(again *task.Again) error {
	note, err := json.Marshal(l.launchNote)
	if err != nil {
		return err
	}
	known := l.Made
	known.waiting = true
	again.Note, again.Settled, again.Output = string(note), true, task.AllKnown(known)
	return again
}

// confirm waits until other requests find the instance. The instance exists, so a failure here is
// not a failure of the launch: if the instance cannot be read, the outputs are those of EC2's
// answer to the launch.
func (l *launch) confirm(ctx context.Context) (createOutput, error) {
	query := &sdk.DescribeInstancesInput{InstanceIds: []string{l.Made.InstanceID}}
	reservation, instance, err := l.account.find(ctx, query, func(i types.Instance) bool { return aws.ToString(i.InstanceId) == l.Made.InstanceID })
	if err == nil && instance.InstanceId != nil {
		return outputOf(l.Made.ClientToken, reservation, instance), nil
	}
	f, _ := errors.AsType[*task.Failure](err)
	if l.Looks < maxLooks && (f == nil || f.Transient || f.Code == notFound) {
		again := &task.Again{After: pause(l.Looks)}
		if f != nil {
			again.After, again.Throttled = max(again.After, f.RetryAfter), f.Throttled
		}
		l.Looks++
		return createOutput{}, l.callAgain(again)
	}
	return l.Made, nil
}

// await looks at the new instance once, and returns the output if it is in the state to wait for.
// err is the failure to find a credential.
func (l *launch) await(ctx context.Context, err error) (createOutput, error) {
	w := wait{what: "launch", goal: "running", via: []string{"pending", "running"}, ready: l.in.WaitFor == ready}
	var instance types.Instance
	if err == nil {
		instance, err = w.look(ctx, l.account, l.call, l.Made.InstanceID, &l.Wait)
	} else {
		err = w.failed(l.call, &l.Wait, err)
	}
	if instance.InstanceId != nil {
		r := types.Reservation{ReservationId: &l.Made.ReservationID, OwnerId: &l.Made.OwnerID}
		l.Made = outputOf(l.Made.ClientToken, r, instance)
	}
	if again, ok := errors.AsType[*task.Again](err); ok {
		return createOutput{}, l.callAgain(again)
	}
	l.Made.checked = w.ready
	return l.Made, err
}

func outputOf(token string, r types.Reservation, i types.Instance) createOutput {
	state := stateOf(i.State)
	return createOutput{
		ClientToken: token, ReservationID: aws.ToString(r.ReservationId), InstanceID: aws.ToString(i.InstanceId),
		OwnerID: aws.ToString(r.OwnerId), address: addressOf(i), State: cmp.Or(state.State, "pending"), Code: state.Code, details: detailsOf(i),
	}
}

// provesNoEffect reports whether a failure of a repeated launch shows that no earlier launch with
// its token took effect. It does if EC2 examined the request itself and refused it. A throttle or a
// refused credential comes before that examination.
func provesNoEffect(err error) bool {
	f, ok := errors.AsType[*task.Failure](err)
	if !ok || f.Transient || f.Code == "RequestExpired" {
		return false
	}
	return f.Status >= 400 && f.Status != http.StatusUnauthorized && f.Status != http.StatusForbidden
}
