package sandbox

import "strings"

// rootDevice is where the root volume of every instance is attached.
const rootDevice = "/dev/xvda"

// volumeOf returns the identifier of the root volume of an instance. It has the digits of the
// instance.
func volumeOf(i *instance) string { return "vol-" + strings.TrimPrefix(i.id, "i-") }

// volumed returns the instances that have a root volume: all that are not terminated, because the
// volume is deleted with its instance. The sandbox has no other volumes.
func (c *cloud) volumed() []*instance {
	var all []*instance
	for _, i := range c.instances {
		if i.state != terminated && c.isVisible(i) {
			all = append(all, i)
		}
	}
	return all
}

type (
	attachmentXML struct {
		Volume   string `xml:"volumeId"`
		Instance string `xml:"instanceId"`
		Device   string `xml:"device"`
		Status   string `xml:"status"`
		Time     string `xml:"attachTime"`
		Deleted  bool   `xml:"deleteOnTermination"`
	}
	volumeXML struct {
		ID          string             `xml:"volumeId"`
		Size        int                `xml:"size"`
		Type        string             `xml:"volumeType"`
		Zone        string             `xml:"availabilityZone"`
		Status      string             `xml:"status"`
		Created     string             `xml:"createTime"`
		Encrypted   bool               `xml:"encrypted"`
		Attachments set[attachmentXML] `xml:"attachmentSet"`
		Tags        *set[tagXML]       `xml:"tagSet"`
	}
	// A deviceXML is a volume as its instance shows it.
	deviceXML struct {
		Name    string `xml:"deviceName"`
		Volume  string `xml:"ebs>volumeId"`
		Status  string `xml:"ebs>status"`
		Time    string `xml:"ebs>attachTime"`
		Deleted bool   `xml:"ebs>deleteOnTermination"`
	}
)

const attached = "attached"

// describeVolumes returns the root volumes of the instances. Assumed: each has 8 GiB and is not
// encrypted.
func (c *cloud) describeVolumes(p *params) (response, string, *refusal) {
	l := listing[*instance]{
		parameter: "VolumeId", form: volumeForm, malformed: "InvalidVolumeID.Malformed", missing: notFound("InvalidVolume.NotFound", "The volume '%s' does not exist."),
		id: volumeOf, tags: func(i *instance) map[string]string { return c.tagsOf(volumeOf(i)) }, pageSize: 5,
		filters: map[string]func(*instance) string{
			"volume-id":                        volumeOf,
			"attachment.instance-id":           func(i *instance) string { return i.id },
			"attachment.device":                fixed[*instance](rootDevice),
			"attachment.status":                fixed[*instance](attached),
			"attachment.delete-on-termination": fixed[*instance]("true"),
			"availability-zone":                func(i *instance) string { return i.subnet.zone },
			"encrypted":                        fixed[*instance]("false"),
			"size":                             fixed[*instance]("8"),
			"status":                           fixed[*instance]("in-use"),
			"volume-type":                      fixed[*instance]("gp3"),
		},
	}
	found, next, refusal := l.list(p, c.volumed())
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &struct {
		head
		Volumes set[volumeXML] `xml:"volumeSet"`
		Next    string         `xml:"nextToken,omitempty"`
	}{Next: next}
	var ids []string
	for _, i := range found {
		id, created := volumeOf(i), timestamp(i.created)
		ids = append(ids, id)
		answer.Volumes.Items = append(answer.Volumes.Items, volumeXML{
			ID: id, Size: 8, Type: "gp3", Zone: i.subnet.zone, Status: "in-use", Created: created, Tags: tagsXML(c.tagsOf(id)),
			Attachments: set[attachmentXML]{Items: []attachmentXML{{id, i.id, rootDevice, attached, created, true}}},
		})
	}
	return answer, summarize(ids, "volumes"), nil
}

// devices returns the volumes of an instance, which has none after its end.
func (i *instance) devices() *set[deviceXML] {
	if i.state == terminated {
		return nil
	}
	return &set[deviceXML]{Items: []deviceXML{{rootDevice, volumeOf(i), attached, timestamp(i.created), true}}}
}
