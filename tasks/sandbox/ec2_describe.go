package sandbox

import (
	"fmt"
	"strings"
)

// describeInstances returns instances in every state, including terminated ones for a while.
func (c *cloud) describeInstances(p *params) (response, string, *refusal) {
	ids := p.identifiers("InstanceId", instanceForm, "InvalidInstanceID.Malformed")
	filters := p.filters("instance-id", "client-token", "instance-state-name", "instance-state-code", "instance-type", "image-id",
		"key-name", "reservation-id", "dns-name", "ip-address", "availability-zone", "subnet-id", "vpc-id", "tag-key", "tag:")
	page := p.page(ids, 5)
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	found, refusal := c.look(ids, filters)
	if refusal != nil {
		return nil, "", refusal
	}
	found, next := cut(page, found)
	return reservationsXML(found, next), summarizeInstances(found), nil
}

// describeInstanceStatus returns running instances only, or all if IncludeAllInstances is set. It
// returns no DNS names.
func (c *cloud) describeInstanceStatus(p *params) (response, string, *refusal) {
	ids := p.identifiers("InstanceId", instanceForm, "InvalidInstanceID.Malformed")
	all := p.boolean("IncludeAllInstances")
	filters := p.filters("instance-state-name", "instance-state-code")
	page := p.page(ids, 5)
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	found, refusal := c.look(ids, filters)
	if refusal != nil {
		return nil, "", refusal
	}
	var shown []*instance
	for _, i := range found {
		if all || i.state == running {
			shown = append(shown, i)
		}
	}
	shown, next := cut(page, shown)
	return statusesXML(shown, next, c.now), summarizeInstances(shown), nil
}

// look returns the instances with these identifiers that match the filters. Without identifiers it
// looks at all instances.
func (c *cloud) look(ids []string, filters []filter) ([]*instance, *refusal) {
	candidates, refusal := c.find(ids)
	if refusal != nil {
		return nil, refusal
	}
	if len(ids) == 0 {
		candidates = c.instances
	}
	var found []*instance
	for _, i := range candidates {
		if c.isVisible(i) && matchAll(filters, i.filterValues) {
			found = append(found, i)
		}
	}
	return found, nil
}

// filterValues returns the values of an instance that a filter with this name is compared with.
func (i *instance) filterValues(name string) []string {
	if key, ok := strings.CutPrefix(name, "tag:"); ok {
		if value, ok := i.tags[key]; ok {
			return []string{value}
		}
		return nil
	}
	switch name {
	case "tag-key":
		var keys []string
		for key := range i.tags {
			keys = append(keys, key)
		}
		return keys
	case "instance-id":
		return []string{i.id}
	case "client-token":
		return []string{i.token}
	case "instance-state-name":
		return []string{i.state.String()}
	case "instance-state-code":
		return []string{fmt.Sprint(int(i.state))}
	case "instance-type":
		return []string{i.kind}
	case "image-id":
		return []string{i.image}
	case "key-name":
		return []string{i.keyPair}
	case "reservation-id":
		return []string{i.reservation}
	case "dns-name":
		return []string{i.publicDNS()}
	case "availability-zone":
		return []string{i.subnet.zone}
	case "subnet-id":
		return []string{i.subnet.id}
	case "vpc-id":
		return []string{i.subnet.vpc}
	case "ip-address":
		return []string{i.publicIP()}
	}
	return nil
}

// summarizeInstances formats a list for an Exchange: up to three instances, or the number of
// instances.
func summarizeInstances(all []*instance) string {
	if len(all) == 0 || len(all) > 3 {
		return fmt.Sprintf("%d instances", len(all))
	}
	var said []string
	for _, i := range all {
		said = append(said, i.id+" "+i.state.String())
	}
	return strings.Join(said, ", ")
}
