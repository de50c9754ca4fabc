package program

import (
	"slices"

	"errand/engine/diag"
	"errand/engine/task"
)

// credentials reads which stored credential each connector uses.
func (c *compiler) credentials() {
	c.connectors = map[string]string{}
	var names []string
	for _, connector := range c.registry.Connectors() {
		if connector.IsUsedBySteps() {
			names = append(names, connector.Name)
		}
	}
	for _, entry := range c.definition.Credentials {
		name := entry.Connector.Value
		if slices.Contains(names, name) {
			c.connectors[name] = entry.Name.Value
			continue
		}
		p := diag.Problem{Rule: "unknown-connector", Range: entry.Connector.Range, Message: `there is no connector "` + name + `"`, Help: diag.DidYouMean(name, names)}
		if connector, exists := c.registry.Connector(name); exists {
			p.Rule, p.Message, p.Help = "needless-credential", `the connector "`+name+`" needs no credential`, "remove the line"
			if len(connector.Types) == 0 {
				p.Message = `no step uses the connector "` + name + `"`
			}
		} else if near := diag.Nearest(name, names); near != "" {
			p.Fix = fix(name, names, p.Range)
		}
		c.report(p)
	}
}

// requireCredential records that a step needs a credential of a connector. It returns the name of
// the credential.
func (c *compiler) requireCredential(connector, stated string) string {
	name := stated
	if name == "" {
		name = c.connectors[connector]
	}
	if name == "" {
		name = task.DefaultCredential
	}
	if used := (Credential{Connector: connector, Name: name}); !slices.Contains(c.program.Credentials, used) {
		c.program.Credentials = append(c.program.Credentials, used)
	}
	return name
}
