package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// describeImages returns the account's images.
func (c *cloud) describeImages(p *params) (response, string, *refusal) {
	p.list("Owner") // ignored: everything has the same owner
	l := listing[string]{
		parameter: "ImageId", form: imageForm, malformed: "InvalidAMIID.Malformed", missing: notFound("InvalidAMIID.NotFound", "The image id '[%s]' does not exist"),
		id: itself, tags: c.tagsOf,
		filters: map[string]func(string) string{
			"image-id": itself, "name": itself, "owner-id": fixed[string](owner), "state": fixed[string]("available"),
			"architecture": fixed[string]("x86_64"), "image-type": fixed[string]("machine"), "root-device-type": fixed[string]("ebs"), "virtualization-type": fixed[string]("hvm"),
		},
	}
	found, _, refusal := l.list(p, c.images)
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &imagesXML{}
	for _, id := range found {
		answer.Images.Items = append(answer.Images.Items, imageXML{
			ID: id, Location: owner + "/" + id, State: "available", Owner: owner, Architecture: "x86_64", Type: "machine",
			Name: id, RootDeviceType: "ebs", RootDevice: rootDevice, Virtualization: "hvm", Hypervisor: "xen", Tags: tagsXML(c.tagsOf(id)),
		})
	}
	return answer, summarize(found, "images"), nil
}

// describeKeyPairs returns the account's key pairs.
func (c *cloud) describeKeyPairs(p *params) (response, string, *refusal) {
	tags := func(name string) map[string]string { return c.tagsOf(c.keyPairID(name)) }
	l := listing[string]{
		parameter: "KeyName", missing: notFound("InvalidKeyPair.NotFound", "The key pair '%s' does not exist"), id: itself, tags: tags,
		filters: map[string]func(string) string{"key-name": itself, "key-pair-id": c.keyPairID},
	}
	found, _, refusal := l.list(p, c.keyPairs)
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &keyPairsXML{}
	for _, name := range found {
		n := 1 + slices.Index(c.keyPairs, name)
		answer.Keys.Items = append(answer.Keys.Items, keyPairXML{
			ID: c.keyPairID(name), Name: name, Type: "rsa", Fingerprint: strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%02x:", n&0xff), 20), ":"),
			Tags: tagsXML(tags(name)),
		})
	}
	return answer, summarize(found, "key pairs"), nil
}

// keyPairID returns the identifier of a key pair, which follows from its index.
func (c *cloud) keyPairID(name string) string {
	return fmt.Sprintf("key-0fa11bac0ffee%04x", 1+slices.Index(c.keyPairs, name))
}

// describeSecurityGroups returns the account's security groups. All are in its only network.
func (c *cloud) describeSecurityGroups(p *params) (response, string, *refusal) {
	l := listing[string]{
		parameter: "GroupId", form: groupForm, malformed: "InvalidGroupId.Malformed", missing: notFound("InvalidGroup.NotFound", "The security group '%s' does not exist"),
		id: itself, tags: c.tagsOf, pageSize: 5,
		filters: map[string]func(string) string{
			"group-id": itself, "group-name": c.groupName, "vpc-id": fixed[string](vpc), "owner-id": fixed[string](owner),
		},
	}
	found, next, refusal := l.list(p, c.groups)
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &groupsXML{Next: next}
	for _, id := range found {
		answer.Groups.Items = append(answer.Groups.Items, groupXML{
			ID: id, Name: c.groupName(id), Owner: owner, Description: c.groupName(id) + " security group", VPC: vpc, Tags: tagsXML(c.tagsOf(id)),
		})
	}
	return answer, summarize(found, "security groups"), nil
}

// groupName returns the name of a security group, which follows from its index: the first is the
// default group.
func (c *cloud) groupName(id string) string {
	if n := slices.Index(c.groups, id); n > 0 {
		return fmt.Sprintf("group-%d", n)
	}
	return "default"
}

// summarize formats a list for an Exchange: up to three names, or the number of names.
func summarize(found []string, what string) string {
	if len(found) == 0 || len(found) > 3 {
		return fmt.Sprintf("%d %s", len(found), what)
	}
	return strings.Join(found, ", ")
}
