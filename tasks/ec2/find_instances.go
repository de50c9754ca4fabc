package ec2

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/schema"
	"errand/engine/task"
)

type findInput struct {
	Tags   map[string]string `json:"tags" title:"Tags" doc:"Tags that an instance must have, as names and values. A value is compared as EC2's filters do: case counts, * stands for any text and ? for one character, a backslash before them takes away their meaning, and an empty value matches an empty one only. So * finds every instance that has the tag. If unset, the tags do not matter."`
	States []stateName       `json:"states" title:"States" doc:"The states that an instance may be in. If unset, all but terminated."`
}

// A stateName is the name of an instance's state.
type stateName string

// Shape returns the type.
func (stateName) Shape() schema.Type {
	t := schema.Of(schema.String)
	for _, name := range types.InstanceStateName("").Values() {
		t.Enum = append(t.Enum, string(name))
	}
	return t
}

type findOutput struct {
	Instances []foundInstance `json:"instances" title:"Instances" doc:"The instances, in the order of their identifiers. Each has instance_id, name (of its tag Name, or null), tags, and the outputs of ec2.get_instance_status."`
}

type foundInstance struct {
	InstanceID string  `json:"instance_id" title:"Instance ID" doc:"The instance's identifier."`
	Name       *string `json:"name" title:"Name" doc:"The instance's tag Name, or null if it has none."`
	currentState
	address
	details
	Tags map[string]string `json:"tags" title:"Tags" doc:"The instance's tags, as names and values."`
}

// Summary says how many instances there are.
func (o findOutput) Summary() string {
	if len(o.Instances) == 1 {
		return "1 instance was found"
	}
	return fmt.Sprintf("%d instances were found", len(o.Instances))
}

const (
	// maxFound is how many instances a step finds: for_each repeats its steps for no more items.
	maxFound = 1000

	// maxFoundSize is the size of the largest output, in bytes.
	maxFoundSize = 1 << 20

	// pageSize is how many instances EC2 puts into one answer, which must not exceed answerLimit.
	pageSize = 100
)

func findInstances(c *clients) task.Type {
	t := task.Define("ec2.find_instances", "Finds the instances of the region that have tags and are in a state. At most 1,000 instances, described in at most 1 MiB, are found; if there are more, the step fails.", task.Reads,
		func(ctx context.Context, call task.Call, in findInput) (findOutput, error) {
			a, err := c.account(ctx, call)
			if err != nil {
				return findOutput{}, err
			}
			return in.find(ctx, a)
		})
	t.Ask = c.asker(func(task.Call) ([]question, error) { return nil, nil })
	return t.WithChange(task.Change{Verb: task.Looks, What: "EC2 instances"}, toDescribe()).WithRules(
		task.Judged("A tag has a name.", func(in findInput) *task.Breach { return checkNamed(in.Tags) }, "tags").WithStandIns("…", "…"))
}

// states returns the names of the states to find.
func (in findInput) states() []string {
	var names []string
	for _, state := range in.States {
		names = append(names, string(state))
	}
	if len(names) > 0 {
		return names
	}
	for _, name := range types.InstanceStateName("").Values() {
		if name != types.InstanceStateNameTerminated {
			names = append(names, string(name))
		}
	}
	return names
}

func (in findInput) find(ctx context.Context, a *account) (findOutput, error) {
	states := in.states()
	query := &sdk.DescribeInstancesInput{
		Filters:    append(filtersByTags(in.Tags), filterBy("instance-state-name", states...)),
		MaxResults: aws.Int32(pageSize),
	}
	found := map[string]foundInstance{} // a list that changes between two pages may name an instance twice
	var incomplete error
	err := a.each(ctx, query, func(_ types.Reservation, i types.Instance) bool {
		if aws.ToString(i.InstanceId) == "" || !isState(i.State) {
			incomplete = incompleteAnswer("an instance's identifier and state")
			return false
		}
		if slices.Contains(states, string(i.State.Name)) && hasTags(tagsOf(i), in.Tags) {
			found[*i.InstanceId] = foundOf(i)
		}
		return len(found) <= maxFound
	})
	switch err = cmp.Or(err, incomplete); {
	case err != nil:
		return findOutput{}, err
	case len(found) > maxFound:
		return findOutput{}, tooMuchFound("more than 1,000 instances")
	}
	out := findOutput{Instances: make([]foundInstance, 0, len(found))}
	for _, i := range found {
		out.Instances = append(out.Instances, i)
	}
	slices.SortFunc(out.Instances, func(a, b foundInstance) int { return cmp.Compare(a.InstanceID, b.InstanceID) })
	if text, err := json.Marshal(out); err != nil || len(text) > maxFoundSize {
		return findOutput{}, tooMuchFound(fmt.Sprintf("%d instances, whose description is longer than 1 MiB,", len(found)))
	}
	return out, nil
}

func foundOf(i types.Instance) foundInstance {
	f := foundInstance{InstanceID: *i.InstanceId, currentState: stateOf(i.State), address: addressOf(i), details: detailsOf(i), Tags: tagsOf(i)}
	if name, ok := f.Tags[nameTag]; ok {
		f.Name = orNull(&name)
	}
	return f
}

// tooMuchFound returns the failure for a list that is too long to go on with. A part of it would be
// taken for the whole.
func tooMuchFound(what string) error {
	return &task.Failure{Code: task.CodeLimit, Message: what + " match; narrow the search with tags or states"}
}
