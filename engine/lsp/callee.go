package lsp

import (
	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/schema"
)

// callee returns what a step calls: a task type or another workflow. It returns nil if the step
// calls neither, or if the callee is unknown.
func (c *connection) callee(d *document, o *outline, step *entry) *callee {
	if step == nil {
		return nil
	}
	if e := step.child(definition.TaskForm); e != nil {
		t, ok := c.Registry.Lookup(o.scalarText(e))
		if !ok {
			return nil
		}
		return &callee{name: t.Name, task: &t, fields: t.Input.Fields, more: t.Input.AllowsMore()}
	}
	if e := step.child(definition.SubworkflowForm); e != nil {
		if w := c.workflow(d, o.scalarText(e)); w != nil {
			return &callee{name: w.definition.Name.Value, fields: w.fields}
		}
	}
	return nil
}

// A calledWorkflow is another workflow, as far as it can be parsed.
type calledWorkflow struct {
	file       string
	text       string
	definition *definition.Definition
	fields     []schema.Field // its inputs
	program    *program.Program
}

// workflow returns the workflow with a name, or nil if there is none.
func (c *connection) workflow(d *document, name string) *calledWorkflow {
	found, err := c.Library.Find(name, d.folders()...)
	if err != nil || name == "" {
		return nil
	}
	w := &calledWorkflow{file: found.File, text: string(found.Text)}
	w.definition, _ = definition.Parse(found.File, found.Text)
	w.program, _ = program.Loader{Registry: c.Registry, Find: c.Library.Beside(found.File)}.Load(found.File, found.Text)
	for _, in := range w.definition.Inputs {
		w.fields = append(w.fields, fieldOf(in))
	}
	if w.program != nil {
		w.fields = w.program.Inputs.Fields
	}
	return w
}

// fieldOf returns what an input declares, as far as it can be parsed.
func fieldOf(in definition.Input) schema.Field {
	f := in.Field()
	f.Type.Nullable, f.Default = in.Type.Nullable, defaultOf(in)
	return f
}

// defaultOf returns the default of an input as it is written, or nil if there is none or it is not
// a plain value.
func defaultOf(in definition.Input) any {
	if in.Default == nil || in.Default.Text.Value == "" {
		return nil
	}
	return in.Default.Text.Value
}

// field returns the parameter or input with a name.
func (c *callee) field(name string) (schema.Field, bool) {
	if c == nil {
		return schema.Field{}, false
	}
	return schema.Type{Fields: c.fields}.Field(name)
}
