package sandbox

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params reads the parameters of one action. Whatever is wrong first is kept, and done gives it back; each parameter that
// is read counts as known, and one that is left over is refused.
type params struct {
	left  url.Values
	first *refusal
}

func (p *params) refuse(code, format string, args ...any) {
	if p.first == nil {
		p.first = refused(code, format, args...)
	}
}

// done ends the reading. A dry run ends here too: EC2 checks permissions and the form of the request, and does nothing.
// That it looks up nothing either is assumed.
func (p *params) done() *refusal {
	dry := p.boolean("DryRun")
	for _, name := range slices.Sorted(maps.Keys(p.left)) {
		p.refuse("UnknownParameter", "The parameter %s is not recognized", name)
	}
	if dry {
		p.refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	return p.first
}

func (p *params) text(name string) string {
	value := p.left.Get(name)
	delete(p.left, name)
	return value
}

func (p *params) required(name string) string {
	value := p.text(name)
	if value == "" {
		p.refuse("MissingParameter", "The request must contain the parameter %s", name)
	}
	return value
}

func (p *params) boolean(name string) bool {
	switch value := p.text(name); value {
	case "":
		return false
	case "true":
		return true
	case "false":
		return false
	default:
		p.refuse("InvalidParameterValue", "Invalid value '%s' for %s. It must be true or false.", value, name)
		return false
	}
}

func (p *params) number(name, value string, least int) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < least {
		p.refuse("InvalidParameterValue", "Invalid value '%s' for %s.", value, name)
	}
	return n
}

// list reads NAME.1, NAME.2, … in the order of their numbers.
func (p *params) list(name string) []string {
	var values []string
	for _, m := range p.members(name) {
		values = append(values, m.text(""))
		p.keep(m)
	}
	return values
}

// members reads NAME.N.…, each as params of its own, whose names are what follows the number.
func (p *params) members(name string) []*params {
	byNumber := map[int]*params{}
	for key := range p.left {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		number, field, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			continue // stays in p.left, where done finds it
		}
		if byNumber[n] == nil {
			byNumber[n] = &params{left: url.Values{}}
		}
		byNumber[n].left[field] = p.left[key]
		delete(p.left, key)
	}
	var members []*params
	for _, n := range slices.Sorted(maps.Keys(byNumber)) {
		members = append(members, byNumber[n])
	}
	return members
}

// keep takes over what was wrong in a member, or was left over in it.
func (p *params) keep(m *params) {
	for _, name := range slices.Sorted(maps.Keys(m.left)) {
		m.refuse("UnknownParameter", "The parameter %s is not recognized", name)
	}
	if p.first == nil {
		p.first = m.first
	}
}

// identifiers reads a list of identifiers that must have a form.
func (p *params) identifiers(name string, form form, malformed string) []string {
	ids := p.list(name)
	for _, id := range ids {
		if !form(id) {
			p.refuse(malformed, "Invalid id: \"%s\"", id)
		}
	}
	return ids
}

// instances reads the instances that an action is for: at least one.
func (p *params) instances() []string {
	ids := p.identifiers("InstanceId", instanceForm, "InvalidInstanceID.Malformed")
	if len(ids) == 0 {
		p.refuse("MissingParameter", "The request must contain the parameter InstanceId")
	}
	return ids
}
