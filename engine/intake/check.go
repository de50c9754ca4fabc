package intake

import (
	"errors"
	"fmt"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/schema"
)

// A check finds what is wrong with an intake file that could be parsed.
type check struct {
	Loader
	tree     *definition.Intake
	text     []byte // of the file
	problems []diag.Problem
	programs map[string]*program.Program // by the name of the workflow
	faults   map[string]error            // why a workflow cannot be started, by its name
}

func (c *check) report(p diag.Problem) { c.problems = append(c.problems, p) }

// rules checks the rules in order and adds them to the source. The condition of a rule, and what the
// conditions before it exclude, are known to its inputs.
func (c *check) rules(s *Source) {
	roots := []schema.Field{s.Root()}
	if s.Name == "" { // a problem was reported, and either may be meant
		roots = []schema.Field{{Name: rootTicket, Type: TicketType}, {Name: rootPayload}}
	}
	starter := program.NewStarter(expression.Scope{Roots: roots, Missing: names{s.Root()}.missing, Why: why}, c.Observe)
	var before []passed
	var inputs [][]definition.Entry
	var facts []string // what holds if no earlier rule matches
	for i := range c.tree.Rules {
		written := &c.tree.Rules[i]
		rule := Rule{Name: written.Name.Value}
		own := slices.Clone(facts)
		if written.If != nil {
			if rule.condition = starter.Condition(written.If); rule.condition != nil {
				own = append(own, rule.condition.Implies()...)
			}
		}
		c.reachable(written, rule.condition, before)
		if written.Request != nil {
			rule.request = starter.Text(*written.Request, "request", own)
		}
		c.workflow(written, &rule, starter, own)
		inputs = append(inputs, written.With)
		before = append(before, passed{written, rule.condition})
		if rule.condition != nil {
			facts = append(facts, rule.condition.Denies()...)
		}
		s.Rules = append(s.Rules, rule)
	}
	starter.Secrets(c.tree.File, c.text, inputs)
	c.problems = append(c.problems, starter.Problems()...)
}

// workflow finds the workflow of a rule and checks the rule's inputs.
func (c *check) workflow(written *definition.IntakeRule, rule *Rule, starter *program.Starter, facts []string) {
	if written.Workflow.Value == "" { // the parser has reported a problem
		starter.Names(written.With, facts)
		return
	}
	p, err := c.program(written.Workflow.Value)
	if err != nil {
		c.report(unusable(written.Workflow, err))
		starter.Names(written.With, facts)
		return
	}
	rule.Workflow = p
	rule.inputs = starter.Inputs(p, written.With, written.At, written.Workflow.Range, written.Partial, facts)
}

// program loads a workflow, once.
func (c *check) program(name string) (*program.Program, error) {
	if p, err := c.programs[name], c.faults[name]; p != nil || err != nil {
		return p, err
	}
	p, err := c.loadProgram(name)
	c.programs[name], c.faults[name] = p, err
	return p, err
}

func (c *check) loadProgram(name string) (*program.Program, error) {
	find := c.Library.Beside(c.tree.File)
	file, text, err := find(name)
	if err != nil {
		return nil, err
	}
	p, problems := program.Loader{Registry: c.Registry, Find: find}.Load(file, text)
	if p == nil {
		first := problems[slices.IndexFunc(problems, diag.Problem.IsError)]
		return nil, fmt.Errorf("it has %s, the first in %s, line %d: %s", diag.Summary(problems), file, first.Range.Start.Line, first.Message)
	}
	return p, nil
}

// unusable is the problem of a workflow that a rule cannot start.
func unusable(name definition.Text, err error) diag.Problem {
	if missing, ok := errors.AsType[*library.NotFoundError](err); ok {
		p := diag.Problem{
			Rule: "unknown-workflow", Range: name.Range, Message: err.Error(), Label: "no such workflow",
			Help: "errand workflows lists the workflows",
		}
		if missing.Near != "" {
			p.Help = `did you mean "` + missing.Near + `"?`
			p.Fix = &diag.Fix{Title: "write " + missing.Near, Range: name.Range, Text: missing.Near}
		}
		return p
	}
	return diag.Problem{
		Rule: "unusable-workflow", Range: name.Range,
		Message: `the workflow "` + name.Value + `" cannot be started: ` + err.Error(),
	}
}

// A passed rule is one that did not match if a later rule is tried.
type passed struct {
	*definition.IntakeRule
	condition *expression.Program
}

// reachable warns of a rule that can never match, because an earlier rule matches whenever it would.
func (c *check) reachable(rule *definition.IntakeRule, condition *expression.Program, before []passed) {
	for _, earlier := range before {
		line := earlier.Range.Start.Line
		p := diag.Problem{Rule: "unreachable-rule", Severity: diag.Warning, Range: rule.Range, Label: "never starts its workflow"}
		switch {
		case earlier.UnreadIf: // its problem was reported, and nothing is known about it
			continue
		case earlier.If == nil:
			p.Message = fmt.Sprintf("this rule never matches: the rule on line %d has no `if`, so it always matches", line)
			p.Help = "move that rule to the end, or give it an `if`"
		case condition != nil && earlier.condition != nil && includes(condition.Implies(), earlier.condition.Implies()):
			p.Range = rule.If.Range
			p.Message = fmt.Sprintf("this rule never matches: whenever its `if` is true, that of the rule on line %d is true too", line)
			p.Help = "move this rule before that one, or change one of the conditions"
		default:
			continue
		}
		c.report(p)
		return
	}
}

// includes reports whether all of some conditions are among others.
func includes(all, some []string) bool {
	return len(some) > 0 && !slices.ContainsFunc(some, func(text string) bool { return !slices.Contains(all, text) })
}
