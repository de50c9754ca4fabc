package ec2

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// A launch is the making of one instance.
type launch struct {
	launched
	call    task.Call
	in      createInput
	account *account
}

// A launched is the note between the calls of a launch. It is a type of its own because all methods of what is encoded, and of what
// that refers to, are linked into the program: with the account's client those of every operation of EC2, which doubles its size.
type launched struct {
	Made  createOutput `json:"made"`  // what EC2 answered
	Looks int          `json:"looks"` // how often it was looked for since
}

// lookupAge is the age from which a launch whose outcome is not known is looked up before it is sent again: EC2 keeps a token
// for a limited time only.
const lookupAge = time.Hour

func (l *launch) request() (*sdk.RunInstancesInput, error) {
	token := cmp.Or(l.in.ClientToken, l.call.Key())
	if len(token) > 64 || strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, badInput("client_token", token, "is not a client token; it has at most 64 ASCII characters")
	}
	tags, err := l.in.tags(l.call)
	if err != nil {
		return nil, err
	}
	request := &sdk.RunInstancesInput{
		ImageId:           aws.String(l.in.AMIID),
		InstanceType:      types.InstanceType(cmp.Or(l.in.InstanceType, "t1.micro")),
		MinCount:          aws.Int32(1),
		MaxCount:          aws.Int32(1),
		ClientToken:       aws.String(token),
		KernelId:          orNull(&l.in.KernelID),
		RamdiskId:         orNull(&l.in.RAMDiskID),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: tags}},
	}
	if l.in.Monitoring != nil { // EC2's parameter switches detailed monitoring
		request.Monitoring = &types.RunInstancesMonitoringEnabled{Enabled: aws.Bool(!*l.in.Monitoring)}
	}
	return request, nil
}

// send launches, and asks to be called again with what was made. A launch of long ago is looked up by its token first.
func (l *launch) send(ctx context.Context, request *sdk.RunInstancesInput) error {
	l.account.equip(request)
	token := aws.ToString(request.ClientToken)
	if l.call.Recover && l.call.Now.Sub(l.call.Started) > lookupAge {
		byToken := types.Filter{Name: aws.String("client-token"), Values: []string{token}}
		reservation, instance, err := l.account.find(ctx, &sdk.DescribeInstancesInput{Filters: []types.Filter{byToken}})
		if err != nil {
			return unsettled(err)
		}
		if instance.InstanceId != nil {
			return l.made(token, reservation, instance)
		}
	}
	out, err := send(ctx, l.account, l.account.ec2.RunInstances, request)
	switch {
	case err != nil && l.call.Recover && !judged(err):
		return unsettled(err)
	case err != nil:
		return err
	case len(out.Instances) == 0 || aws.ToString(out.Instances[0].InstanceId) == "":
		return unreadable("it does not say which instance was made")
	}
	return l.made(token, types.Reservation{ReservationId: out.ReservationId, OwnerId: out.OwnerId}, out.Instances[0])
}

// equip adds to a launch what the credential says of every instance.
func (a *account) equip(request *sdk.RunInstancesInput) {
	request.KeyName, request.SecurityGroupIds = orNull(&a.keyPair), a.groups
}

// made leaves what was made in the note.
func (l *launch) made(token string, r types.Reservation, i types.Instance) error {
	l.Made = outputOf(token, r, i)
	return l.again(0)
}

func (l *launch) again(after time.Duration) error {
	note, err := json.Marshal(l.launched)
	if err != nil {
		return err
	}
	return &task.Again{After: after, Note: string(note), Settled: true}
}

// confirm looks until other requests find the instance. The instance exists, so no failure of a look is one of the launch:
// where looking does not help, what EC2 answered to the launch stands.
func (l *launch) confirm(ctx context.Context) (createOutput, error) {
	reservation, instance, err := l.account.find(ctx, &sdk.DescribeInstancesInput{InstanceIds: []string{l.Made.InstanceID}})
	if err == nil && aws.ToString(instance.InstanceId) == l.Made.InstanceID {
		return outputOf(l.Made.ClientToken, reservation, instance), nil
	}
	f, _ := errors.AsType[*task.Failure](err)
	if l.Looks < maxLooks && (f == nil || f.Transient || f.Code == notFound) {
		wait := pause(l.Looks)
		if f != nil {
			wait = max(wait, f.RetryAfter)
		}
		l.Looks++
		return createOutput{}, l.again(wait)
	}
	return l.Made, nil
}

func outputOf(token string, r types.Reservation, i types.Instance) createOutput {
	state := stateOf(i.State)
	return createOutput{
		ClientToken: token, ReservationID: aws.ToString(r.ReservationId), InstanceID: aws.ToString(i.InstanceId),
		OwnerID: aws.ToString(r.OwnerId), address: addressOf(i), State: cmp.Or(state.State, "pending"), Code: state.Code,
	}
}

// judged tells whether EC2 looked at the request itself and refused it: then no earlier one with its token took effect either.
// A throttle, or a doubt about who asks, comes before that.
func judged(err error) bool {
	f, ok := errors.AsType[*task.Failure](err)
	if !ok || f.Transient || f.Code == "RequestExpired" {
		return false
	}
	return f.Status >= 400 && f.Status != http.StatusUnauthorized && f.Status != http.StatusForbidden
}
