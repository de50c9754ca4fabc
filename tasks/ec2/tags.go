package ec2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/schema"
	"errand/engine/task"
)

// Tags that every instance gets. They say which step of which run made it.
const (
	runTag  = "errand:run"
	stepTag = "errand:step"
)

// tagParameters are the parameters that hold one tag each.
var tagParameters = []string{"instance_tag_1", "instance_tag_2", "instance_tag_3", "instance_tag_4", "instance_tag_5"}

// ownTags returns the tags of the input, in the order of tagParameters. The zero value stands for a
// parameter that is not set.
func (in createInput) ownTags() []types.Tag {
	own := make([]types.Tag, len(tagParameters))
	for i, text := range []string{in.InstanceTag1, in.InstanceTag2, in.InstanceTag3, in.InstanceTag4, in.InstanceTag5} {
		if name, value, ok := strings.Cut(text, "="); ok {
			own[i] = tag(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return own
}

// checkTags refuses a tag that is set twice.
func (in createInput) checkTags() *task.Breach {
	taken := map[string]bool{"Name": true, runTag: true, stepTag: true}
	for i, own := range in.ownTags() {
		name := aws.ToString(own.Key)
		if name != "" && taken[name] {
			return &task.Breach{Parameter: tagParameters[i], Reason: "sets the tag " + schema.Show(name) + " a second time"}
		}
		taken[name] = true
	}
	return nil
}

// tags returns the tags of the instance: its name, the run and the step, then those of the input.
func (in createInput) tags(call task.Call) []types.Tag {
	tags := []types.Tag{tag("Name", in.InstanceName), tag(runTag, call.Run), tag(stepTag, call.Step)}
	return append(tags, slices.DeleteFunc(in.ownTags(), func(own types.Tag) bool { return own.Key == nil })...)
}

func tag(name, value string) types.Tag {
	return types.Tag{Key: aws.String(name), Value: aws.String(value)}
}
