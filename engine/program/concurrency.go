package program

import (
	"encoding/json"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// longestKey is the greatest length of a concurrency key in bytes.
const longestKey = 255

// A Concurrency makes a run's concurrency key: of the runs with the same key, one works at a time.
type Concurrency struct {
	Key Template // a text, made before the run begins
	// the key as the definition has it, for people
	Text string
}

// concurrency compiles the key. It is made before the run begins, so it sees no step.
func (c *compiler) concurrency() {
	d := c.definition.Concurrency
	if d == nil {
		return
	}
	scope := expression.Scope{Missing: c.missingInKey, Roots: []schema.Field{
		{Name: "inputs", Type: c.inputType},
		{Name: "request", Type: requestType},
	}}
	want, first := text, len(c.problems)
	want.MaxLength = longestKey
	key, _ := c.value(d.Key, want, "key", scope)
	for i := range c.problems[first:] { // a key has no `if` that could exclude null
		p := &c.problems[first+i]
		p.Help = strings.TrimSuffix(p.Help, ", or add an `if` to the step that excludes null")
	}
	c.program.Concurrency = &Concurrency{Key: Template{key}, Text: keyText(d.Key)}
}

// keyText returns a text with its expressions as they are written.
func keyText(v definition.Value) string {
	var b strings.Builder
	for _, part := range v.Parts {
		if part.Expression == nil {
			b.WriteString(part.Literal)
			continue
		}
		b.WriteString("${{ " + strings.TrimSpace(part.Expression.Source) + " }}")
	}
	return b.String()
}

// missingInKey describes the problem with a name that the key cannot use.
func (c *compiler) missingInKey(path, name string) expression.Missing {
	if path == "" && (name == "run" || name == "steps" || name == "failure" || name == "result") {
		return expression.Missing{
			Message: "there is no `" + name + "` here", Label: "does not exist before the run begins",
			Help: "the key is made before the run begins; use `inputs` and `request` only",
		}
	}
	return c.missing(path, name)
}

// ConcurrencyKey returns the key of a run, or "" if the run waits for no other. Its error says why
// the values of the run make no key.
func (p *Program) ConcurrencyKey(request string, inputs map[string]any) (key string, err error) {
	if p.Concurrency == nil {
		return "", nil
	}
	data, err := p.Concurrency.Key.Render(map[string]any{"inputs": inputs, "request": map[string]any{"id": request}})
	if err == nil {
		err = json.Unmarshal(data, &key)
	}
	return key, err
}

// checkCalledKey reports a called workflow that has a key: it would wait for its turn while the
// caller has another one, and two such runs could wait for each other.
func (c *compiler) checkCalledKey(p *Program, at diag.Range) {
	if p.Concurrency == nil {
		return
	}
	c.report(diag.Problem{
		Rule: "unusable-workflow", Range: at,
		Message: `the workflow "` + p.Name + "\" cannot be called: it has `concurrency`, which only the workflow that a run starts with can have",
		Help:    "move `concurrency` from that workflow to this one, or remove it there",
	})
}
