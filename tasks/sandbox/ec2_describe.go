package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// describeInstances returns instances in every state, including terminated ones for a while.
func (c *cloud) describeInstances(p *params) (response, string, *refusal) {
	ids := p.identifiers("InstanceId", instanceForm, "InvalidInstanceID.Malformed")
	filters := p.filters(append(slices.Sorted(maps.Keys(instanceFilters)), "reservation-id", "tag-key", "tag:")...)
	page := p.page("instancesSet", ids, 5)
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	found, refusal := c.look(ids, filters, (*instance).filterValues)
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
	filters := p.filters("availability-zone", "instance-state-name", "instance-state-code", "instance-status.status", "system-status.status")
	page := p.page("instancesSet", ids, 5)
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	found, refusal := c.look(ids, filters, func(i *instance, name string) []string {
		if strings.HasSuffix(name, "-status.status") {
			return []string{i.status(c.now).Status} // the two checks have the same result
		}
		return i.filterValues(name)
	})
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
// looks at all instances. values returns the values that a filter is compared with.
func (c *cloud) look(ids []string, filters []filter, values func(i *instance, filter string) []string) ([]*instance, *refusal) {
	candidates, refusal := c.find(ids)
	if refusal != nil {
		return nil, refusal
	}
	if len(ids) == 0 {
		candidates = c.instances
	}
	var found []*instance
	for _, i := range candidates {
		if c.isVisible(i) && matchAll(filters, func(name string) []string { return values(i, name) }) {
			found = append(found, i)
		}
	}
	return found, nil
}

// instanceFilters are the filters of DescribeInstances, besides those for tags. Each returns the values
// that it is compared with.
var instanceFilters = map[string]func(instanceXML) []string{
	"architecture":                   func(i instanceXML) []string { return []string{i.Architecture} },
	"availability-zone":              func(i instanceXML) []string { return []string{i.Placement.Zone} },
	"block-device-mapping.volume-id": func(i instanceXML) []string { return each(i.Devices, func(d deviceXML) string { return d.Volume }) },
	"client-token":                   func(i instanceXML) []string { return []string{i.ClientToken} },
	"dns-name":                       func(i instanceXML) []string { return []string{i.PublicDNS} },
	"image-id":                       func(i instanceXML) []string { return []string{i.Image} },
	"instance-id":                    func(i instanceXML) []string { return []string{i.ID} },
	"instance-state-code":            func(i instanceXML) []string { return []string{strconv.Itoa(i.State.Code)} },
	"instance-state-name":            func(i instanceXML) []string { return []string{i.State.Name} },
	"instance-type":                  func(i instanceXML) []string { return []string{i.Type} },
	"instance.group-id":              func(i instanceXML) []string { return each(&i.Groups, func(g groupRefXML) string { return g.ID }) },
	"ip-address":                     func(i instanceXML) []string { return []string{i.PublicIP} },
	"key-name":                       func(i instanceXML) []string { return []string{i.KeyName} },
	"launch-time":                    func(i instanceXML) []string { return []string{i.LaunchTime} },
	"monitoring-state":               func(i instanceXML) []string { return []string{i.Monitoring} },
	"owner-id":                       func(instanceXML) []string { return []string{owner} },
	"private-dns-name":               func(i instanceXML) []string { return []string{i.PrivateDNS} },
	"private-ip-address":             func(i instanceXML) []string { return []string{i.PrivateIP} },
	"subnet-id":                      func(i instanceXML) []string { return []string{i.Subnet} },
	"vpc-id":                         func(i instanceXML) []string { return []string{i.VPC} },
	"state-reason-code": func(i instanceXML) []string {
		if i.StateReason == nil {
			return nil
		}
		return []string{i.StateReason.Code}
	},
}

// filterValues returns the values of an instance that a filter with this name is compared with.
func (i *instance) filterValues(name string) []string {
	switch values := instanceFilters[name]; {
	case name == "reservation-id": // an attribute of its reservation
		return []string{i.reservation}
	case values != nil:
		return values(i.xml())
	}
	return tagValues(i.tags, name)
}

// each returns a text for each member of a set, which may be nil.
func each[T any](s *set[T], text func(T) string) []string {
	var all []string
	if s != nil {
		for _, item := range s.Items {
			all = append(all, text(item))
		}
	}
	return all
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
