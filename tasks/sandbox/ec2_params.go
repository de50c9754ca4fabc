package sandbox

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params reads the parameters of one action. It keeps the first problem, which finish returns. A
// parameter that is read counts as known; finish refuses those that are left.
type params struct {
	action string
	prefix string // of the names in left: "Filter.1." in a member
	left   url.Values
	first  *refusal
}

func (p *params) refuse(code, format string, args ...any) {
	if p.first == nil {
		p.first = newRefusal(code, format, args...)
	}
}

// accept keeps a refusal, which may be nil.
func (p *params) accept(r *refusal) {
	if p.first == nil {
		p.first = r
	}
}

// finish ends the reading and returns the first problem. It also ends a dry run: EC2 checks the
// permissions and the form of the request, and does nothing. Assumed: a dry run looks up nothing
// either.
func (p *params) finish() *refusal {
	dry := p.boolean("DryRun")
	p.refuseUnread()
	if dry {
		p.refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	return p.first
}

// refuseUnread refuses the parameters that nobody has read: EC2 may know them, the sandbox does not.
func (p *params) refuseUnread() {
	for _, name := range slices.Sorted(maps.Keys(p.left)) {
		p.refuse(sandboxLimit, "The sandbox does not know the parameter %s of %s", strings.TrimSuffix(p.prefix+name, "."), p.action)
	}
}

func (p *params) text(name string) string {
	value := p.left.Get(name)
	delete(p.left, name)
	return value
}

func (p *params) required(name string) string {
	value := p.text(name)
	if value == "" {
		p.refuse("MissingParameter", "The request must contain the parameter %s", p.prefix+name)
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
		p.merge(m)
	}
	return values
}

// members reads NAME.N.…, each as separate params. The names of their parameters are what follows
// the number.
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
			continue // stays in p.left, so that finish refuses it
		}
		if byNumber[n] == nil {
			byNumber[n] = &params{action: p.action, prefix: p.prefix + name + "." + number + ".", left: url.Values{}}
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

// merge takes over the first problem of a member, and refuses the parameters that are left in it.
func (p *params) merge(m *params) {
	m.refuseUnread()
	p.accept(m.first)
}

// identifiers reads a list of identifiers of a form.
func (p *params) identifiers(name string, form form, malformed string) []string {
	ids := p.list(name)
	for _, id := range ids {
		if !form(id) {
			p.refuse(malformed, "Invalid id: \"%s\"", id)
		}
	}
	return ids
}

// instances reads the identifiers of the instances that an action acts on: at least one.
func (p *params) instances() []string {
	ids := p.identifiers("InstanceId", instanceForm, "InvalidInstanceID.Malformed")
	if len(ids) == 0 {
		p.refuse("MissingParameter", "The request must contain the parameter InstanceId")
	}
	return ids
}
