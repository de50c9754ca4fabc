package cmd

import (
	"context"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/graph"
	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// words returns the workflows that a name can mean, and files.
func (d *definitions) words() []candidate {
	names, err := d.library().Names()
	if err != nil {
		return []candidate{files}
	}
	var found []candidate
	for _, name := range names {
		about := ""
		if src, err := d.library().Find(name); err == nil {
			parsed, _ := definition.Parse(src.File, src.Text)
			about = parsed.Title.Value
		}
		found = append(found, candidate{name, about})
	}
	return append(found, files)
}

// program returns the workflow that the names of a partial command line begin with, or nil.
func (d *definitions) program(p *partial, c connectors) *program.Program {
	if len(p.names) == 0 {
		return nil
	}
	registry := c.registry()
	found, err := d.library().Find(p.names[0])
	if err != nil {
		return nil
	}
	made, _ := d.loader(found.File, registry).Load(found.File, found.Text)
	return made
}

// inputWords returns the values of --input: the names of the inputs that have none, each with "=",
// and behind the "=" the values of an input that are known.
func (f *inputFlags) inputWords(p *partial, of *program.Program) []candidate {
	if of == nil {
		return nil
	}
	set := map[string]bool{}
	for _, text := range f.values.Value() {
		name, _, _ := strings.Cut(text, "=")
		set[name] = true
	}
	name, _, behind := strings.Cut(p.current, "=")
	var found []candidate
	for _, field := range of.Inputs.Fields {
		switch {
		case behind && field.Name == name:
			for _, text := range inputTexts(of, field) {
				found = append(found, candidate{name + "=" + text, ""})
			}
		case !behind && (!set[field.Name] || field.Type.Kind == schema.List):
			about := field.Type.NotNull().Article()
			if field.Description != "" {
				about += ": " + field.Description
			}
			found = append(found, candidate{field.Name + "=", about})
		}
	}
	return found
}

// inputTexts returns values of an input that are known: those that its type lists, its default and
// what the sandbox has.
func inputTexts(p *program.Program, field schema.Field) []string {
	var texts []string
	for _, v := range field.Type.Enum {
		texts = append(texts, plainText(v))
	}
	if field.Type.Kind == schema.Boolean {
		texts = append(texts, "true", "false")
	}
	if field.Default != nil {
		texts = append(texts, plainText(field.Default))
	}
	texts = append(texts, sandboxValues(field.Name)...)
	var fit []string
	for _, text := range texts {
		if !slices.Contains(fit, text) && len(home.NewInputs(p).AddText(field.Name, text)) == 0 {
			fit = append(fit, text)
		}
	}
	return fit
}

// approvalWords returns the steps of a workflow that wait for an approval.
func approvalWords(p *program.Program) []candidate {
	if p == nil {
		return nil
	}
	var found []candidate
	for s := range p.AllPlaces() {
		if _, asks := s.Action.(*program.Approval); asks {
			found = append(found, candidate{s.Key.Name(), s.Name})
		}
	}
	return found
}

func taskWords(registry *task.Registry) []candidate {
	var found []candidate
	for _, name := range registry.Names() {
		t, _ := registry.Lookup(name)
		found = append(found, candidate{name, t.Title})
	}
	return found
}

func (c *runCommand) words(_ context.Context, p *partial) []candidate {
	return p.first(c.definitions.words())
}

func (c *runCommand) values(ctx context.Context, p *partial) []candidate {
	switch p.flag {
	case "input":
		return c.inputs.inputWords(p, c.definitions.program(p, c.connectors))
	case "approve", "reject":
		return approvalWords(c.definitions.program(p, c.connectors))
	case "request":
		return c.requestWords(ctx)
	}
	return nil
}

func (c *planCommand) words(_ context.Context, p *partial) []candidate {
	return p.first(c.definitions.words())
}

func (c *planCommand) values(ctx context.Context, p *partial) []candidate {
	switch p.flag {
	case "input":
		return c.inputs.inputWords(p, c.definitions.program(p, c.connectors))
	case "request":
		return c.requestWords(ctx)
	case "output":
		return plainWords("text", "json", "policy")
	}
	return nil
}

func (c *showCommand) words(_ context.Context, p *partial) []candidate {
	return p.first(c.definitions.words())
}

func (c *graphCommand) words(_ context.Context, p *partial) []candidate {
	return p.first(c.definitions.words())
}

func (c *graphCommand) values(_ context.Context, p *partial) []candidate {
	if p.flag != "format" {
		return nil
	}
	var found []candidate
	for _, f := range graph.Formats {
		found = append(found, candidate{word: f.Name})
	}
	return found
}

func (c *testCommand) words(context.Context, *partial) []candidate { return c.definitions.words() }

func (c *checkCommand) words(context.Context, *partial) []candidate { return c.definitions.words() }

func (c *checkCommand) values(_ context.Context, p *partial) []candidate {
	if p.flag != "output" {
		return nil
	}
	return plainWords(formatText, "json", "sarif")
}

func (c *initCommand) values(_ context.Context, p *partial) []candidate {
	if p.flag != "task" {
		return nil
	}
	return taskWords(c.connectors.registry())
}
