package ec2

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// Tags that every instance gets. They say which step of which run made it.
const (
	runTag  = "errand:run"
	stepTag = "errand:step"
)

// tags returns the tags of the instance: its name, the run and the step, then those of the input.
func (in createInput) tags(call task.Call) ([]types.Tag, error) {
	tags := []types.Tag{tag("Name", in.InstanceName), tag(runTag, call.Run), tag(stepTag, call.Step)}
	taken := map[string]bool{"Name": true, runTag: true, stepTag: true}
	for i, text := range []string{in.InstanceTag1, in.InstanceTag2, in.InstanceTag3, in.InstanceTag4, in.InstanceTag5} {
		if text == "" {
			continue
		}
		parameter := fmt.Sprintf("instance_tag_%d", i+1)
		name, value, ok := strings.Cut(text, "=")
		switch name = strings.TrimSpace(name); {
		case !ok || name == "":
			return nil, badInput(parameter, text, "is not a tag; write name=value")
		case taken[name]:
			return nil, badInput(parameter, text, "sets the tag "+name+" a second time")
		}
		taken[name] = true
		tags = append(tags, tag(name, strings.TrimSpace(value)))
	}
	return tags, nil
}

func tag(name, value string) types.Tag {
	return types.Tag{Key: aws.String(name), Value: aws.String(value)}
}
