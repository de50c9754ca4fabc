package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// A launch belongs to a client token: the request with the token, and the instances it launched.
type launch struct {
	request   string
	instances []*instance
}

// A runRequest holds the parameters of RunInstances.
type runRequest struct {
	image, kind, keyPair string
	kernel, ramdisk      string
	token                string
	least, most          int
	groups               []string
	tags, volumeTags     map[string]string
	attributes           attributes
	monitoring           string // "true", "false", or empty
	subnet               string
	profile              string
	template             templateChoice
	whole                string // every parameter but the token: must not differ when the token is repeated
}

// runInstances launches instances. If a client token is repeated with the same request, the answer
// is the same reservation in its present state. With another request, or after the end of its
// instances, the token is refused.
func (c *cloud) runInstances(p *params) (response, string, *refusal) {
	r, refusal := readRunRequest(p)
	if refusal != nil {
		return nil, "", refusal
	}
	if before := c.launches[r.token]; before != nil {
		if before.request != r.whole {
			return nil, "", newRefusal("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
		}
		if !slices.ContainsFunc(before.instances, func(i *instance) bool { return i.state != shuttingDown && i.state != terminated }) {
			return nil, "", newRefusal("IdempotentInstanceTerminated", "The instances launched with this client token have been terminated.")
		}
		return launchAnswer(before.instances)
	}
	place, refusal := c.resolve(&r)
	if refusal != nil {
		return nil, "", refusal
	}
	n, refusal := c.countLaunches(r)
	if refusal != nil {
		return nil, "", refusal
	}
	if r.groups == nil {
		r.groups = c.defaultGroup()
	}
	reservation := c.mint("r-")
	var made []*instance
	for index := range n {
		i := &instance{
			id: c.mint("i-"), kind: r.kind, image: r.image, keyPair: r.keyPair, kernel: r.kernel, ramdisk: r.ramdisk, token: r.token,
			reservation: reservation, index: index, groups: r.groups, tags: maps.Clone(r.tags), monitoring: r.monitoring == "true",
			subnet: place, profile: r.profile,
			visible: c.now.Add(c.timing.visibleAfter), private: len(c.instances),
			failsToStart: c.launchesDie, diesAtLaunch: true, onlyPrivate: c.onlyPrivate, attributes: r.attributes,
		}
		c.instances = append(c.instances, i)
		c.setTags(volumeOf(i), maps.Clone(r.volumeTags))
		made = append(made, i)
	}
	if r.token != "" {
		c.launches[r.token] = &launch{request: r.whole, instances: made}
	}
	for _, i := range made {
		c.enter(i, pending, reason{})
	}
	return launchAnswer(made)
}

func launchAnswer(made []*instance) (response, string, *refusal) {
	said := []string{made[0].reservation}
	for _, i := range made {
		said = append(said, i.id+" "+i.state.String())
	}
	return &launchXML{reservation: reservationXML(made)}, strings.Join(said, " "), nil
}

func readRunRequest(p *params) (runRequest, *refusal) {
	r := runRequest{token: p.text("ClientToken")}
	r.whole = p.left.Encode()
	if len(r.token) > 64 || strings.ContainsFunc(r.token, func(c rune) bool { return c > 127 }) {
		p.refuse("InvalidParameterValue", "Invalid value for ClientToken. It must be at most 64 ASCII characters.")
	}
	r.template = p.template()
	if r.image = p.text("ImageId"); r.image == "" && r.template == (templateChoice{}) {
		p.refuse("MissingParameter", "The request must contain the parameter ImageId")
	}
	if r.image != "" && !imageForm(r.image) {
		p.refuse("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", r.image)
	}
	r.least, r.most = p.number("MinCount", p.required("MinCount"), 1), p.number("MaxCount", p.required("MaxCount"), 1)
	if r.least > r.most {
		p.refuse("InvalidParameterCombination", "The value of MinCount (%d) must not be greater than MaxCount (%d)", r.least, r.most)
	}
	if r.kind = p.text("InstanceType"); r.kind != "" && vcpus(r.kind) == 0 {
		p.refuse("InvalidParameterValue", "Invalid value '%s' for InstanceType.", r.kind)
	}
	if r.kernel = p.text("KernelId"); r.kernel != "" && !kernelForm(r.kernel) {
		p.refuse("InvalidKernelId.Malformed", "Invalid id: \"%s\" (expecting \"aki-...\")", r.kernel)
	}
	if r.ramdisk = p.text("RamdiskId"); r.ramdisk != "" && !ramdiskForm(r.ramdisk) {
		p.refuse("InvalidRamdiskId.Malformed", "Invalid id: \"%s\" (expecting \"ari-...\")", r.ramdisk)
	}
	if r.monitoring = p.left.Get("Monitoring.Enabled"); r.monitoring != "" {
		p.boolean("Monitoring.Enabled")
	}
	if r.subnet = p.text("SubnetId"); r.subnet != "" && !subnetForm(r.subnet) {
		p.refuse("InvalidSubnetID.Malformed", "Invalid id: \"%s\" (expecting \"subnet-...\")", r.subnet)
	}
	r.profile = p.profile()
	r.keyPair = p.text("KeyName")
	r.groups = p.identifiers("SecurityGroupId", groupForm, "InvalidGroupId.Malformed")
	r.tags, r.volumeTags = p.tags()
	r.attributes = p.launchAttributes()
	r.attributes.userData = p.text("UserData")
	p.accept(checkUserData(r.attributes.userData))
	return r, p.finish()
}

// tags reads the TagSpecifications and returns the tags of the instance and of its volume. Tags of a
// network interface are checked and dropped, because the sandbox has none.
func (p *params) tags() (instance, volume map[string]string) {
	byKind := map[string]map[string]string{"instance": {}, "volume": {}, "network-interface": {}, "spot-instances-request": {}, "": {}}
	for _, specification := range p.members("TagSpecification") {
		kind := specification.required("ResourceType")
		if all, ok := byKind[kind]; ok {
			for _, tag := range specification.members("Tag") {
				key, value := tag.text("Key"), tag.text("Value")
				specification.checkTag(key, value)
				specification.merge(tag)
				if _, twice := all[key]; twice {
					specification.refuse("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
				}
				all[key] = value
			}
			if len(all) > maxTags {
				specification.refuse("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
			}
		} else {
			specification.refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", kind)
		}
		p.merge(specification)
	}
	return byKind["instance"], byKind["volume"]
}

// maxTags is how many tags a resource may have.
const maxTags = 50

// checkTag checks a tag by the rules of EC2: a key of 1 to 128 characters that does not begin with
// aws:, a value of at most 256 characters.
func (p *params) checkTag(key, value string) {
	switch {
	case key == "":
		p.refuse("InvalidParameterValue", "Tag key cannot be null or empty")
	case len([]rune(key)) > 128:
		p.refuse("InvalidParameterValue", "Tag key exceeds the maximum length of 128 characters")
	case len([]rune(value)) > 256:
		p.refuse("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		p.refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
	}
}

// countLaunches returns how many instances to launch: as many as the limits allow, and at least
// MinCount.
func (c *cloud) countLaunches(r runRequest) (int, *refusal) {
	if !slices.Contains(c.images, r.image) {
		return 0, newRefusal("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", r.image)
	}
	if r.keyPair != "" && !slices.Contains(c.keyPairs, r.keyPair) {
		return 0, newRefusal("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", r.keyPair)
	}
	for _, group := range r.groups {
		if !slices.Contains(c.groups, group) {
			return 0, newRefusal("InvalidGroup.NotFound", "The security group '%s' does not exist", group)
		}
	}
	n, alive, used := r.most, 0, 0
	for _, i := range c.instances {
		if i.state != terminated && i.state != shuttingDown {
			alive++
		}
		if i.state == pending || i.state == running {
			used += vcpus(i.kind)
		}
	}
	if c.limit >= 0 {
		if n = min(n, c.limit-alive); n < r.least {
			return 0, newRefusal("InstanceLimitExceeded", "Your quota allows for %d more running instance(s). You requested at least %d", max(0, c.limit-alive), r.least)
		}
	}
	if c.vcpuLimit >= 0 {
		if n = min(n, (c.vcpuLimit-used)/vcpus(r.kind)); n < r.least {
			return 0, newRefusal("VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit of %d allows for the instance bucket that the specified instance type belongs to.", c.vcpuLimit)
		}
	}
	return n, nil
}
