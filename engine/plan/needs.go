package plan

import (
	"cmp"
	"encoding/json"
	"slices"

	"errand/engine/pattern"
	"errand/engine/program"
	"errand/engine/task"
)

// A Need is the permissions that the user of a credential needs: as an IAM policy, or in words if
// the system is not AWS.
type Need struct {
	Connector  string   `json:"connector"`
	Title      string   `json:"title"`
	Credential string   `json:"credential"`
	Policy     *Policy  `json:"policy,omitempty"`
	Rights     []string `json:"rights,omitempty"`
}

// A need is what has been found for one credential so far.
type need struct {
	connector, credential string
	grants                []grant
	rights                []string
}

// textIn returns a function that reads the parameters of an input, for task.Permission.Needed.
func textIn(filled program.Filled) func(string) (string, bool) {
	return func(name string) (string, bool) {
		part, given := filled.Part(name)
		if !given && len(filled.Parts) > 0 || string(filled.JSON) == "{}" {
			return "", true
		}
		if !given || !part.Known() {
			return "", false
		}
		var text *string
		if json.Unmarshal(part.JSON, &text) != nil {
			return string(part.JSON), true
		}
		if text == nil {
			return "", true
		}
		return *text, true
	}
}

// need records the permissions for a call, even if the call does not run.
func (w *walk) need(a *program.Task, filled program.Filled) {
	if a.Credential == "" {
		return
	}
	connector := a.Type.Connector()
	i := slices.IndexFunc(w.needs, func(n need) bool { return n.connector == connector && n.credential == a.Credential })
	if i < 0 {
		i = len(w.needs)
		w.needs = append(w.needs, need{connector: connector, credential: a.Credential})
	}
	n := &w.needs[i]
	for _, p := range a.Type.Needs {
		switch {
		case !p.Needed(textIn(filled)):
		case len(p.Resources) > 0:
			for _, r := range p.Resources {
				n.grants = append(n.grants, grant{p.Action, p.As, task.Insert(r, func(name string) string { return w.resource(name, filled) })})
			}
		case !slices.Contains(n.rights, p.Action):
			n.rights = append(n.rights, p.Action)
		}
	}
}

// simple matches an identifier without characters that have a meaning in a policy.
var simple = pattern.New(`^[A-Za-z0-9_-]+$`)

// resource returns the text for a parameter in an ARN.
func (w *walk) resource(name string, filled program.Filled) string {
	switch name {
	case task.Region:
		return cmp.Or(w.Region, "*")
	case task.Partition:
		return partition(w.Region)
	}
	var value string
	part, given := filled.Part(name)
	if !given || !part.Known() || json.Unmarshal(part.JSON, &value) != nil || !simple.MatchString(value) {
		return "*"
	}
	return value
}

// sortedNeeds returns the needs in the order of their first use.
func (pl *planner) sortedNeeds() []Need {
	all := []Need{}
	for _, n := range pl.needs {
		connector, _ := pl.Registry.Connector(n.connector)
		made := Need{Connector: n.connector, Title: connector.Title, Credential: n.credential, Rights: n.rights}
		if len(n.grants) > 0 {
			made.Policy = policyOf(n.grants)
		}
		all = append(all, made)
	}
	return all
}
