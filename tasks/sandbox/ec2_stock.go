package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// describeImages shows the account's images.
func (c *cloud) describeImages(p *params) (response, string, *refusal) {
	ids := p.identifiers("ImageId", imageForm, "InvalidAMIID.Malformed")
	p.list("Owner") // everything here has one owner
	filters := p.filters("image-id")
	found, refusal := stock(p, ids, filters, c.images, "InvalidAMIID.NotFound", "The image id '[%s]' does not exist")
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
	return answer, say(found, "images"), nil
}

// describeKeyPairs shows the account's key pairs.
func (c *cloud) describeKeyPairs(p *params) (response, string, *refusal) {
	names := p.list("KeyName")
	filters := p.filters("key-name")
	found, refusal := stock(p, names, filters, c.keyPairs, "InvalidKeyPair.NotFound", "The key pair '%s' does not exist")
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
	return answer, say(found, "key pairs"), nil
}

// describeSecurityGroups shows the account's security groups, which are all in its one network.
func (c *cloud) describeSecurityGroups(p *params) (response, string, *refusal) {
	ids := p.identifiers("GroupId", groupForm, "InvalidGroupId.Malformed")
	filters := p.filters("group-id")
	found, refusal := stock(p, ids, filters, c.groups, "InvalidGroup.NotFound", "The security group '%s' does not exist")
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &groupsXML{}
	for _, id := range found {
		answer.Groups.Items = append(answer.Groups.Items, groupXML{ID: id, Name: c.groupName(id), Owner: owner, Description: c.groupName(id) + " security group", VPC: vpc})
	}
	return answer, say(found, "security groups"), nil
}

// groupName names a security group after its place: the first is the default one.
func (c *cloud) groupName(id string) string {
	if n := slices.Index(c.groups, id); n > 0 {
		return fmt.Sprintf("group-%d", n)
	}
	return "default"
}

// stock looks names up among those there are; without any it gives all that the filters let pass.
func stock(p *params, names []string, filters []filter, all []string, code, message string) ([]string, *refusal) {
	if refusal := p.done(); refusal != nil {
		return nil, refusal
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, refused(code, message, name)
		}
	}
	var found []string
	for _, name := range all {
		if (len(names) == 0 || slices.Contains(names, name)) && passes(filters, func(string) []string { return []string{name} }) {
			found = append(found, name)
		}
	}
	return found, nil
}

func say(found []string, what string) string {
	if len(found) == 0 || len(found) > 3 {
		return fmt.Sprintf("%d %s", len(found), what)
	}
	return strings.Join(found, ", ")
}
