package generator

import "errand/engine/schema"

// Probes are pieces with a known answer. The check must refuse what would make the answer wrong, so
// they find what no failing run shows: a value that has silently become another one.

// keptWorkflow is a workflow that a probe calls. It returns whether the first element of an untyped
// list is equal to a duration.
const keptWorkflow = "callee-kept"

// The names of outputs with a known answer.
const (
	KeptOutput  = "kept"  // true: a duration is equal to itself after it was passed on
	WholeOutput = "whole" // it never fails: int of a value of any type is an integer or null
	ZeroOutput  = "zero"  // "0": there is no negative zero
)

// kept returns the workflow that a probe calls.
func (w *writer) kept() *Definition {
	c := &writer{Language: w.Language, Rand: w.Rand, d: &Definition{Name: keptWorkflow}}
	c.line("workflow: %s", keptWorkflow)
	c.line("inputs: {list: {type: list}, pause: {type: duration}}")
	c.line("steps: [{fail: never, if: 'len(inputs.list) > 9'}]")
	c.line("outputs: {same: '${{ len(inputs.list) == 0 || inputs.list[0] == inputs.pause }}'}")
	return c.d
}

// probeSteps writes steps of probes. It comes first in the main list.
func (w *writer) probeSteps() {
	if w.Risk == 0 {
		return
	}
	if w.percent(15) {
		w.d.Calls = append(w.d.Calls, w.kept())
		pause := w.leaf(durationKind)
		w.item(func() {
			w.line("id: kept")
			w.line("workflow: %s", keptWorkflow)
			w.line("with:")
			w.within(func() {
				w.line("pause: %s", single("${{ "+pause+" }}"))
				w.slot("list: ["+single("${{ "+pause+" }}")+"]", "list: []")
			})
		})
		w.probes = append(w.probes, KeptOutput+": ${{ steps.kept.same }}")
	}
	for _, f := range w.d.Inputs.Fields {
		path := "inputs." + f.Name
		switch {
		case f.Type.Nullable || f.Default != nil:
		case kindOf(f.Type) == numberKind && f.Type.Minimum == nil && w.percent(50):
			w.exactSteps(path)
			w.probes = append(w.probes, ZeroOutput+": ${{ string(0 * -"+path+") }}")
		case kindOf(f.Type) == stringsKind && w.percent(50):
			w.item(func() {
				w.line("if: len(%s) > 0", path)
				w.line("task: %s", w.plainTask())
				w.slot("with: {text: '${{ upper("+path+"[1]) }}'}", "with: {text: a}")
			})
		case f.Type.Kind == schema.List && f.Type.Items == nil && w.percent(50):
			w.probes = append(w.probes, WholeOutput+": ${{ int("+path+"[0]) ?? 1 }}")
		}
	}
}

// exactSteps writes a step that runs unless a number is 2^53, and one that relies on it under the
// condition that the number is 2^53 + 1, which no number can be told apart from.
func (w *writer) exactSteps(path string) {
	w.item(func() {
		w.line("id: exact")
		w.line("if: %s != 9007199254740992", path)
		w.line("task: %s", w.plainTask())
		w.line("with: {text: a}")
	})
	w.item(func() {
		w.line("if: %s == 9007199254740993", path)
		w.line("task: %s", w.plainTask())
		w.slot("with: {text: '${{ lower(steps.exact.result_message) }}'}", "with: {text: a}")
	})
}

// plainTask returns the name of a task type that succeeds if it is given a text alone.
func (w *writer) plainTask() string {
	name := w.Tasks[0].Name
	for _, t := range w.Tasks {
		if _, scripted := t.Given["script"]; scripted && t.Polls && !t.Secured {
			name = t.Name
		}
	}
	return name
}

// probeOutputs writes the outputs of probes. Each name occurs once.
func (w *writer) probeOutputs() {
	written := map[string]bool{}
	for _, line := range w.probes {
		if !written[line[:4]] {
			w.line("%s", line)
		}
		written[line[:4]] = true
	}
}
