package sandbox

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// A world is a document that was read and is valid. The package comment describes its keys.
type world struct {
	tickets      []worldTicket
	instances    []worldInstance
	assets       []worldAsset
	images       []string
	keyPairs     []string
	groups       []string
	subnets      []subnetwork
	templates    []launchTemplate
	profiles     []string
	timing       timing
	launchesDie  reason // zero if launches succeed
	onlyPrivate  bool
	noDefaultVPC bool
	instanceLimit,
	vcpuLimit int // negative if there is none
	assetless,
	unlisted bool // inactive assets are not in lists
	faults []*fault
}

type worldTicket struct {
	id, kind, status string
	attributes       map[string]any
	worklogs         []Worklog
	assets           []string
}

type worldInstance struct {
	id, kind, image, keyPair string
	state                    state
	tags                     map[string]string
	groups                   []string
	stopHangs                bool
	protected, stopProtected bool
	onlyPrivate              bool
	subnet                   subnetwork
	checksFail               bool
	ipv6                     string
	fallsBack                reason // why a start falls back to stopped; zero if it does not
}

type worldAsset struct{ attributes map[string]string }

// A timing is how long the states of an instance last.
type timing struct {
	pending, statusChecks, stopping, shuttingDown, visibleAfter, terminatedVisible time.Duration
}

// readWorld reads a world. A key that it leaves out at the top has its value in the default world.
func readWorld(document []byte) (*world, error) {
	v, problems := parseValue(document)
	if len(*problems) > 0 {
		return nil, errors.Join(*problems...)
	}
	if v.kind == "null" { // a document that leaves out everything
		v.kind, v.fields = "an object", map[string]value{}
	}
	v.complete(defaultWorld)
	w := &world{}
	if v.object("tickets", "instances", "images", "key_pairs", "security_groups", "assets", "timing", "limits", "launches_die", "private_network", "default_vpc", "subnets", "launch_templates", "instance_profiles", "edition", "inactive_assets", "faults") {
		w.readStock(v)
		w.readSubnets(v.at("subnets"))
		w.readTemplates(v)
		w.readTiming(v.at("timing"))
		w.readLimits(v.at("limits"))
		w.onlyPrivate = v.at("private_network").flag()
		w.noDefaultVPC = v.has("default_vpc") && !v.at("default_vpc").boolean()
		w.launchesDie = v.at("launches_die").reason()
		w.readInstances(v.at("instances"))
		w.readAssets(v.at("assets"))
		w.readTickets(v.at("tickets"))
		w.assetless = v.at("edition").oneOf("an edition", "service-management", "service-management", "service-desk") == "service-desk"
		w.unlisted = v.at("inactive_assets").oneOf("a word for it", "listed", "listed", "unlisted") == "unlisted"
		for _, f := range v.at("faults").list() {
			w.faults = append(w.faults, readFault(f))
		}
	}
	if len(*problems) > 0 {
		return nil, errors.Join(*problems...)
	}
	return w, nil
}

func (w *world) readStock(v value) {
	for _, image := range v.at("images").list() {
		w.images = append(w.images, image.matching(imageForm, "an image's identifier", "ami-0a1b2c3d4e5f60000"))
	}
	for _, group := range v.at("security_groups").list() {
		w.groups = append(w.groups, group.matching(groupForm, "a security group's identifier", "sg-0a1b2c3d4e5f60000"))
	}
	w.keyPairs = v.at("key_pairs").strings()
}

func (w *world) readTiming(v value) {
	if v.kind != "" {
		v.object("pending", "status_checks", "stopping", "shutting_down", "visible_after", "terminated_visible")
	}
	w.timing = timing{
		pending:           v.at("pending").duration(20 * time.Second),
		statusChecks:      v.at("status_checks").duration(time.Minute),
		stopping:          v.at("stopping").duration(30 * time.Second),
		shuttingDown:      v.at("shutting_down").duration(40 * time.Second),
		visibleAfter:      v.at("visible_after").duration(0),
		terminatedVisible: v.at("terminated_visible").duration(time.Hour),
	}
}

func (w *world) readLimits(v value) {
	if v.kind != "" {
		v.object("instances", "vcpus")
	}
	w.instanceLimit, w.vcpuLimit = -1, -1
	if v.has("instances") {
		w.instanceLimit = v.at("instances").count(0)
	}
	if v.has("vcpus") {
		w.vcpuLimit = v.at("vcpus").count(0)
	}
}

func (w *world) readInstances(list value) {
	seen := map[string]bool{}
	for _, v := range list.list() {
		if !v.object("id", "state", "instance_type", "image", "name", "tags", "key_pair", "security_groups", "subnet", "ipv6_address", "start_falls_back", "checks_fail", "stop_hangs", "stop_protection", "termination_protection", "private") {
			continue
		}
		i := worldInstance{
			id:            v.identifier("id", instanceForm, "an instance's identifier", "i-0a1b2c3d4e5f60001", seen),
			kind:          v.at("instance_type").instanceType("t3.micro"),
			image:         w.imageOf(v.at("image")),
			subnet:        w.subnetOf(v.at("subnet")),
			state:         stateNamed(v.at("state").oneOf("a state", "running", stateNames...)),
			tags:          v.at("tags").dictionaryOrNone(),
			keyPair:       v.at("key_pair").string(),
			groups:        v.at("security_groups").strings(),
			fallsBack:     v.at("start_falls_back").reason(),
			checksFail:    v.at("checks_fail").flag(),
			ipv6:          v.at("ipv6_address").stringOr(""),
			stopHangs:     v.at("stop_hangs").flag(),
			protected:     v.at("termination_protection").flag(),
			stopProtected: v.at("stop_protection").flag(),
			onlyPrivate:   v.at("private").flag(),
		}
		if i.image == "" && len(w.images) > 0 {
			i.image = w.images[0]
		}
		if v.has("name") {
			i.tags["Name"] = v.at("name").string()
		}
		w.instances = append(w.instances, i)
	}
}

func (w *world) readAssets(list value) {
	seen := map[string]bool{}
	var known []string
	for _, a := range assetAttributes {
		known = append(known, a.key)
	}
	known = append(known, "attributes")
	for _, v := range list.list() {
		if !v.object(known...) {
			continue
		}
		a := worldAsset{attributes: v.at("attributes").dictionaryOrNone()}
		a.attributes[assetStatus] = "Active"
		v.identifier("identifier", nil, "", "", seen)
		for _, known := range assetAttributes {
			if v.has(known.key) {
				a.attributes[known.attribute] = v.at(known.key).string()
			}
		}
		w.assets = append(w.assets, a)
	}
}

func (w *world) readTickets(list value) {
	seen := map[string]bool{}
	known := append([]string{"id", "type", "status", "description", "worklogs", "assets"}, ticketAttributes...)
	for _, v := range list.list() {
		if !v.object(known...) {
			continue
		}
		t := worldTicket{
			id:         v.identifier("id", ticketForm, "a ticket's identifier", "100-291", seen),
			kind:       v.at("type").oneOf("a type of ticket", "Service Request", ticketTypes...),
			status:     v.at("status").oneOf("a status", "New", ticketStatuses...),
			attributes: map[string]any{"Description": v.at("description").string()},
		}
		for _, name := range ticketAttributes {
			if v.has(name) {
				t.attributes[name] = v.at(name).string()
			}
		}
		for _, l := range v.at("worklogs").list() {
			l.object("type", "text")
			t.worklogs = append(t.worklogs, Worklog{Type: l.at("type").stringOr("Update"), Text: l.at("text").string()})
		}
		for _, a := range v.at("assets").list() {
			identifier := a.string()
			if !slices.ContainsFunc(w.assets, func(w worldAsset) bool { return w.attributes[assetIdentifier] == identifier }) {
				a.problem("add it to assets", "there is no asset %q", identifier)
			}
			t.assets = append(t.assets, identifier)
		}
		w.tickets = append(w.tickets, t)
	}
}

// complete adds to an object the fields of another document that it does not have. The other document
// must be valid, whatever the fields of the object are, because its problems are not reported.
func (v *value) complete(document []byte) {
	if v.kind != "an object" {
		return
	}
	preset, problems := parseValue(document)
	if len(*problems) > 0 {
		panic(errors.Join(*problems...))
	}
	for _, name := range preset.names {
		if !v.has(name) {
			v.names = append(v.names, name)
			v.fields[name] = preset.fields[name]
		}
	}
}

// identifier reads the field that identifies v. It is required, must have the form, and must be
// unique in seen.
func (v value) identifier(name string, form form, what, example string, seen map[string]bool) string {
	field := v.at(name)
	switch {
	case !v.has(name):
		v.problem("", "%q is missing", name)
		return ""
	case form != nil:
		field.matching(form, what, example)
	case field.string() == "" && field.kind == "a string":
		field.problem("", "is empty")
	}
	if seen[field.text] {
		field.problem("", "%q is used twice", field.text)
	}
	seen[field.text] = true
	return field.text
}

// imageOf reads an image, which becomes one of the world's.
func (w *world) imageOf(v value) string {
	if v.kind == "" {
		return ""
	}
	image := v.matching(imageForm, "an image's identifier", "ami-0a1b2c3d4e5f60000")
	if !slices.Contains(w.images, image) {
		w.images = append(w.images, image)
	}
	return image
}

// instanceType reads an instance type. If it is absent, the result is preset.
func (v value) instanceType(preset string) string {
	kind := v.stringOr(preset)
	if v.kind == "a string" && vcpus(kind) == 0 {
		v.problem("write it like t3.micro", "%q is not an instance type", kind)
	}
	return kind
}

func (v value) stringOr(preset string) string {
	if v.kind == "" {
		return preset
	}
	return v.string()
}

// reason reads why an instance is in its state, in EC2's form.
func (v value) reason() reason {
	if v.kind == "" {
		return reason{}
	}
	text := v.string()
	r := reasonOf(text)
	if v.kind == "a string" && (r.text == "" || strings.ContainsAny(r.code, " \t\n")) {
		v.problem("write it like \"Client.InternalError: Client error on launch\"", "%q is not a reason with a code", text)
	}
	return r
}

func (v value) flag() bool { return v.kind != "" && v.boolean() }

func (v value) dictionaryOrNone() map[string]string {
	if v.kind == "" {
		return map[string]string{}
	}
	return v.dictionary()
}
