package sandbox

import "slices"

// region is the only region of the sandbox.
const region = "us-east-1"

const endpoint = "ec2." + region + ".amazonaws.com"

type regionXML struct {
	Name     string `xml:"regionName"`
	Endpoint string `xml:"regionEndpoint"`
	OptIn    string `xml:"optInStatus"`
}

const noOptIn = "opt-in-not-required"

// describeRegions returns the only region.
func (c *cloud) describeRegions(p *params) (response, string, *refusal) {
	p.boolean("AllRegions") // all or not, it is the same region
	l := listing[string]{
		parameter: "RegionName", missing: notFound(sandboxLimit, "The sandbox does not know the region %s; it knows "+region), id: itself,
		filters: map[string]func(string) string{"region-name": itself, "endpoint": fixed[string](endpoint), "opt-in-status": fixed[string](noOptIn)},
	}
	found, _, refusal := l.list(p, []string{region})
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &struct {
		head
		Regions set[regionXML] `xml:"regionInfo"`
	}{}
	for _, name := range found {
		answer.Regions.Items = append(answer.Regions.Items, regionXML{name, endpoint, noOptIn})
	}
	return answer, summarize(found, "regions"), nil
}

type zoneXML struct {
	Name    string   `xml:"zoneName"`
	ID      string   `xml:"zoneId"`
	Type    string   `xml:"zoneType"`
	State   string   `xml:"zoneState"`
	Region  string   `xml:"regionName"`
	Group   string   `xml:"groupName"`
	Border  string   `xml:"networkBorderGroup"`
	OptIn   string   `xml:"optInStatus"`
	Message struct{} `xml:"messageSet"`
}

// describeAvailabilityZones returns the zones of the region.
func (c *cloud) describeAvailabilityZones(p *params) (response, string, *refusal) {
	p.boolean("AllAvailabilityZones") // all or not, they are the same zones
	ids := p.list("ZoneId")
	l := listing[availabilityZone]{
		parameter: "ZoneName", missing: notFound("InvalidParameterValue", "Invalid availability zones: [%s]"), id: func(z availabilityZone) string { return z.name },
		filters: map[string]func(availabilityZone) string{
			"zone-name":     func(z availabilityZone) string { return z.name },
			"zone-id":       func(z availabilityZone) string { return z.id },
			"zone-type":     fixed[availabilityZone]("availability-zone"),
			"state":         fixed[availabilityZone]("available"),
			"region-name":   fixed[availabilityZone](region),
			"opt-in-status": fixed[availabilityZone](noOptIn),
		},
	}
	found, _, refusal := l.list(p, zones)
	if refusal != nil {
		return nil, "", refusal
	}
	for _, id := range ids {
		if !slices.ContainsFunc(zones, func(z availabilityZone) bool { return z.id == id }) {
			return nil, "", newRefusal("InvalidParameterValue", "Invalid availability zone-id: [%s]", id)
		}
	}
	answer := &struct {
		head
		Zones set[zoneXML] `xml:"availabilityZoneInfo"`
	}{}
	var names []string
	for _, z := range found {
		if len(ids) > 0 && !slices.Contains(ids, z.id) {
			continue
		}
		names = append(names, z.name)
		answer.Zones.Items = append(answer.Zones.Items, zoneXML{
			Name: z.name, ID: z.id, Type: "availability-zone", State: "available", Region: region, Group: region + "-zg-1", Border: region, OptIn: noOptIn,
		})
	}
	return answer, summarize(names, "zones"), nil
}
