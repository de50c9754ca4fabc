package ec2

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/schema"
	"errand/engine/task"
)

// Tags that every instance gets. They say which step of which run made it.
const (
	nameTag = "Name"
	runTag  = "errand:run"
	stepTag = "errand:step"
)

// reservedTags are prefixes of the names of tags that a workflow must not set: those of AWS, which
// EC2 refuses, and those by which a run finds its instances.
var reservedTags = []string{"aws:", "errand:"}

// maxTags is how many tags an instance may have.
const maxTags = 50

// tags returns the tags of the instance: its name, the run and the step, then those of the input.
// Their order is always the same.
func (in createInput) tags(call task.Call) ([]types.Tag, error) {
	tags := []types.Tag{tag(nameTag, in.InstanceName), tag(runTag, call.Run), tag(stepTag, call.Step)}
	values := map[string]string{nameTag: in.InstanceName}
	for i, text := range []string{in.InstanceTag1, in.InstanceTag2, in.InstanceTag3, in.InstanceTag4, in.InstanceTag5} {
		if text == "" {
			continue
		}
		parameter := fmt.Sprintf("instance_tag_%d", i+1)
		name, value, ok := strings.Cut(text, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" {
			return nil, badInput(parameter, text, "is not a tag; write name=value")
		}
		if reserved := reservedTag(name); reserved != "" {
			return nil, badInput(parameter, text, reserved)
		}
		if _, twice := values[name]; twice {
			return nil, badInput(parameter, text, "sets the tag "+name+" a second time")
		}
		values[name] = value
		tags = append(tags, tag(name, value))
	}
	for _, name := range slices.Sorted(maps.Keys(in.Tags)) {
		value := in.Tags[name]
		if name == "" {
			return nil, badInput("tags", name, "names no tag")
		}
		if reserved := reservedTag(name); reserved != "" {
			return nil, badInput("tags", name, reserved)
		}
		other, twice := values[name]
		switch {
		case !twice:
			tags = append(tags, tag(name, value))
		case other != value:
			return nil, badInput("tags", name, fmt.Sprintf("is set to %s, and to %s by another parameter", schema.Show(value), schema.Show(other)))
		}
	}
	if len(tags) > maxTags {
		return nil, &task.Failure{Code: task.CodeInput, Message: fmt.Sprintf(
			"tags: the instance would have %d tags, with Name, %s and %s; an instance has at most %d", len(tags), runTag, stepTag, maxTags)}
	}
	return tags, nil
}

// reservedTag returns why a workflow must not set a tag, or "".
func reservedTag(name string) string {
	for _, prefix := range reservedTags {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return "is not allowed; tags that begin with " + prefix + " are reserved"
		}
	}
	return ""
}

func tag(name, value string) types.Tag {
	return types.Tag{Key: aws.String(name), Value: aws.String(value)}
}

// tagsOf returns the tags of an instance.
func tagsOf(i types.Instance) map[string]string {
	tags := map[string]string{}
	for _, t := range i.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}
