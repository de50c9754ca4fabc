package sandbox

import (
	"fmt"
	"slices"
)

// readSubnets reads the subnets of a world, which come after those that every account has.
func (w *world) readSubnets(list value) {
	w.subnets = builtInSubnets()
	seen := map[string]bool{}
	for _, s := range w.subnets {
		seen[s.id] = true
	}
	for n, v := range list.list() {
		if !v.object("id", "zone", "vpc") {
			continue
		}
		s := subnetwork{
			id:   v.identifier("id", subnetForm, "a subnet's identifier", "subnet-0a1b2c3d4e5f60000", seen),
			zone: v.at("zone").oneOf("a zone", zone, zoneNames()...),
			vpc:  vpc,
			cidr: fmt.Sprintf("10.0.%d.0/24", 192+n%64), // what the others leave of the VPC
		}
		if v.has("vpc") {
			s.vpc = v.at("vpc").matching(vpcForm, "a VPC's identifier", "vpc-0a1b2c3d4e5f60000")
		}
		w.subnets = append(w.subnets, s)
	}
}

func zoneNames() []string {
	var names []string
	for _, z := range zones {
		names = append(names, z.name)
	}
	return names
}

// subnetOf reads the subnet of an instance of a world: one of the world's, or the first.
func (w *world) subnetOf(v value) subnetwork {
	id := v.stringOr(w.subnets[0].id)
	i := slices.IndexFunc(w.subnets, func(s subnetwork) bool { return s.id == id })
	if i < 0 {
		v.problem("add it to subnets", "there is no subnet %q", id)
		return subnetwork{}
	}
	return w.subnets[i]
}

// place returns the subnet of a launch. Without a subnet, EC2 takes one of the default VPC.
func (c *cloud) place(id string) (subnetwork, *refusal) {
	for _, s := range c.subnets {
		if s.id == id || id == "" && c.isDefaultSubnet(s) {
			return s, nil
		}
	}
	if id == "" {
		return subnetwork{}, newRefusal("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
	}
	return subnetwork{}, newRefusal("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
}
