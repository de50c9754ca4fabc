package definition

import (
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// reportTaskAsKey reports a step whose key is a task type, as in Ansible. Its value is the
// parameters.
func (m *mapping) reportTaskAsKey(key Text, value *yaml.Node) {
	p := m.r.report(ruleUnknownKey, key.Range, "put "+key.Value+" after task:, and its parameters below with:", "a step has no key %s", schema.Show(key.Value))
	taken := m.means(TaskForm) || m.means("with")
	if m.guesses = append(m.guesses, TaskForm, "with"); taken || value.Kind != yaml.MappingNode {
		return
	}
	from := m.r.offset(key.Range.Start)
	start := strings.LastIndexByte(m.r.text[:from], '\n') + 1
	before := m.r.text[start:from]
	separator := "\n" + strings.Repeat(" ", len(before))
	if strings.Trim(before, " -") != "" { // in { }
		separator = ", "
	}
	p.Fix = &diag.Fix{Title: "write task: and with:", Range: key.Range, Text: TaskForm + ": " + key.Value + separator + "with"}
}
