package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// describeImages returns the account's images.
func (c *cloud) describeImages(p *params) (response, string, *refusal) {
	ids := p.identifiers("ImageId", imageForm, "InvalidAMIID.Malformed")
	p.list("Owner") // ignored: everything has the same owner
	filters := p.filters("image-id")
	found, refusal := lookUp(p, ids, filters, c.images, "InvalidAMIID.NotFound", "The image id '[%s]' does not exist")
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &imagesXML{}
	for _, id := range found {
		answer.Images.Items = append(answer.Images.Items, imageXML{
			ID: id, Location: owner + "/" + id, State: "available", Owner: owner, Architecture: "x86_64", Type: "machine",
			Name: id, RootDeviceType: "ebs", RootDevice: "/dev/xvda", Virtualization: "hvm", Hypervisor: "xen",
		})
	}
	return answer, summarize(found, "images"), nil
}

// describeKeyPairs returns the account's key pairs.
func (c *cloud) describeKeyPairs(p *params) (response, string, *refusal) {
	names := p.list("KeyName")
	filters := p.filters("key-name")
	found, refusal := lookUp(p, names, filters, c.keyPairs, "InvalidKeyPair.NotFound", "The key pair '%s' does not exist")
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &keyPairsXML{}
	for _, name := range found {
		n := 1 + slices.Index(c.keyPairs, name)
		answer.Keys.Items = append(answer.Keys.Items, keyPairXML{
			ID: fmt.Sprintf("key-0fa11bac0ffee%04x", n), Name: name, Type: "rsa", Fingerprint: strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%02x:", n&0xff), 20), ":"),
		})
	}
	return answer, summarize(found, "key pairs"), nil
}

// describeSecurityGroups returns the account's security groups. All are in its only network.
func (c *cloud) describeSecurityGroups(p *params) (response, string, *refusal) {
	ids := p.identifiers("GroupId", groupForm, "InvalidGroupId.Malformed")
	filters := p.filters("group-id")
	found, refusal := lookUp(p, ids, filters, c.groups, "InvalidGroup.NotFound", "The security group '%s' does not exist")
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &groupsXML{}
	for _, id := range found {
		answer.Groups.Items = append(answer.Groups.Items, groupXML{ID: id, Name: c.groupName(id), Owner: owner, Description: c.groupName(id) + " security group", VPC: defaultVPC})
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

// lookUp returns those of the given names that match the filters, or all that match if no names are
// given. Every given name must exist.
func lookUp(p *params, names []string, filters []filter, all []string, code, message string) ([]string, *refusal) {
	if refusal := p.finish(); refusal != nil {
		return nil, refusal
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, newRefusal(code, message, name)
		}
	}
	var found []string
	for _, name := range all {
		if (len(names) == 0 || slices.Contains(names, name)) && matchAll(filters, func(string) []string { return []string{name} }) {
			found = append(found, name)
		}
	}
	return found, nil
}

// summarize formats a list for an Exchange: up to three names, or the number of names.
func summarize(found []string, what string) string {
	if len(found) == 0 || len(found) > 3 {
		return fmt.Sprintf("%d %s", len(found), what)
	}
	return strings.Join(found, ", ")
}
