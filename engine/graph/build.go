package graph

import (
	"strconv"
	"strings"

	"errand/engine/program"
)

// New returns the graph of a program.
func New(p *program.Program) *Graph {
	b := &builder{graph: &Graph{Title: clean(p.Title), Name: p.Name, Description: clean(p.Description)}, source: sourceStepsOf(p), taken: map[string]bool{}}
	if b.graph.Title == "" {
		b.graph.Title = p.Name
	}
	start := b.node(Start, "start", Line{Style: Note, Text: "start"})
	end := b.node(End, "finish", Line{Style: Note, Text: "end"})
	main := &Group{ID: b.id("main"), Kind: Main, Parts: []*Part{{Node: start}}}
	open := b.list(main, p.Steps, []exit{{from: start}})
	b.connect(open, end, "")
	main.Parts = append(main.Parts, &Part{Node: end})
	b.graph.Lanes = []*Group{main}
	b.lane(OnFailure, p.OnFailure, "if the run fails")
	b.lane(Finally, p.Finally, "at the end, always")
	return b.graph
}

func (b *builder) lane(kind GroupKind, steps []*program.Step, when string) {
	if len(steps) == 0 {
		return
	}
	lane := &Group{ID: b.id(string(kind)), Kind: kind, Lines: []Line{
		{Style: Title, Text: strings.ReplaceAll(string(kind), "_", " ")}, {Style: Note, Text: when},
	}}
	b.boxedGroup(lane, lane.ID, steps, nil, "done")
	b.graph.Lanes = append(b.graph.Lanes, lane)
}

// A builder builds one graph.
type builder struct {
	graph  *Graph
	source sourceSteps
	in     program.Key     // the pattern for the items that the steps are in
	taken  map[string]bool // the ids in use
}

// An exit is the start of an edge whose end is not known yet, such as the last step of a list.
type exit struct {
	from  *Node
	out   string   // Out of the Edge
	kind  EdgeKind // "" for Next
	label string
}

// id returns an id for a step. The key of a step is an id or a path.
func (b *builder) id(words ...string) string {
	word := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ReplaceAll(strings.Join(words, "_"), "]", ""))
	id := word
	for n := 2; b.taken[id]; n++ {
		id = word + "_" + strconv.Itoa(n)
	}
	b.taken[id] = true
	return id
}

func (b *builder) node(kind Kind, id string, lines ...Line) *Node {
	return &Node{ID: b.id(id), Kind: kind, Lines: lines}
}

func (b *builder) connect(open []exit, to *Node, in string) {
	for _, e := range open {
		kind := e.kind
		if kind == "" {
			kind = Next
		}
		b.graph.Edges = append(b.graph.Edges, Edge{From: e.from, To: to, Out: e.out, In: in, Kind: kind, Label: e.label})
	}
}

// list adds steps to a group. The exits in open lead to the first step. list returns the exits of
// the last.
func (b *builder) list(g *Group, steps []*program.Step, open []exit) []exit {
	for _, s := range steps {
		var p *Part
		p, open = b.step(s, open)
		g.Parts = append(g.Parts, p)
	}
	return open
}

func (b *builder) step(s *program.Step, open []exit) (*Part, []exit) {
	p := &Part{Key: b.in.Step(s.Key)}
	var after []exit
	if s.If != nil {
		p.If = b.node(Condition, "if_"+s.Key, Line{Style: Code, Text: "if " + clean(s.If.Source())})
		b.connect(open, p.If, "")
		open = []exit{{from: p.If}}
		after = []exit{{from: p.If, kind: Around, label: "no"}}
	}
	var failing exit
	open, failing = b.action(p, s, open)
	after = append(open, after...)
	if len(s.Undo) > 0 {
		p.Undo = &Group{ID: b.id("undo", s.Key), Kind: Undo, Lines: []Line{{Style: Note, Text: undoHeading}}}
		failing.kind, failing.label = WhenUndo, "undo"
		b.boxedGroup(p.Undo, p.Undo.ID, s.Undo, []exit{failing}, "undone")
	}
	failing.kind, failing.label = WhenFails, "if it fails"
	switch {
	case s.Continue:
		p.Fails = &Group{ID: b.id("fails", s.Key), Kind: StandIn, Lines: []Line{{Style: Note, Text: continueHeading}}}
		failing.label = "if it fails, continue"
		after = append(after, failing)
	case len(s.OnFailure) > 0:
		p.Fails = &Group{ID: b.id("fails", s.Key), Kind: StandIn, Lines: []Line{{Style: Note, Text: standInHeading}}}
		for _, back := range b.boxedGroup(p.Fails, p.Fails.ID, s.OnFailure, []exit{failing}, "done") {
			back.kind = WhenFails
			after = append(after, back)
		}
	}
	return p, after
}

// boxedGroup adds steps to a group that is drawn as a box. Edges enter and leave the box as a
// whole. If it has several exits, they meet in a node with a word. If all its ways end with a fail,
// it has none.
func (b *builder) boxedGroup(g *Group, id string, steps []*program.Step, open []exit, word string) []exit {
	at := len(b.graph.Edges)
	b.connect(open, nil, id)
	ends := b.list(g, steps, nil)
	for i := range open {
		b.graph.Edges[at+i].To = g.first()
	}
	switch len(ends) {
	case 0:
		return nil
	case 1:
		return []exit{{from: ends[0].from, out: id}}
	}
	g.End = b.node(Join, "end_"+g.ID, Line{Style: Note, Text: word})
	b.connect(ends, g.End, "")
	return []exit{{from: g.End, out: id}}
}

// boxedSteps adds the steps of a step that is drawn as a box around them.
func (b *builder) boxedSteps(p *Part, way *Group, steps []*program.Step, open []exit, word string) (after []exit, failing exit) {
	p.Ways = []*Group{way}
	after = b.boxedGroup(way, p.Box.ID, steps, open, word)
	if len(after) == 0 {
		return nil, exit{from: way.first(), out: p.Box.ID}
	}
	return after, after[0]
}

// action adds what a step does. failing is the exit that is taken if the step fails.
func (b *builder) action(p *Part, s *program.Step, open []exit) (after []exit, failing exit) {
	switch a := s.Action.(type) {
	case *program.Parallel:
		p.Box = b.box("parallel", s.Key, formHeading(s))
		p.Node = b.node(Fork, "fork_"+s.Key, Line{Style: Note, Text: "in parallel"})
		p.Join = b.node(Join, "join_"+s.Key, Line{Style: Note, Text: "all done"})
		b.connect(open, p.Node, p.Box.ID)
		var ends []exit
		for _, branch := range a.Branches {
			way := &Group{ID: b.id("branch", s.Key, branch.Name), Kind: Branch, Lines: []Line{{Style: Note, Text: clean(branch.Name)}}}
			ends = append(ends, b.list(way, branch.Steps, []exit{{from: p.Node, label: clean(branch.Name)}})...)
			p.Ways = append(p.Ways, way)
		}
		b.connect(ends, p.Join, "")
		return []exit{{from: p.Join, out: p.Box.ID}}, exit{from: p.Join, out: p.Box.ID}
	case *program.ForEach:
		p.Box = b.box("each", s.Key, b.forEachLines(s, a))
		around := b.in
		b.in = p.Key.AnyItem()
		after, failing = b.boxedSteps(p, &Group{ID: b.id("items", s.Key), Kind: Items}, a.Steps, open, "next "+a.As)
		b.in = around
		return after, failing
	case *program.Group:
		p.Box = b.box("group", s.Key, groupLines(s))
		return b.boxedSteps(p, &Group{ID: b.id("steps", s.Key), Kind: Steps}, a.Steps, open, "done")
	case *program.Switch:
		p.Node = b.node(Decision, "switch_"+s.Key, formHeading(s)...)
		b.connect(open, p.Node, "")
		for i, c := range a.Cases {
			way, ends := b.way(p.Node, b.id("case", s.Key, strconv.Itoa(i)), clean(c.If.Source()), c.Steps)
			p.Ways, after = append(p.Ways, way), append(after, ends...)
		}
		way, ends := b.way(p.Node, b.id("else", s.Key), "else", a.Else)
		p.Ways, after = append(p.Ways, way), append(after, ends...)
		return after, exit{from: p.Node}
	case *program.Subworkflow:
		p.Node = b.node(Subworkflow, "call_"+s.Key, subworkflowLines(s, a)...)
	case *program.Approval:
		p.Node = b.node(Approval, "ask_"+s.Key, b.approvalLines(s, a)...)
	case *program.Fail:
		p.Node = b.node(Fail, "fail_"+s.Key, b.failLines(s, a)...)
		b.connect(open, p.Node, "")
		return nil, exit{from: p.Node}
	case *program.Task:
		p.Node = b.node(Task, "step_"+s.Key, b.taskLines(s, a)...)
	}
	b.connect(open, p.Node, "")
	return []exit{{from: p.Node}}, exit{from: p.Node}
}

func (b *builder) box(word, key string, lines []Line) *Box {
	return &Box{ID: b.id(word, key), Lines: lines}
}

// way adds a case with its condition.
func (b *builder) way(from *Node, id, condition string, steps []*program.Step) (*Group, []exit) {
	way := &Group{ID: id, Kind: Case, Lines: []Line{{Style: Code, Text: condition}}}
	return way, b.list(way, steps, []exit{{from: from, label: condition}})
}
