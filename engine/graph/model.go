// Package graph draws a workflow: the order of the steps, which steps run in parallel, repeatedly,
// conditionally or by a person, and what happens if a step fails. The picture is for the people who
// order and approve a workflow as well as for its authors, so it shows titles instead of ids.
//
// New converts a compiled program to a Graph: nodes in groups, and the edges between them. A Graph
// has no sizes and places. It is rendered in three formats: Mermaid, which GitHub, GitLab and most
// wikis draw; DOT, for Graphviz; and SVG, a picture in one file. For the first two, the program
// that reads them makes the layout; they have only nodes, edges and nested groups. The layout of
// the SVG is made here. It follows the nesting of the steps, not a general algorithm for graphs: a
// list of steps is a column, branches are columns next to each other, and handlers are to the right
// of their step. So a step is easy to find, lines do not cross boxes, and a small change of a
// definition is a small change of its picture.
//
// The texts of a definition are not trusted: each is cleaned and cut before it is drawn, and
// escaped for its format.
//
// In reading order: model.go (the parts of a graph), build.go (from a program to a graph),
// labels.go (the texts in the boxes), source.go (texts that only the definition has), format.go
// (the list of formats), text.go (texts are cleaned, measured and broken), mermaid.go, dot.go, then
// the SVG: layout.go (lists and steps), frame.go (steps that contain others), box.go (a box and its
// texts), page.go (the whole), outline.go (the picture in words), svg.go with style.go (the file).
//
// A web page shows a run in the picture: state.go (the state of a step), states_of.go (from a run to
// states), badge.go (where a state is drawn), inline.go with state_style.go (the picture inside HTML).
package graph

import (
	"errand/engine/definition"
	"errand/engine/program"
)

// A Graph is the content of a picture of a workflow.
type Graph struct {
	Title       string
	Name        string
	Description string
	Lanes       []*Group // the main list, then on_failure and finally, if not empty
	Edges       []Edge
}

// A Kind is the kind of a node.
type Kind string

// The kinds of nodes.
const (
	Start       Kind = "start"
	End         Kind = "end"
	Task        Kind = "task"
	Subworkflow Kind = "call"                  // a called workflow
	Approval    Kind = definition.ApprovalForm // a person decides
	Fail        Kind = definition.FailForm     // the list ends with a failure
	Condition   Kind = "condition"
	Decision    Kind = "decision" // the beginning of a switch
	Fork        Kind = "fork"     // the beginning of branches
	Join        Kind = "join"     // the end of branches
)

// A Node is a box of the picture.
type Node struct {
	ID    string // of letters, digits and underscores; unique in the graph
	Kind  Kind
	Lines []Line
}

// A Style is the style of a line of text.
type Style string

// The styles of lines.
const (
	Title Style = "title"
	Code  Style = "code" // small, for a task type or an expression
	Note  Style = "note" // small
)

// A Mark is a small picture before a line.
type Mark string

// The marks.
const (
	Poll    Mark = "poll"    // the task is called repeatedly
	Clock   Mark = "clock"   // the step waits
	Person  Mark = "person"  // a person decides
	InTurn  Mark = "in turn" // once for each item, one after another
	Several Mark = "several" // once for each item, several at a time
)

// A Line is a text in a box or at its top. It has its full length; a renderer breaks and cuts it.
type Line struct {
	Style Style
	Mark  Mark // "" for none
	Text  string
}

// A Group is a list of steps.
type Group struct {
	ID   string
	Kind GroupKind

	// Lines are the heading, the condition of a case or the name of a branch. The main list has
	// none.
	Lines []Line
	Parts []*Part
	End   *Node // where several edges meet at the end of a boxed list; nil if there is one edge
}

// last returns the node of the last part of the main list, which is the end.
func (g *Group) last() *Node { return g.Parts[len(g.Parts)-1].Node }

// first returns the first node of a list.
func (g *Group) first() *Node {
	p := g.Parts[0]
	switch {
	case p.If != nil:
		return p.If
	case p.Node != nil:
		return p.Node
	}
	return p.Ways[0].first()
}

// A GroupKind is the role of a list of steps.
type GroupKind string

// The kinds of groups.
const (
	Main      GroupKind = "main"
	OnFailure GroupKind = "on_failure" // of the workflow
	Finally   GroupKind = "finally"
	Branch    GroupKind = "branch" // of a parallel

	// Case is a case of a switch. If the definition has no `else`, that case has no steps.
	Case    GroupKind = "case"
	Items   GroupKind = "items"    // the steps for each item
	Steps   GroupKind = "steps"    // of a group
	StandIn GroupKind = "stand-in" // on_failure of a step; no steps: the run continues
	Undo    GroupKind = "undo"
)

// A Part is a step with its condition, groups and handlers. The start and the end are parts, too.
type Part struct {
	Key   program.Key // of the step, a pattern: fleet[].restart; "" for the start and the end
	If    *Node       // the condition; nil if there is none
	Box   *Box        // around a step that contains others; nil for a switch
	Node  *Node       // the step; the fork of a parallel, the decision of a switch; nil for a for_each and a group
	Ways  []*Group    // the lists in the step: branches, cases, the steps for each item or those of a group
	Join  *Node       // of a parallel
	Fails *Group      // nil: if the step fails, the list around it fails
	Undo  *Group
}

// label returns the text that names a step: its first line.
func (p *Part) label() string {
	if p.Box != nil {
		return p.Box.Lines[0].Text
	}
	return p.Node.Lines[0].Text
}

// A Box is drawn around a step that contains others.
type Box struct {
	ID    string
	Lines []Line
}

// An EdgeKind is the reason for which an edge is followed.
type EdgeKind string

// The kinds of edges.
const (
	Next      EdgeKind = "next"
	Around    EdgeKind = "around"     // a condition does not hold
	WhenFails EdgeKind = "when-fails" // a step fails; also the edge back from its handler
	WhenUndo  EdgeKind = "when-undone"
)

// An Edge connects two nodes.
type Edge struct {
	From, To *Node

	// Out and In are the ids of the boxes around From and To that the edge leaves and enters as a
	// whole; or "".
	Out, In string
	Kind    EdgeKind
	Label   string
}
