package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tagsOf returns the tags of a resource. The caller must not change them.
func (c *cloud) tagsOf(id string) map[string]string {
	for _, i := range c.instances {
		if i.id == id {
			return i.tags
		}
	}
	return c.tags[id]
}

// setTags replaces the tags of a resource.
func (c *cloud) setTags(id string, tags map[string]string) {
	for _, i := range c.instances {
		if i.id == id {
			i.tags = tags
			return
		}
	}
	c.tags[id] = tags
}

// A taggable is a resource that can have tags.
type taggable struct{ id, kind string }

// taggables returns the resources that can have tags.
func (c *cloud) taggables() []taggable {
	var all []taggable
	add := func(kind string, ids ...string) {
		for _, id := range ids {
			all = append(all, taggable{id, kind})
		}
	}
	for _, i := range c.instances {
		if c.isVisible(i) {
			add("instance", i.id)
		}
	}
	for _, i := range c.volumed() {
		add("volume", volumeOf(i))
	}
	add("image", c.images...)
	for _, name := range c.keyPairs {
		add("key-pair", c.keyPairID(name))
	}
	add("security-group", c.groups...)
	add("vpc", c.vpcs()...)
	for _, s := range c.subnets {
		add("subnet", s.id)
	}
	return all
}

// missing are the codes for resources that do not exist, by the prefix of their identifiers.
var missing = map[string]string{
	"i-": "InvalidInstanceID.NotFound", "vol-": "InvalidVolume.NotFound", "ami-": "InvalidAMIID.NotFound", "key-": "InvalidKeyPair.NotFound",
	"sg-": "InvalidGroup.NotFound", "vpc-": "InvalidVpcID.NotFound", "subnet-": "InvalidSubnetID.NotFound",
}

// resources reads the identifiers of the resources whose tags an action changes.
func (p *params) resources() []string {
	ids := p.list("ResourceId")
	if len(ids) == 0 {
		p.refuse("MissingParameter", "The request must contain the parameter resourceIdSet")
	}
	for _, id := range ids {
		prefix, _, _ := strings.Cut(id, "-")
		prefix += "-"
		switch {
		case prefix == id || !isIdentifier(id, prefix):
			p.refuse("InvalidID", "The ID '%s' is not valid", id)
		case missing[prefix] == "":
			p.refuse(sandboxLimit, "The sandbox does not know resources such as %s; it knows those that begin with %s", id, strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
		}
	}
	return ids
}

// retag changes the tags of all these resources, or of none if one of them does not exist or would
// have too many tags.
func (c *cloud) retag(p *params, ids []string, change func(tags map[string]string)) (response, string, *refusal) {
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	all := c.taggables()
	changed := map[string]map[string]string{}
	for _, id := range ids {
		prefix, _, _ := strings.Cut(id, "-")
		if !slices.ContainsFunc(all, func(r taggable) bool { return r.id == id }) {
			return nil, "", newRefusal(missing[prefix+"-"], "The ID '%s' does not exist", id)
		}
		tags := map[string]string{}
		maps.Copy(tags, c.tagsOf(id))
		change(tags)
		if len(tags) > maxTags {
			return nil, "", newRefusal("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
		}
		changed[id] = tags
	}
	for id, tags := range changed {
		c.setTags(id, tags)
	}
	return &returnXML{Return: true}, "true", nil
}

// createTags adds tags to resources, and replaces the values of tags that they have.
func (c *cloud) createTags(p *params) (response, string, *refusal) {
	ids, added := p.resources(), map[string]string{}
	for _, m := range p.members("Tag") {
		key, value := m.text("Key"), m.text("Value")
		m.checkTag(key, value)
		if _, twice := added[key]; twice {
			m.refuse("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
		}
		added[key] = value
		p.merge(m)
	}
	if len(added) == 0 {
		p.refuse("MissingParameter", "The request must contain the parameter tagSet")
	}
	return c.retag(p, ids, func(tags map[string]string) { maps.Copy(tags, added) })
}

// A deletion is a tag to delete.
type deletion struct {
	key, value string
	exact      bool // only if it has this value
}

// deleteTags deletes tags of resources: those with a key, or with a key and a value if the request
// has one, or all if it names none. A tag that a resource does not have is no error.
func (c *cloud) deleteTags(p *params) (response, string, *refusal) {
	ids, members := p.resources(), p.members("Tag")
	var deletions []deletion
	for _, m := range members {
		_, exact := m.left["Value"]
		deletions = append(deletions, deletion{m.required("Key"), m.text("Value"), exact})
		p.merge(m)
	}
	return c.retag(p, ids, func(tags map[string]string) {
		maps.DeleteFunc(tags, func(key, value string) bool {
			return len(deletions) == 0 || slices.ContainsFunc(deletions, func(d deletion) bool { return d.key == key && (!d.exact || d.value == value) })
		})
	})
}

// A taggedResource is one tag of a resource.
type taggedResource struct {
	ID    string `xml:"resourceId"`
	Kind  string `xml:"resourceType"`
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

// describeTags returns the tags of all resources.
func (c *cloud) describeTags(p *params) (response, string, *refusal) {
	var all []taggedResource
	for _, r := range c.taggables() {
		tags := c.tagsOf(r.id)
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			all = append(all, taggedResource{r.id, r.kind, key, tags[key]})
		}
	}
	l := listing[taggedResource]{
		pageSize: 5, tags: func(t taggedResource) map[string]string { return map[string]string{t.Key: t.Value} },
		filters: map[string]func(taggedResource) string{
			"resource-id":   func(t taggedResource) string { return t.ID },
			"resource-type": func(t taggedResource) string { return t.Kind },
			"key":           func(t taggedResource) string { return t.Key },
			"value":         func(t taggedResource) string { return t.Value },
		},
	}
	found, next, refusal := l.list(p, all)
	if refusal != nil {
		return nil, "", refusal
	}
	answer := &struct {
		head
		Tags set[taggedResource] `xml:"tagSet"`
		Next string              `xml:"nextToken,omitempty"`
	}{Tags: set[taggedResource]{Items: found}, Next: next}
	return answer, fmt.Sprintf("%d tags", len(found)), nil
}

// tagsXML returns tags in the form of an answer, or nil if there are none.
func tagsXML(tags map[string]string) *set[tagXML] {
	if len(tags) == 0 {
		return nil
	}
	s := &set[tagXML]{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		s.Items = append(s.Items, tagXML{key, tags[key]})
	}
	return s
}
