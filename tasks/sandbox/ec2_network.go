package sandbox

import (
	"fmt"
	"slices"
	"strconv"
)

// vpc is the VPC that every account has, and zone its first zone.
const (
	vpc  = "vpc-0fa11bac0ffee0001"
	zone = "us-east-1a"
)

// The zones of the region. The first is the zone of every instance that names no subnet.
var zones = []availabilityZone{{zone, "use1-az1"}, {"us-east-1b", "use1-az2"}, {"us-east-1c", "use1-az3"}}

type availabilityZone struct{ name, id string }

// A subnetwork is a subnet of a VPC.
type subnetwork struct {
	id, zone, vpc, cidr string
	builtIn             bool // every account has it; it is a default subnet if there is a default VPC
}

// vpcCIDR has the private addresses of all instances.
const vpcCIDR = "10.0.0.0/16"

// builtInSubnets returns the subnets that every account has: one in each zone.
func builtInSubnets() []subnetwork {
	var all []subnetwork
	for n, z := range zones {
		all = append(all, subnetwork{fmt.Sprintf("subnet-0fa11bac0ffee%04x", n+1), z.name, vpc, fmt.Sprintf("10.0.%d.0/18", 64*n), true})
	}
	return all
}

// vpcs returns the identifiers of the VPCs of the account: those of its subnets.
func (c *cloud) vpcs() []string {
	var all []string
	for _, s := range c.subnets {
		if !slices.Contains(all, s.vpc) {
			all = append(all, s.vpc)
		}
	}
	return all
}

// isDefault reports whether a VPC is the default VPC.
func (c *cloud) isDefault(id string) bool { return id == vpc && !c.noDefaultVPC }

// isDefaultSubnet reports whether a launch that names no subnet may get this one.
func (c *cloud) isDefaultSubnet(s subnetwork) bool { return s.builtIn && !c.noDefaultVPC }

type vpcXML struct {
	ID      string       `xml:"vpcId"`
	Owner   string       `xml:"ownerId"`
	State   string       `xml:"state"`
	CIDR    string       `xml:"cidrBlock"`
	Options string       `xml:"dhcpOptionsId"`
	Tenancy string       `xml:"instanceTenancy"`
	Default bool         `xml:"isDefault"`
	Tags    *set[tagXML] `xml:"tagSet"`
}

// describeVPCs returns the account's VPCs.
func (c *cloud) describeVPCs(p *params) (response, string, *refusal) {
	l := listing[string]{
		parameter: "VpcId", form: vpcForm, malformed: "InvalidVpcId.Malformed", missing: notFound("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist"),
		id: itself, tags: c.tagsOf, pageSize: 5,
		filters: map[string]func(string) string{
			"vpc-id": itself, "cidr": fixed[string](vpcCIDR), "is-default": func(id string) string { return strconv.FormatBool(c.isDefault(id)) },
			"owner-id": fixed[string](owner), "state": fixed[string]("available"),
		},
	}
	found, next, refusal := l.list(p, c.vpcs())
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &struct {
		head
		VPCs set[vpcXML] `xml:"vpcSet"`
		Next string      `xml:"nextToken,omitempty"`
	}{Next: next}
	for _, id := range found {
		answer.VPCs.Items = append(answer.VPCs.Items, vpcXML{
			ID: id, Owner: owner, State: "available", CIDR: vpcCIDR, Options: "dopt-0fa11bac0ffee0001", Tenancy: "default", Default: c.isDefault(id), Tags: tagsXML(c.tagsOf(id)),
		})
	}
	return answer, summarize(found, "VPCs"), nil
}

type subnetXML struct {
	ID        string       `xml:"subnetId"`
	ARN       string       `xml:"subnetArn"`
	Owner     string       `xml:"ownerId"`
	State     string       `xml:"state"`
	VPC       string       `xml:"vpcId"`
	CIDR      string       `xml:"cidrBlock"`
	Free      int          `xml:"availableIpAddressCount"`
	Zone      string       `xml:"availabilityZone"`
	ZoneID    string       `xml:"availabilityZoneId"`
	Default   bool         `xml:"defaultForAz"`
	PublicIPs bool         `xml:"mapPublicIpOnLaunch"`
	Tags      *set[tagXML] `xml:"tagSet"`
}

// subnetFilters returns the value of each filter of DescribeSubnets.
func (c *cloud) subnetFilters() map[string]func(subnetwork) string {
	all := map[string]func(subnetwork) string{
		"subnet-id":            func(s subnetwork) string { return s.id },
		"vpc-id":               func(s subnetwork) string { return s.vpc },
		"availability-zone":    func(s subnetwork) string { return s.zone },
		"availability-zone-id": func(s subnetwork) string { return zoneID(s.zone) },
		"cidr-block":           func(s subnetwork) string { return s.cidr },
		"default-for-az":       func(s subnetwork) string { return strconv.FormatBool(c.isDefaultSubnet(s)) },
		"owner-id":             fixed[subnetwork](owner),
		"state":                fixed[subnetwork]("available"),
	}
	for other, name := range map[string]string{
		"availabilityZone": "availability-zone", "availabilityZoneId": "availability-zone-id", "cidr": "cidr-block", "cidrBlock": "cidr-block", "defaultForAz": "default-for-az",
	} {
		all[other] = all[name]
	}
	return all
}

// describeSubnets returns the account's subnets. It does not count the addresses that are in use.
func (c *cloud) describeSubnets(p *params) (response, string, *refusal) {
	l := listing[subnetwork]{
		parameter: "SubnetId", form: subnetForm, malformed: "InvalidSubnetID.Malformed", missing: notFound("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist"),
		id: func(s subnetwork) string { return s.id }, tags: func(s subnetwork) map[string]string { return c.tagsOf(s.id) }, pageSize: 5,
		filters: c.subnetFilters(),
	}
	found, next, refusal := l.list(p, c.subnets)
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &struct {
		head
		Subnets set[subnetXML] `xml:"subnetSet"`
		Next    string         `xml:"nextToken,omitempty"`
	}{Next: next}
	var ids []string
	for _, s := range found {
		ids = append(ids, s.id)
		answer.Subnets.Items = append(answer.Subnets.Items, subnetXML{
			ID: s.id, ARN: "arn:aws:ec2:" + region + ":" + owner + ":subnet/" + s.id, Owner: owner, State: "available", VPC: s.vpc, CIDR: s.cidr, Free: 16379,
			Zone: s.zone, ZoneID: zoneID(s.zone), Default: c.isDefaultSubnet(s), PublicIPs: !c.onlyPrivate, Tags: tagsXML(c.tagsOf(s.id)),
		})
	}
	return answer, summarize(ids, "subnets"), nil
}

// zoneID returns the identifier of a zone, which is the same in every account.
func zoneID(name string) string {
	for _, z := range zones {
		if z.name == name {
			return z.id
		}
	}
	return ""
}
