package definition

import (
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

var topKeys = []string{
	"workflow", "title", "description", "inputs", "credentials", "defaults", "timeout", "concurrency", "steps", "on_failure", "finally", "outputs",
}

// Parse reads a definition. It returns all parts that it could understand, and all problems in the
// order of the text. The definition is never nil. file is the name of the source for the positions
// of problems. If file ends in .yaml or .yml, its base name without the extension must be the
// workflow's name.
func Parse(file string, source []byte) (*Definition, []diag.Problem) {
	return Parser{}.Parse(file, source)
}

// A Parser reads definitions with what is known about them.
type Parser struct {
	// Pinned says that a run has started with the definition. Rules that would refuse what older versions
	// accepted are then not applied.
	Pinned bool

	// Parameters returns the names of the parameters of a task type (form is TaskForm) or of the inputs
	// of a workflow (SubworkflowForm). ok is false if they are unknown. It tells what a misplaced key of a
	// step was meant to be. Parameters may be nil.
	Parameters func(form, callee string) (names []string, ok bool)
}

// Parse is the function Parse with what the Parser knows.
func (p Parser) Parse(file string, source []byte) (*Definition, []diag.Problem) {
	d := &Definition{File: file, Source: source}
	r := newReader(file, source)
	r.parameters, r.pinned = p.Parameters, p.Pinned
	if DetectIntake(file, source) {
		r.report(ruleFileName, r.span(0, 0), "errand help intake explains the file; name the file of a workflow", "%s is an intake file, not a definition", filepath.Base(file))
		return d, r.problems
	}
	if root := r.load(source); root != nil {
		r.definition(d, root)
		d.Allows = r.allows(root)
	}
	return d, diag.Sort(r.problems)
}

func (r *reader) definition(d *Definition, root *yaml.Node) {
	m, ok := r.mapping(root, "a definition", "a mapping that starts with workflow: and a name")
	if !ok {
		return
	}
	m.keepKnown("a definition", topKeys)
	if m.require("workflow", r.span(0, 0), "start the file with workflow: and a name", "the definition") {
		d.Name = r.name(m.get("workflow"))
	}
	d.Title = r.optional(m, "title")
	d.Description = r.optional(m, "description")
	d.Inputs = r.inputs(m.get("inputs"))
	d.Credentials = r.credentials(m.get("credentials"))
	d.Defaults = r.defaults(m.get("defaults"))
	d.Timeout = r.duration(m.get("timeout"), `"timeout"`)
	d.Concurrency = r.concurrency(m)
	if m.require("steps", m.first, "add steps: with a list of steps", "the definition") {
		d.Steps = r.steps(m.get("steps"), `"steps"`, setting{path: string(MainSteps)})
	}
	d.OnFailure = r.steps(m.get("on_failure"), `"on_failure"`, setting{path: string(OnFailure), noUndo: "the workflow's on_failure"})
	d.Finally = r.steps(m.get("finally"), `"finally"`, setting{path: string(Finally), noUndo: "finally"})
	if n := m.get("outputs"); n != nil {
		if outputs, ok := r.mapping(n, `"outputs"`, "a mapping of names to values"); ok {
			d.Outputs, _ = r.entries(outputs, false)
		}
	}
	r.checkUniqueIDs(d)
	d.UnreadDuration = slices.ContainsFunc(r.problems, func(p diag.Problem) bool { return p.Rule == ruleDuration })
}

func (r *reader) name(n *yaml.Node) Text {
	t, ok := r.literalLike(n, `"workflow"`, "a name", workflowName)
	if !ok || !r.checkShape(t, "a workflow", workflowName, workflowShape) {
		return t
	}
	base := filepath.Base(r.file)
	ext := filepath.Ext(base)
	if stem := strings.TrimSuffix(base, ext); (ext == ".yaml" || ext == ".yml") && stem != t.Value {
		r.report(ruleFileName, t.Range, "rename the file to "+t.Value+ext+", or rename the workflow", "the workflow is named %q, but its file is named %q", t.Value, base)
	}
	return t
}

func (r *reader) credentials(n *yaml.Node) []Credential {
	if n == nil {
		return nil
	}
	m, ok := r.mapping(n, `"credentials"`, "a mapping of connectors to names of stored credentials")
	if !ok {
		return nil
	}
	credentials := make([]Credential, 0, len(m.keys))
	for i, connector := range m.keys {
		if name, ok := r.literal(m.nodes[i], "the credential of "+connector.Value, "the name of a stored credential"); ok {
			credentials = append(credentials, Credential{Connector: connector, Name: name})
		}
	}
	return credentials
}
