package sandbox

import (
	"time"
)

// A set is a list in the form of the Query API: an element with an <item> for each member.
type set[T any] struct {
	Items []T `xml:"item"`
}

// The elements of the answers, in the order of the API reference. Those that embed head are
// complete answers.
type (
	returnXML struct {
		head
		Return bool `xml:"return"`
	}
	stateXML struct {
		Code int    `xml:"code"`
		Name string `xml:"name"`
	}
	tagXML struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	groupRefXML struct {
		ID   string `xml:"groupId"`
		Name string `xml:"groupName,omitempty"`
	}
	stateReasonXML struct {
		Code    string `xml:"code"`
		Message string `xml:"message"`
	}
	profileXML struct {
		ARN string `xml:"arn"`
		ID  string `xml:"id"`
	}
	placementXML struct {
		Zone    string `xml:"availabilityZone"`
		Tenancy string `xml:"tenancy"`
	}
	instanceXML struct {
		ID             string           `xml:"instanceId"`
		Image          string           `xml:"imageId"`
		State          stateXML         `xml:"instanceState"`
		PrivateDNS     string           `xml:"privateDnsName"`
		PublicDNS      string           `xml:"dnsName"`
		Reason         string           `xml:"reason"`
		KeyName        string           `xml:"keyName,omitempty"`
		Profile        *profileXML      `xml:"iamInstanceProfile"`
		LaunchIndex    int              `xml:"amiLaunchIndex"`
		Type           string           `xml:"instanceType"`
		LaunchTime     string           `xml:"launchTime"`
		Placement      placementXML     `xml:"placement"`
		Kernel         string           `xml:"kernelId,omitempty"`
		Ramdisk        string           `xml:"ramdiskId,omitempty"`
		Monitoring     string           `xml:"monitoring>state"`
		Subnet         string           `xml:"subnetId,omitempty"`
		VPC            string           `xml:"vpcId,omitempty"`
		PrivateIP      string           `xml:"privateIpAddress,omitempty"`
		PublicIP       string           `xml:"ipAddress,omitempty"`
		IPv6           string           `xml:"ipv6Address,omitempty"`
		Groups         set[groupRefXML] `xml:"groupSet"`
		StateReason    *stateReasonXML  `xml:"stateReason"`
		Architecture   string           `xml:"architecture"`
		RootDeviceType string           `xml:"rootDeviceType"`
		RootDevice     string           `xml:"rootDeviceName"`
		Devices        *set[deviceXML]  `xml:"blockDeviceMapping"`
		Virtualization string           `xml:"virtualizationType"`
		ClientToken    string           `xml:"clientToken"`
		Tags           *set[tagXML]     `xml:"tagSet"`
		Hypervisor     string           `xml:"hypervisor"`
	}
	reservation struct {
		ID        string           `xml:"reservationId"`
		Owner     string           `xml:"ownerId"`
		Groups    set[groupRefXML] `xml:"groupSet"`
		Instances set[instanceXML] `xml:"instancesSet"`
	}
	launchXML struct {
		head
		reservation
	}
	reservationSet struct {
		head
		Reservations set[reservation] `xml:"reservationSet"`
		Next         string           `xml:"nextToken,omitempty"`
	}
	statusXML struct {
		ID       string     `xml:"instanceId"`
		Zone     string     `xml:"availabilityZone"`
		State    stateXML   `xml:"instanceState"`
		System   summaryXML `xml:"systemStatus"`
		Instance summaryXML `xml:"instanceStatus"`
	}
	summaryXML struct {
		Status  string          `xml:"status"`
		Details *set[detailXML] `xml:"details"`
	}
	detailXML struct {
		Name   string `xml:"name"`
		Status string `xml:"status"`
	}
	statusSet struct {
		head
		Statuses set[statusXML] `xml:"instanceStatusSet"`
		Next     string         `xml:"nextToken,omitempty"`
	}
	changeXML struct {
		ID       string   `xml:"instanceId"`
		Current  stateXML `xml:"currentState"`
		Previous stateXML `xml:"previousState"`
	}
	changeSet struct {
		head
		Changes set[changeXML] `xml:"instancesSet"`
	}
	imageXML struct {
		ID             string       `xml:"imageId"`
		Location       string       `xml:"imageLocation"`
		State          string       `xml:"imageState"`
		Owner          string       `xml:"imageOwnerId"`
		Public         bool         `xml:"isPublic"`
		Architecture   string       `xml:"architecture"`
		Type           string       `xml:"imageType"`
		Name           string       `xml:"name"`
		RootDeviceType string       `xml:"rootDeviceType"`
		RootDevice     string       `xml:"rootDeviceName"`
		Virtualization string       `xml:"virtualizationType"`
		Hypervisor     string       `xml:"hypervisor"`
		Tags           *set[tagXML] `xml:"tagSet"`
	}
	imagesXML struct {
		head
		Images set[imageXML] `xml:"imagesSet"`
	}
	keyPairXML struct {
		ID          string       `xml:"keyPairId"`
		Name        string       `xml:"keyName"`
		Type        string       `xml:"keyType"`
		Fingerprint string       `xml:"keyFingerprint"`
		Tags        *set[tagXML] `xml:"tagSet"`
	}
	keyPairsXML struct {
		head
		Keys set[keyPairXML] `xml:"keySet"`
	}
	groupXML struct {
		Owner       string       `xml:"ownerId"`
		ID          string       `xml:"groupId"`
		Name        string       `xml:"groupName"`
		Description string       `xml:"groupDescription"`
		VPC         string       `xml:"vpcId"`
		Tags        *set[tagXML] `xml:"tagSet"`
	}
	groupsXML struct {
		head
		Groups set[groupXML] `xml:"securityGroupInfo"`
		Next   string        `xml:"nextToken,omitempty"`
	}
)

func (s state) xml() stateXML { return stateXML{Code: int(s), Name: s.String()} }

func (i *instance) xml() instanceXML {
	x := instanceXML{
		ID: i.id, Image: i.image, State: i.state.xml(), PrivateDNS: i.privateDNS(), PublicDNS: i.publicDNS(), Reason: i.transition,
		KeyName: i.keyPair, LaunchIndex: i.index, Type: i.kind, LaunchTime: timestamp(i.launched),
		Placement: placementXML{i.subnet.zone, "default"}, Kernel: i.kernel, Ramdisk: i.ramdisk, Monitoring: "disabled",
		PrivateIP: i.privateIP(), PublicIP: i.publicIP(), Architecture: "x86_64", RootDeviceType: "ebs", RootDevice: rootDevice, Devices: i.devices(),
		Virtualization: "hvm", ClientToken: i.token, Hypervisor: "xen",
	}
	if i.state != terminated { // a terminated instance has left its network
		x.Subnet, x.VPC, x.IPv6 = i.subnet.id, i.subnet.vpc, i.ipv6
		x.Groups = groupRefs(i.groups)
	}
	if i.profile != "" {
		x.Profile = &profileXML{profileARN(i.profile), "AIPA0FA11BAC0FFEE0001"}
	}
	if i.monitoring {
		x.Monitoring = "enabled"
	}
	if i.reason != (reason{}) {
		x.StateReason = &stateReasonXML{i.reason.code, i.reason.code + ": " + i.reason.text}
	}
	x.Tags = tagsXML(i.tags)
	return x
}

// timestamp formats a time for an answer.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func groupRefs(ids []string) set[groupRefXML] {
	var s set[groupRefXML]
	for _, id := range ids {
		s.Items = append(s.Items, groupRefXML{ID: id})
	}
	return s
}

// reservationXML returns a reservation: the instances of one launch.
func reservationXML(made []*instance) reservation {
	r := reservation{ID: made[0].reservation, Owner: owner}
	for _, i := range made {
		r.Instances.Items = append(r.Instances.Items, i.xml())
	}
	return r
}

func reservationsXML(found []*instance, next string) *reservationSet {
	all := &reservationSet{Next: next}
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].reservation == found[0].reservation {
			n++
		}
		all.Reservations.Items = append(all.Reservations.Items, reservationXML(found[:n]))
		found = found[n:]
	}
	return all
}

// status returns the summary of the status checks of an instance.
func (i *instance) status(now time.Time) summaryXML {
	check := func(status, reachability string) summaryXML {
		return summaryXML{Status: status, Details: &set[detailXML]{Items: []detailXML{{"reachability", reachability}}}}
	}
	switch {
	case i.state != running:
		return summaryXML{Status: "not-applicable"}
	case now.Before(i.checked):
		return check("initializing", "initializing")
	case i.checksFail:
		return check("impaired", "failed")
	}
	return check("ok", "passed")
}

func statusesXML(found []*instance, next string, now time.Time) *statusSet {
	all := &statusSet{Next: next}
	for _, i := range found {
		check := i.status(now)
		all.Statuses.Items = append(all.Statuses.Items, statusXML{ID: i.id, Zone: i.subnet.zone, State: i.state.xml(), System: check, Instance: check})
	}
	return all
}

func changesXML(changes []change) *changeSet {
	all := &changeSet{}
	for _, c := range changes {
		all.Changes.Items = append(all.Changes.Items, changeXML{c.id, c.to.xml(), c.from.xml()})
	}
	return all
}
