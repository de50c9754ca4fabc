package sandbox

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
)

// A launchTemplate is what a launch has that does not say it itself. All its versions say the same.
type launchTemplate struct {
	id, name        string
	versions        int
	image, kind     string
	keyPair, subnet string
	groups          []string
	profile         string
	userData        string
	monitoring      bool
}

// A templateChoice is the launch template that a launch names. The zero value names none.
type templateChoice struct{ id, name, version string }

// readTemplates reads the launch templates and the instance profiles of a world.
func (w *world) readTemplates(v value) {
	w.profiles = v.at("instance_profiles").strings()
	ids, names := map[string]bool{}, map[string]bool{}
	for _, v := range v.at("launch_templates").list() {
		if !v.object("id", "name", "versions", "image", "instance_type", "key_pair", "security_groups", "subnet", "instance_profile", "user_data", "detailed_monitoring") {
			continue
		}
		t := launchTemplate{
			id:         v.identifier("id", templateForm, "a launch template's identifier", "lt-0a1b2c3d4e5f60000", ids),
			name:       v.identifier("name", nil, "", "", names),
			versions:   1,
			image:      w.imageOf(v.at("image")),
			kind:       v.at("instance_type").instanceType(""),
			keyPair:    v.at("key_pair").stringOr(""),
			groups:     v.at("security_groups").strings(),
			profile:    v.at("instance_profile").stringOr(""),
			userData:   v.at("user_data").stringOr(""),
			monitoring: v.at("detailed_monitoring").flag(),
		}
		if v.has("versions") {
			t.versions = v.at("versions").count(1)
		}
		if v.has("subnet") {
			t.subnet = w.subnetOf(v.at("subnet")).id
		}
		if t.profile != "" && !slices.Contains(w.profiles, t.profile) {
			v.at("instance_profile").problem("add it to instance_profiles", "there is no instance profile %q", t.profile)
		}
		w.templates = append(w.templates, t)
	}
}

// template reads the launch template of a launch.
func (p *params) template() templateChoice {
	t := templateChoice{p.text("LaunchTemplate.LaunchTemplateId"), p.text("LaunchTemplate.LaunchTemplateName"), p.text("LaunchTemplate.Version")}
	switch {
	case t.id != "" && t.name != "":
		p.refuse("InvalidParameterCombination", "Either a launch template ID or a launch template name must be specified, not both")
	case t.id == "" && t.name == "" && t.version != "":
		p.refuse("MissingParameter", "The request must contain a launch template ID or a launch template name")
	case t.id != "" && !templateForm(t.id):
		p.refuse("InvalidLaunchTemplateId.Malformed", "Invalid id: \"%s\" (expecting \"lt-...\")", t.id)
	}
	return t
}

// resolve completes a launch with what its template says, looks up what the launch names, and
// returns its subnet.
func (c *cloud) resolve(r *runRequest) (subnetwork, *refusal) {
	if r.template != (templateChoice{}) {
		t, refusal := c.choose(r.template)
		if refusal != nil {
			return subnetwork{}, refusal
		}
		r.fill(t)
	}
	if r.image == "" {
		return subnetwork{}, newRefusal("MissingParameter", "The request must contain the parameter ImageId")
	}
	r.kind = cmp.Or(r.kind, "m1.small") // the API's own default
	if refusal := c.checkProfile(r.profile); refusal != nil {
		return subnetwork{}, refusal
	}
	return c.place(r.subnet)
}

// choose returns the launch template that a launch names.
func (c *cloud) choose(t templateChoice) (launchTemplate, *refusal) {
	i := slices.IndexFunc(c.templates, func(known launchTemplate) bool { return known.id == t.id || t.id == "" && known.name == t.name })
	switch {
	case i < 0 && t.id != "":
		return launchTemplate{}, newRefusal("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", t.id)
	case i < 0:
		return launchTemplate{}, newRefusal("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", t.name)
	}
	found := c.templates[i]
	if t.version == "" || t.version == "$Default" || t.version == "$Latest" {
		return found, nil
	}
	if n, err := strconv.Atoi(t.version); err != nil || n < 1 || n > found.versions {
		return launchTemplate{}, newRefusal("InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version %s for the launch template with ID %s.", t.version, found.id)
	}
	return found, nil
}

// fill takes over what the launch itself does not say.
func (r *runRequest) fill(t launchTemplate) {
	r.image, r.kind, r.keyPair = cmp.Or(r.image, t.image), cmp.Or(r.kind, t.kind), cmp.Or(r.keyPair, t.keyPair)
	r.subnet, r.profile = cmp.Or(r.subnet, t.subnet), cmp.Or(r.profile, t.profile)
	r.attributes.userData = cmp.Or(r.attributes.userData, base64.StdEncoding.EncodeToString([]byte(t.userData)))
	if r.groups == nil {
		r.groups = t.groups
	}
	if r.monitoring == "" && t.monitoring {
		r.monitoring = "true"
	}
}
