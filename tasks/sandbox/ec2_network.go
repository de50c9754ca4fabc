package sandbox

import (
	"fmt"
	"strconv"
)

// The zones of the region. The first is the zone of every instance that names no subnet.
var zones = []availabilityZone{{zone, "use1-az1"}, {"us-east-1b", "use1-az2"}, {"us-east-1c", "use1-az3"}}

type availabilityZone struct{ name, id string }

// A subnetwork is a subnet of a VPC.
type subnetwork struct{ id, zone, vpc, cidr string }

// vpcCIDR has the private addresses of all instances.
const vpcCIDR = "10.0.0.0/16"

// subnetworks returns the subnets of the account: one in each zone. They are default subnets if the
// account has a default VPC.
func (c *cloud) subnetworks() []subnetwork {
	var all []subnetwork
	for n, z := range zones {
		all = append(all, subnetwork{fmt.Sprintf("subnet-0fa11bac0ffee%04x", n+1), z.name, vpc, fmt.Sprintf("10.0.%d.0/18", 64*n)})
	}
	return all
}

// vpcs returns the identifiers of the VPCs of the account. There is one, which is the default VPC
// unless the world has none.
func (c *cloud) vpcs() []string { return []string{vpc} }

// checkNetwork refuses a launch that names no subnet if the account has no default VPC.
func (c *cloud) checkNetwork() *refusal {
	if !c.noDefaultVPC {
		return nil
	}
	return newRefusal("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
}

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
			"vpc-id": itself, "cidr": fixed[string](vpcCIDR), "is-default": fixed[string](strconv.FormatBool(!c.noDefaultVPC)),
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
			ID: id, Owner: owner, State: "available", CIDR: vpcCIDR, Options: "dopt-0fa11bac0ffee0001", Tenancy: "default", Default: !c.noDefaultVPC, Tags: tagsXML(c.tagsOf(id)),
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
		"default-for-az":       fixed[subnetwork](strconv.FormatBool(!c.noDefaultVPC)),
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
	found, next, refusal := l.list(p, c.subnetworks())
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
			Zone: s.zone, ZoneID: zoneID(s.zone), Default: !c.noDefaultVPC, PublicIPs: !c.onlyPrivate, Tags: tagsXML(c.tagsOf(s.id)),
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
