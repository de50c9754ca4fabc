package program

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// Load reads and compiles a definition. The program is nil where a problem is an error.
func Load(file string, source []byte, registry *task.Registry) (*Program, []diag.Problem) {
	d, problems := definition.Parse(file, source)
	p, more := Compile(d, registry)
	problems = diag.Sort(append(problems, more...))
	if diag.HasErrors(problems) {
		return nil, problems
	}
	return p, problems
}

// Compile checks a definition against the task types of a registry. It always returns a program, which may be run only where
// neither the parser nor the compiler found an error.
func Compile(d *definition.Definition, registry *task.Registry) (*Program, []diag.Problem) {
	digest := sha256.Sum256(d.Source)
	c := &compiler{
		definition: d, registry: registry,
		program: &Program{
			Name: d.Name.Value, Title: d.Title.Value, Description: d.Description.Value,
			File: d.File, Source: d.Source, Digest: hex.EncodeToString(digest[:]),
		},
	}
	c.lines = map[string]int{}
	for s := range d.AllSteps() {
		if id := s.ID.Value; id != "" {
			c.ids = append(c.ids, id)
			c.lines[id] = s.ID.Range.Start.Line
		}
	}
	for _, pass := range passes {
		pass(c)
	}
	return c.program, c.problems
}

// passes are the parts of the check in their order. A later one relies on what the earlier ones found.
var passes = []func(*compiler){
	(*compiler).inputs,
	(*compiler).credentials,
	(*compiler).workflowTimeout,
	(*compiler).mainSteps,
	(*compiler).workflowOutputs,
	(*compiler).failureSteps,
	(*compiler).finalSteps,
}

// stepRules are applied to each step, in order, with what the step may see.
var stepRules = []func(*compiler, *definition.Step, *Step, view){
	(*compiler).condition,
	(*compiler).policy,
	(*compiler).taskForm,
}

type compiler struct {
	definition *definition.Definition
	registry   *task.Registry
	program    *Program
	problems   []diag.Problem
	inputType  schema.Type
	connectors map[string]string // connector → the name of its credential
	known      []knownStep       // in the order of their running, for the scope
	ids        []string          // of all steps, in the order of the text
	lines      map[string]int    // where they stand
	current    string            // the id of the step that is compiled, or ""
}

func (c *compiler) report(p diag.Problem) { c.problems = append(c.problems, p) }

// forget drops the problems of a rule that were reported since there were so many.
func (c *compiler) forget(since int, rule string) {
	recent := slices.DeleteFunc(c.problems[since:], func(p diag.Problem) bool { return p.Rule == rule })
	c.problems = c.problems[:since+len(recent)]
}

func (c *compiler) mainSteps() {
	c.program.Steps = c.steps(c.definition.Steps, view{})
}

func (c *compiler) failureSteps() {
	c.program.OnFailure = c.steps(c.definition.OnFailure, view{handler: true, visible: len(c.known)})
}

func (c *compiler) finalSteps() {
	c.program.Finally = c.steps(c.definition.Finally, view{handler: true, visible: len(c.known), maybeNoFailure: true})
}

// steps compiles a list. Each step sees those before it.
func (c *compiler) steps(list []*definition.Step, v view) []*Step {
	var compiled []*Step
	for _, d := range list {
		s := &Step{Key: d.Key(), ID: d.ID.Value, Name: d.Name.Value, Retry: DefaultRetry}
		c.current = s.ID
		for _, rule := range stepRules {
			rule(c, d, s, v)
		}
		c.learn(d, s)
		if h := d.OnFailure; h != nil {
			s.Continue = h.Continue
			// A handler sees what ran before it as any handler does: each step may not have run, or may be the one that failed.
			first := len(c.known)
			s.OnFailure = c.steps(h.Steps, view{handler: true, visible: first})
			for i := range c.known[first:] {
				c.known[first+i].standIn = true
			}
		}
		compiled = append(compiled, s)
	}
	return compiled
}
