package sandbox

import "slices"

// The default VPC and the subnet that every account with a default VPC has.
const (
	defaultVPC    = "vpc-0fa11bac0ffee0001"
	defaultSubnet = "subnet-0fa11bac0ffee0001"
	defaultZone   = "us-east-1a"
)

// A subnet is a part of a VPC, in one availability zone.
type subnet struct{ id, zone, vpc string }

// readSubnets reads the subnets of a world. The default subnet is the first one, unless there is no
// default VPC.
func (w *world) readSubnets(v value) {
	w.defaultVPC = !v.has("default_vpc") || v.at("default_vpc").boolean()
	seen := map[string]bool{}
	if w.defaultVPC {
		w.subnets = append(w.subnets, subnet{defaultSubnet, defaultZone, defaultVPC})
		seen[defaultSubnet] = true
	}
	for _, v := range v.at("subnets").list() {
		if !v.object("id", "zone", "vpc") {
			continue
		}
		s := subnet{
			id:   v.identifier("id", subnetForm, "a subnet's identifier", "subnet-0a1b2c3d4e5f60000", seen),
			zone: v.at("zone").stringOr(defaultZone),
			vpc:  defaultVPC,
		}
		if v.has("vpc") {
			s.vpc = v.at("vpc").matching(vpcForm, "a VPC's identifier", "vpc-0a1b2c3d4e5f60000")
		}
		w.subnets = append(w.subnets, s)
	}
}

// subnetOf reads the subnet of an instance of a world: one of the world's, or the first.
func (w *world) subnetOf(v value) subnet {
	id := v.stringOr("")
	if id == "" {
		if len(w.subnets) > 0 {
			return w.subnets[0]
		}
		return subnet{defaultSubnet, defaultZone, defaultVPC}
	}
	i := slices.IndexFunc(w.subnets, func(s subnet) bool { return s.id == id })
	if i < 0 {
		v.problem("add it to subnets", "there is no subnet %q", id)
		return subnet{}
	}
	return w.subnets[i]
}

// place returns the subnet of a launch. Without a subnet, EC2 takes one of the default VPC.
func (c *cloud) place(id string) (subnet, *refusal) {
	for _, s := range c.subnets {
		if s.id == id || id == "" && c.defaultVPC {
			return s, nil
		}
	}
	if id == "" {
		return subnet{}, newRefusal("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
	}
	return subnet{}, newRefusal("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
}
