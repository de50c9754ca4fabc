package generator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"errand/engine/schema"
)

// A writer writes one definition.
type writer struct {
	Language
	*rand.Rand
	d       *Definition
	callees []*Definition
	guards  bool // most expressions are about values that may be missing
	budget  int  // how many steps may still be written

	indent int
	dash   bool // the next line starts an item of a list

	scope
	counts  map[string]int  // for unique names
	all     []string        // the paths of all steps so far, visible or not
	settles bool            // the task that was written last settles
	gained  map[string]bool // the places that the group that was written last proves
	plain   bool            // the current steps cannot have an undo
	passes  bool            // the current values go to a called workflow
	probes  []string        // outputs with a known answer
	groups  int             // the number of steps around the current list
	lists   int             // the number of list functions around the current expression
	lets    int             // the number of let variables of the current expression
}

func (w *writer) percent(n int) bool { return w.IntN(100) < n }

func (w *writer) pick(of ...string) string { return of[w.IntN(len(of))] }

// newName returns a name that is not in use.
func (w *writer) newName(prefix string) string {
	w.counts[prefix]++
	return fmt.Sprintf("%s%d", prefix, w.counts[prefix])
}

// line writes a line.
func (w *writer) line(format string, of ...any) { w.slot(fmt.Sprintf(format, of...), "") }

// slot writes a line and records the harmless line that can replace it.
func (w *writer) slot(text, harmless string) {
	before := strings.Repeat("  ", w.indent)
	if w.dash {
		before = strings.Repeat("  ", w.indent-1) + "- "
		w.dash = false
	}
	l := line{text: before + text}
	if harmless != "" {
		l.harmless = before + harmless
	}
	w.d.lines = append(w.d.lines, l)
}

// within calls write to write lines that belong to the line before.
func (w *writer) within(write func()) {
	w.indent++
	write()
	w.indent--
}

// item calls write to write an item of a list.
func (w *writer) item(write func()) {
	w.indent++
	w.dash = true
	write()
	w.indent--
}

func (w *writer) definition(name string) *Definition {
	w.d = &Definition{Name: name, Calls: slices.Clone(w.callees)}
	w.counts = map[string]int{}
	w.line("workflow: %s", name)
	if len(w.Titles) > 0 {
		w.line("title: %s", quoted(w.pick(w.Titles...)))
		w.line("description: %s", quoted(w.pick(w.Titles...)))
	}
	if w.percent(15) {
		w.line("timeout: %s", w.pick("40s", "3m", "20m"))
	}
	if w.percent(15) {
		w.line("defaults: {retry: {attempts: %d, backoff: 1s..20s}, timeout: 30m}", w.IntN(5)+2)
	}
	w.credentials()
	w.inputs()
	w.line("steps:")
	if name == "random" {
		w.probeSteps()
	}
	w.list(1+w.IntN(cmp.Or(w.Length, 4)), 0)
	w.outputs()
	w.handlers()
	if name == "random" && w.percent(20) {
		w.concurrency()
	}
	return w.d
}

// concurrency writes a concurrency key below the first line. A called workflow has none.
func (w *writer) concurrency() {
	key := single(w.pick("", "<k> ") + w.pick("key", "${{ request.id }}", "${{ inputs.who }}", `${{ len(inputs.who) > 2 ? inputs.who : "" }}`))
	w.d.lines = slices.Insert(w.d.lines, 1, line{text: "concurrency:"}, line{text: "  key: " + key})
}

func (w *writer) credentials() {
	for _, t := range w.Tasks {
		if t.Secured && w.percent(30) {
			connector, _, _ := strings.Cut(t.Name, ".")
			w.line("credentials: {%s: main}", connector)
			return
		}
	}
}

// outputs writes the outputs of the workflow.
func (w *writer) outputs() {
	if len(w.probes) == 0 && !w.percent(70) {
		return
	}
	w.line("outputs:")
	w.within(func() {
		w.probeOutputs()
		for n := range 1 + w.IntN(3) {
			k := plainKinds[w.IntN(len(plainKinds))]
			name, t := fmt.Sprintf("o%d", n+1), typeOf(k)
			switch places := w.places(k); {
			case w.percent(25):
				t = w.literalOutput(name)
			case k == stringKind && w.percent(40):
				w.slot(name+": "+w.text(), name+": x")
			case len(places) > 0 && w.percent(20):
				p := places[w.IntN(len(places))]
				t.Nullable = p.null
				w.slot(name+": ${{ "+p.path+" }}", harmless(name, k))
			default:
				w.slot(name+": "+w.whole(k), harmless(name, k))
			}
			w.d.outputs = append(w.d.outputs, schema.Field{Name: name, Type: t, Required: true})
		}
	})
}

// handlers writes on_failure and finally of the definition.
func (w *writer) handlers() {
	w.plain = true
	for _, key := range []string{"on_failure", "finally"} {
		w.visible, w.handler, w.noFailure, w.ifs, w.proved = len(w.known), true, key == "finally", nil, nil
		if w.percent(35) {
			w.line("%s:", key)
			w.list(1+w.IntN(2), 1)
		}
	}
}

func harmless(name string, k kind) string { return name + ": " + single("${{ "+nonNull[k]+" }}") }

// whole returns a value that is a single expression.
func (w *writer) whole(k kind) string { return single("${{ " + w.expression(k, w.depth()) + " }}") }

// depth returns a random depth for an expression. Most depths are small.
func (w *writer) depth() int {
	if w.guards {
		return w.IntN(2)
	}
	return w.IntN(4)
}

// text returns a text that contains expressions.
func (w *writer) text() string {
	piece := ""
	if len(w.Pieces) > 0 {
		piece = w.pick(w.Pieces...)
	}
	if w.guards && w.percent(80) {
		return single(piece + "${{ " + w.guarded() + " }}")
	}
	made := piece + "${{ " + w.expression(stringKind, w.depth()) + " }}"
	if w.percent(30) {
		k := []kind{stringKind, integerKind, numberKind, booleanKind, durationKind}[w.IntN(5)]
		made += w.pick("", " ", "/") + "${{ " + w.expression(k, w.depth()) + " }}"
	}
	return single(made)
}

// single writes a text in single quotes.
func single(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quoted writes any text.
func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}
