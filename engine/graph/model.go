// Package graph draws a workflow: what is done in which order, what is done side by side, again, only sometimes, or by a person, and
// what happens when a step fails. The picture is for those who order and approve a workflow as much as for those who write it, so it
// has titles where a definition has ids.
//
// New turns a checked program into a Graph, which knows nothing of sizes and places: nodes in groups, and the edges between them. A
// Graph is rendered in three formats: Mermaid, which the pages of GitHub, GitLab and most wikis draw; DOT, for Graphviz; and an SVG
// that stands alone. The first two leave the layout to the program that reads them and have no more than nodes, edges and nested
// groups. The SVG is laid out here, along the nesting of the steps rather than by a general algorithm for graphs: a list of steps is a
// column, branches are columns beside each other, and what handles a failure stands at the right of its step. So a step is where one
// looks for it, lines keep clear of boxes, and a small change of a definition is a small change of its picture.
//
// No text of a definition is trusted: each is cleaned and cut before it is drawn, and escaped for its format.
//
// In reading order: model.go (what a picture is made of), build.go (from a program), words.go (what stands in the boxes), source.go (texts
// that only the definition has), format.go (the list of formats), text.go (cleaning, measuring and breaking texts), mermaid.go, dot.go,
// then the SVG: layout.go (lists and steps), frame.go (what holds other steps), box.go (one box and its texts), page.go (the whole),
// outline.go (the picture in words), svg.go with style.go (writing it).
package graph

import "errand/engine/definition"

// A Graph is what a picture of a workflow shows.
type Graph struct {
	Title       string
	Name        string
	Description string
	Lanes       []*Group // the main way, then on_failure and finally, where there are any
	Edges       []Edge
}

// A Kind says what a node stands for.
type Kind string

// The kinds of nodes.
const (
	Start       Kind = "start"
	End         Kind = "end"
	Task        Kind = "task"
	Subworkflow Kind = "call"                  // another workflow
	Approval    Kind = definition.ApprovalForm // a person decides
	Condition   Kind = "condition"
	Decision    Kind = "decision" // of a switch
	Fork        Kind = "fork"     // where branches begin
	Join        Kind = "join"     // where all of them are done
)

// A Node is one box of the picture.
type Node struct {
	ID    string // of letters, digits and underscores; unique in the graph
	Kind  Kind
	Lines []Line
}

// A Style is how a line of text is set.
type Style string

// The styles of lines.
const (
	Title Style = "title"
	Code  Style = "code" // a task type, or an expression: small
	Note  Style = "note" // small
)

// A Mark stands before a line.
type Mark string

// The marks.
const (
	Poll    Mark = "poll"    // it is called again and again
	Clock   Mark = "clock"   // time passes
	Person  Mark = "person"  // somebody decides
	InTurn  Mark = "in turn" // once for each item, one after the other
	Abreast Mark = "abreast" // once for each item, several at a time
)

// A Line is a text in a box or at its top. It is as long as it was written; how it is broken and cut is for the renderer.
type Line struct {
	Style Style
	Mark  Mark // "" for none
	Text  string
}

// A Group is a list of steps.
type Group struct {
	ID    string
	Kind  GroupKind
	Lines []Line // its heading, or the condition of a case, or the name of a branch; none for the main way
	Parts []*Part
	End   *Node // where several ways meet at the end of a list that is drawn as a box; nil where there is but one
}

// last is the node of the last part of the main way, which is the end.
func (g *Group) last() *Node { return g.Parts[len(g.Parts)-1].Node }

// first is the node with which a list begins.
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

// A GroupKind says how a list of steps belongs to what is around it.
type GroupKind string

// The kinds of groups.
const (
	Main       GroupKind = "main"
	OnFailure  GroupKind = "on_failure" // of the workflow
	Finally    GroupKind = "finally"
	Branch     GroupKind = "branch"   // one of those of a parallel
	Case       GroupKind = "case"     // one of those of a switch; `else` has no steps where the definition has none
	Items      GroupKind = "items"    // what is done for each item
	InItsPlace GroupKind = "stand-in" // on_failure of a step; no steps: the run goes on
	Undo       GroupKind = "undo"
)

// A Part is a step with all that belongs to it. Start and end are parts as well.
type Part struct {
	If    *Node    // nil: it is done in any case
	Box   *Box     // around a step that holds others; nil for a switch
	Node  *Node    // the step; of a parallel the fork, of a switch the decision; nil for a for_each
	Ways  []*Group // the lists within the step: branches, cases, or what is done for each item
	Join  *Node    // of a parallel
	Fails *Group   // nil: a failure of the step is one of what is around it
	Undo  *Group
}

// A Box is drawn around a step that holds others.
type Box struct {
	ID    string
	Lines []Line
}

// An EdgeKind says when an edge is followed.
type EdgeKind string

// The kinds of edges.
const (
	Next      EdgeKind = "next"
	Around    EdgeKind = "around"     // where a condition does not hold
	WhenFails EdgeKind = "when-fails" // and back from what stands in
	WhenUndo  EdgeKind = "when-undone"
)

// An Edge leads from one node to another.
type Edge struct {
	From, To *Node
	Out, In  string // the id of a box or a group which the edge leaves, or reaches, as a whole, and in which the node stands; "" for none
	Kind     EdgeKind
	Label    string
}
