package golden

import (
	"errand/engine"
	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/task"
)

// A Coverage says what the cases of a definition reach of it. The workflows that it calls have
// cases of their own.
type Coverage struct {
	Workflow string
	File     string
	Points   []*Point // in the order of the text

	at map[program.Key][]*Point // by the shape of the step's key
}

// A Point is something that a case can reach.
type Point struct {
	Kind    PointKind
	Step    program.Key
	Line    int    // in the definition
	Missing string // what no case does if the point is not reached
	Reached bool

	by func(engine.Event) bool
}

// A PointKind is a kind of points.
type PointKind string

// The kinds of points.
const (
	Steps    PointKind = "steps"    // a step runs
	Branches PointKind = "branches" // a condition holds or does not; a case of a switch; a loop has items or none; a decision
	Failures PointKind = "failures" // a step fails
	Unknown  PointKind = "unknown"  // the outcome of a call is unknown
)

// PointKinds lists the kinds.
var PointKinds = []PointKind{Steps, Branches, Failures, Unknown}

// NewCoverage lists the points of a definition, none of them reached.
func NewCoverage(p *program.Program) *Coverage {
	c := &Coverage{Workflow: p.Name, File: p.File, at: map[program.Key][]*Point{}}
	lines := map[string]int{}
	d, _ := definition.Parse(p.File, p.Own())
	for s := range d.AllSteps() {
		lines[s.Key()] = s.Range.Start.Line
	}
	for s := range p.Places() {
		shape := s.Key.Shape()
		for _, point := range pointsOf(s.Step) {
			point.Step, point.Line = s.Key, lines[s.Step.Key]
			c.Points = append(c.Points, point)
			c.at[shape] = append(c.at[shape], point)
		}
	}
	return c
}

// Add notes the points that a run reached.
func (c *Coverage) Add(events []engine.Event) {
	for _, e := range events {
		key := program.Key(e.Step)
		for _, point := range c.at[key.Shape()] {
			point.Reached = point.Reached || point.Step.Matches(key) && point.by(e)
		}
	}
}

// Count returns how many points of a kind are reached, and how many there are.
func (c *Coverage) Count(kind PointKind) (reached, all int) {
	for _, p := range c.Points {
		if p.Kind != kind {
			continue
		}
		if all++; p.Reached {
			reached++
		}
	}
	return reached, all
}

// pointsOf lists the points of one step.
func pointsOf(s *program.Step) []*Point {
	points := []*Point{{Kind: Steps, Missing: "it is not run", by: is(engine.EventStepStarted)}}
	add := func(kind PointKind, missing string, by func(engine.Event) bool) {
		points = append(points, &Point{Kind: kind, Missing: missing, by: by})
	}
	if s.If != nil {
		add(Branches, "its `if` never holds", is(engine.EventStepStarted))
		add(Branches, "its `if` always holds", is(engine.EventStepSkipped))
	}
	failed := is(engine.EventStepFailed)
	switch a := s.Action.(type) {
	case *program.Task:
		if a.Type.Effect != task.Pure {
			add(Failures, "it never fails", failed)
		}
		if a.Until != nil {
			add(Failures, "what it waits for always comes", func(e engine.Event) bool {
				return failed(e) && e.Failure.Code == task.CodeTimeout
			})
		}
		if a.Type.Effect != task.Pure && a.Type.Effect != task.Reads {
			add(Unknown, "no answer to it is lost", func(e engine.Event) bool { return e.Failure != nil && e.Failure.Unknown })
		}
	case *program.Subworkflow:
		add(Failures, "it never fails", failed)
	case *program.ForEach:
		add(Branches, "its list is never empty", func(e engine.Event) bool { return e.Items != nil && *e.Items == 0 })
		add(Branches, "its list is always empty", func(e engine.Event) bool { return e.Items != nil && *e.Items > 0 })
	case *program.Switch:
		for i, k := range a.Cases {
			add(Branches, "its case `"+k.If.Source()+"` is never chosen", chosen(engine.Case{Number: i + 1, If: k.If.Source()}))
		}
		if len(a.Else) > 0 {
			add(Branches, "its else is never chosen", chosen(engine.Case{Else: true}))
		} else {
			add(Branches, "one of its cases always holds", chosen(engine.Case{}))
		}
	case *program.Approval:
		add(Branches, "it is never approved", decided(engine.VerdictApprove))
		add(Branches, "it is never rejected", decided(engine.VerdictReject))
		if a.Within > 0 {
			add(Branches, "its time never passes", decided(engine.VerdictExpired))
		}
	}
	return points
}

func is(kind engine.EventKind) func(engine.Event) bool {
	return func(e engine.Event) bool { return e.Kind == kind }
}

func chosen(want engine.Case) func(engine.Event) bool {
	return func(e engine.Event) bool {
		return e.Case != nil && e.Case.Number == want.Number && e.Case.Else == want.Else
	}
}

func decided(verdict engine.Verdict) func(engine.Event) bool {
	return func(e engine.Event) bool { return e.Kind == engine.EventStepDecided && e.Verdict == verdict }
}
