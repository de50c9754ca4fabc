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

// tagParameters are the parameters that hold one tag each.
var tagParameters = []string{"instance_tag_1", "instance_tag_2", "instance_tag_3", "instance_tag_4", "instance_tag_5"}

// tagRules returns the rules about the tags of a new instance.
func tagRules() []task.Rule {
	all := append(slices.Clone(tagParameters), "tags")
	return []task.Rule{
		task.Form("name=value", `^$|^[^=]*[^=\s][^=]*=`, tagParameters...),
		task.Judged("No tag has the name of another one, or Name.", createInput.checkTwice, tagParameters...).WithStandIns("…", "…"),
		task.Judged("No tag begins with aws: or errand:.", createInput.checkNames, all...).WithStandIns("…", "…"),
		task.Judged("A tag that another parameter sets, too, has the same value in tags.", createInput.checkValues, append(all, "instance_name")...),
	}
}

// ownTags returns the tags of tagParameters, in their order. The zero value stands for a parameter
// that is not set.
func (in createInput) ownTags() []types.Tag {
	own := make([]types.Tag, len(tagParameters))
	for i, text := range []string{in.InstanceTag1, in.InstanceTag2, in.InstanceTag3, in.InstanceTag4, in.InstanceTag5} {
		if name, value, ok := strings.Cut(text, "="); ok {
			own[i] = tag(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return own
}

// checkTwice refuses a tag that two of tagParameters set, or that is the name.
func (in createInput) checkTwice() *task.Breach {
	taken := map[string]bool{nameTag: true}
	for i, own := range in.ownTags() {
		name := aws.ToString(own.Key)
		if name != "" && taken[name] {
			return &task.Breach{Parameter: tagParameters[i], Reason: "sets the tag " + schema.Show(name) + " a second time"}
		}
		taken[name] = true
	}
	return nil
}

// checkNames refuses names of tags that are reserved, or empty.
func (in createInput) checkNames() *task.Breach {
	for i, own := range in.ownTags() {
		if reason := reserved(aws.ToString(own.Key)); reason != "" {
			return &task.Breach{Parameter: tagParameters[i], Reason: reason}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Tags)) {
		if reason := reserved(name); reason != "" {
			return &task.Breach{Parameter: "tags", Reason: reason}
		}
	}
	return checkNamed(in.Tags)
}

// checkNamed refuses a tag without a name.
func checkNamed(tags map[string]string) *task.Breach {
	if _, unnamed := tags[""]; unnamed {
		return &task.Breach{Parameter: "tags", Reason: "has a tag without a name"}
	}
	return nil
}

// reserved returns why a workflow must not set a tag, or "".
func reserved(name string) string {
	for _, prefix := range reservedTags {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return "sets the tag " + schema.Show(name) + "; tags that begin with " + prefix + " are reserved"
		}
	}
	return ""
}

// checkValues refuses a tag of the map to which another parameter gives another value, and more
// tags than an instance may have.
func (in createInput) checkValues() *task.Breach {
	values := map[string]string{nameTag: in.InstanceName}
	for _, own := range in.ownTags() {
		if own.Key != nil {
			values[*own.Key] = *own.Value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Tags)) {
		if other, twice := values[name]; twice && other != in.Tags[name] {
			return &task.Breach{Parameter: "tags", Reason: fmt.Sprintf("sets the tag %s to %s, and another parameter to %s", schema.Show(name), schema.Show(in.Tags[name]), schema.Show(other))}
		}
	}
	if n := len(in.tags(task.Call{})); n > maxTags {
		return &task.Breach{Parameter: "tags", Reason: fmt.Sprintf("makes %d tags, with %s, %s and %s; expected at most %d", n, nameTag, runTag, stepTag, maxTags)}
	}
	return nil
}

// tags returns the tags of the instance: its name, the run and the step, those of tagParameters, and
// those of the map, by name.
func (in createInput) tags(call task.Call) []types.Tag {
	tags := []types.Tag{tag(nameTag, in.InstanceName), tag(runTag, call.Run), tag(stepTag, call.Step)}
	tags = append(tags, slices.DeleteFunc(in.ownTags(), func(own types.Tag) bool { return own.Key == nil })...)
	for _, name := range slices.Sorted(maps.Keys(in.Tags)) {
		if !slices.ContainsFunc(tags, func(set types.Tag) bool { return *set.Key == name }) {
			tags = append(tags, tag(name, in.Tags[name]))
		}
	}
	return tags
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
