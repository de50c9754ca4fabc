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

// Compile checks a definition against the task types of a registry. It always returns a program.
// The program may run only if neither the parser nor the compiler reported an error. Use a Loader
// for a definition that calls others.
func Compile(d *definition.Definition, registry *task.Registry) (*Program, []diag.Problem) {
	return compile(d, Loader{Registry: registry}, func(string) (*Program, error) { return nil, errNoLibrary }, false)
}

// compile is like Compile, with a library of other workflows. broken reports whether the parser
// found errors.
func compile(d *definition.Definition, l Loader, library func(string) (*Program, error), broken bool) (*Program, []diag.Problem) {
	c := &compiler{
		definition: d, registry: l.Registry, library: library, observe: l.Observe, pinned: l.Pinned, broken: broken, owner: ownerStep,
		program: &Program{
			Name: d.Name.Value, Title: d.Title.Value, Description: d.Description.Value,
			File: d.File, Source: d.Source, Digest: digestOf(d.Source),
		},
		hidden: map[string]hiddenStep{}, written: map[*Step]*definition.Step{}, read: map[string]bool{},
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
	if !broken && !diag.HasErrors(c.problems) {
		for _, pass := range finalPasses {
			pass(c)
		}
	}
	return c.program, c.problems
}

func digestOf(source []byte) string {
	digest := sha256.Sum256(source)
	return hex.EncodeToString(digest[:])
}

// passes are the parts of the check, in order. A later pass relies on the results of the earlier
// ones.
var passes = []func(*compiler){
	(*compiler).inputs,
	(*compiler).credentials,
	(*compiler).workflowTimeout,
	(*compiler).concurrency,
	(*compiler).mainSteps,
	(*compiler).workflowOutputs,
	(*compiler).failureSteps,
	(*compiler).finalSteps,
	(*compiler).hardCodedSecrets,
	(*compiler).retriedOnce,
	(*compiler).literalTokens,
	(*compiler).endlessPolls,
	(*compiler).tooShort,
}

// finalPasses are the passes for a definition without errors. Beside an error, they would only
// report consequences of it.
var finalPasses = []func(*compiler){
	(*compiler).openRequest,
	(*compiler).uncheckedRequest,
	(*compiler).unobservedState,
	(*compiler).unsetVisibility,
	(*compiler).unusedOutputs,
	(*compiler).unusedInputs,
	(*compiler).cutShort,
	(*compiler).ignoredDecisions,
}

type compiler struct {
	definition *definition.Definition
	registry   *task.Registry
	library    func(name string) (*Program, error) // finds other workflows and compiles them
	observe    Observer                            // may be nil
	program    *Program
	problems   []diag.Problem
	inputType  schema.Type
	connectors map[string]string // connector → name of its credential
	known      []knownStep       // for the scope, in the order in which the steps run
	stepTypes  *stepTypes        // the cached types of known for the last view; may be nil
	hidden     map[string]hiddenStep
	ids        []string       // the ids of all steps, in the order of the text
	lines      map[string]int // id → line of the step
	crossing   crossing       // where the value goes that is being compiled
	current    string         // the id of the step that is being compiled, or ""
	pinned     bool           // a run has started with the definition
	broken     bool           // the parser found errors
	owner      string         // what has an `if`, for messages: ownerStep or ownerRule

	written map[*Step]*definition.Step // the source of each step
	read    map[string]bool            // the paths that expressions read
	placed  []Place                    // cache of the method places
}

const (
	ownerStep = "step"
	ownerRule = "rule" // of intake; a Starter compiles it
)

func (c *compiler) report(p diag.Problem) { c.problems = append(c.problems, p) }

// dropMaybeNull removes the problems about values that may be null which were reported after the
// first `since` problems.
func (c *compiler) dropMaybeNull(since int) {
	recent := slices.DeleteFunc(c.problems[since:], func(p diag.Problem) bool { return p.Rule == "maybe-null" })
	c.problems = c.problems[:since+len(recent)]
}

func (c *compiler) mainSteps() {
	c.program.Steps = c.steps(c.definition.Steps, view{})
	c.program.least = leastTimeOf(c.program.Steps)
}

func (c *compiler) failureSteps() {
	c.program.OnFailure = c.steps(c.definition.OnFailure, view{handler: true, visible: len(c.known)})
}

func (c *compiler) finalSteps() {
	c.program.Finally = c.steps(c.definition.Finally, view{handler: true, visible: len(c.known), maybeNoFailure: true})
}

// steps compiles a list of steps. Each step sees the steps before it.
func (c *compiler) steps(list []*definition.Step, v view) []*Step {
	var compiled []*Step
	defer func(around string) { c.current = around }(c.current)
	for _, d := range list {
		s := &Step{Key: d.Key(), ID: d.ID.Value, Name: d.Name.Value, Retry: DefaultRetry}
		c.current, c.written[s] = s.ID, d
		c.condition(d, s, v)
		c.policy(d, s, v)
		c.form(d, s, v)
		c.addKnown(d, s)
		c.undo(d, s, v)
		if h := d.OnFailure; h != nil {
			s.Continue = h.Continue
			// Any handler sees the steps before it in the same way: each may not have run, or may
			// be the step that failed.
			first := len(c.known)
			s.OnFailure = c.steps(h.Steps, view{handler: true, visible: first, roots: v.roots})
			for i := range c.known[first:] {
				c.known[first+i].standIn = true
			}
			c.stepTypes.truncate(first)
		}
		compiled = append(compiled, s)
		v = v.proved(s)
	}
	return compiled
}

// form compiles the form of a step.
func (c *compiler) form(d *definition.Step, s *Step, v view) {
	switch form := d.Form.(type) {
	case *definition.Task:
		c.task(form, d, s, v)
	case *definition.Parallel:
		c.parallel(form, d, s, v)
	case *definition.ForEach:
		c.forEach(form, s, v)
	case *definition.Switch:
		c.switchForm(form, d, s, v)
	case *definition.Subworkflow:
		c.subworkflow(form, d, s, v)
	case *definition.Approval:
		c.approval(form, d, s, v)
	case *definition.Group:
		c.group(form, d, s, v)
	case *definition.Fail:
		c.fail(form, d, s, v)
	}
}

// places returns all compiled steps. It must be called only after all steps are compiled.
func (c *compiler) places() []Place {
	if c.placed == nil {
		c.placed = slices.Collect(c.program.Places())
	}
	return c.placed
}
