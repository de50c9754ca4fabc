package cmd

import (
	"context"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/golden"
	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/scaffold"
	"errand/engine/schema"
)

// longestExample bounds the search for an example that succeeds.
const longestExample = 2 * time.Second

// exampleFlags returns the flags of a run in the sandbox, with values that the inputs accept: if possible
// those with which the run succeeds, as an instance that is stopped cannot be restarted.
func (c *showCommand) exampleFlags(ctx context.Context, p *program.Program) string {
	ctx, stop := context.WithTimeout(ctx, longestExample)
	defer stop()
	texts := c.exampleInputs(ctx, p)
	var b strings.Builder
	if p.NeedsRequest {
		b.WriteString(" --request " + firstRequest)
	}
	for _, f := range p.Inputs.Fields {
		if f.Required {
			b.WriteString(" --input " + word(f.Name+"="+texts[f.Name]))
		}
	}
	return b.String()
}

// exampleInputs returns the first texts with which the run succeeds, or the first ones of all. It tries
// none if there is nothing to choose.
func (c *showCommand) exampleInputs(ctx context.Context, p *program.Program) map[string]string {
	first, more := exampleTexts(p, 0)
	if !more {
		return first
	}
	for choice := 0; ; choice++ {
		texts, more := exampleTexts(p, choice)
		switch {
		case c.succeeds(ctx, p, texts):
			return texts
		case !more:
			return first
		}
	}
}

// exampleTexts returns a text that each required input accepts, if possible one that the sandbox knows.
// choice counts the values that the sandbox has. more reports whether a further choice has other texts.
func exampleTexts(p *program.Program, choice int) (texts map[string]string, more bool) {
	texts = map[string]string{}
	for _, f := range p.Inputs.Fields {
		if !f.Required {
			continue
		}
		var accepted []string
		for _, text := range append(sandboxValues(f.Name), inputText(scaffold.ExampleOf(f))) {
			if len(home.NewInputs(p).AddText(f.Name, text)) == 0 {
				accepted = append(accepted, text)
			}
		}
		if len(accepted) == 0 {
			accepted = []string{"…"} // the input has a pattern, for which nobody can find a text
		}
		texts[f.Name] = accepted[min(choice, len(accepted)-1)]
		more = more || choice+1 < len(accepted) && len(sandboxValues(f.Name)) > 1
	}
	return texts, more
}

// succeeds reports whether a run in the sandbox with these inputs succeeds, in simulated time.
func (c *showCommand) succeeds(ctx context.Context, p *program.Program, texts map[string]string) bool {
	inputs := map[string][]byte{}
	for name, text := range texts {
		field, _ := p.Inputs.Field(name)
		v, err := field.Type.FromText(text)
		if err != nil {
			return false
		}
		inputs[name] = schema.Encode(v)
	}
	one, err := golden.Parse(p.Name+golden.Ending, scaffold.Case(scaffold.Succeeds, p.Name, firstRequest, inputs))
	if err != nil {
		return false
	}
	o, err := golden.Bench{Connectors: c.connectors, Definition: p.Source}.Run(ctx, one)
	return err == nil && o.Result.Status == engine.Succeeded
}
