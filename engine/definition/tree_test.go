package definition

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/schema"
)

// The tree of a definition that uses every key: what was read, with the positions.
func TestTree(t *testing.T) {
	d, _ := Parse("testdata/ok/everything.yaml", read(t, "testdata/ok/everything.yaml"))
	w := &treeWriter{}
	w.line(0, "workflow %s, title %s, description %s, timeout %s", text(d.Name), text(d.Title), text(d.Description), duration(d.Timeout))
	for _, in := range d.Inputs {
		w.input(0, "input", in)
	}
	for _, c := range d.Credentials {
		w.line(0, "credential %s %s", text(c.Connector), text(c.Name))
	}
	w.policy(0, d.Defaults)
	w.steps(0, "steps", d.Steps)
	w.steps(0, "on_failure", d.OnFailure)
	w.steps(0, "finally", d.Finally)
	w.entries(0, d.Outputs)
	compare(t, "testdata/ok/everything.tree", w.String())
}

type treeWriter struct{ strings.Builder }

func (w *treeWriter) line(depth int, format string, args ...any) {
	fmt.Fprintf(w, strings.Repeat("  ", depth)+format+"\n", args...)
}

func (w *treeWriter) input(depth int, what string, in Input) {
	w.line(depth, "%s %s: %s, required %v", what, text(in.Name), in.Type, in.Required)
	if t := in.Type; t.Pattern != "" || t.Minimum != nil || t.Maximum != nil {
		w.line(depth+1, "pattern %q, minimum %s, maximum %s", t.Pattern, bound(t.Minimum), bound(t.Maximum))
	}
	for _, v := range in.Parts.Enum {
		w.value(depth+1, "enum", v)
	}
	if in.Default != nil {
		w.value(depth+1, "default", *in.Default)
	}
	for _, p := range in.Properties {
		w.input(depth+1, "member", p)
	}
	if in.Items != nil {
		w.input(depth+1, "each", *in.Items)
	}
}

func (w *treeWriter) policy(depth int, p Policy) {
	if p.Timeout != nil {
		w.line(depth, "timeout %s", duration(p.Timeout))
	}
	if r := p.Retry; r != nil {
		attempts := "unsaid"
		if r.Attempts != nil {
			attempts = fmt.Sprint(*r.Attempts)
		}
		w.line(depth, "retry at %s: attempts %s, %s..%s, for %s", place(r.Range), attempts, duration(r.Shortest), duration(r.Longest), duration(r.For))
	}
}

func (w *treeWriter) steps(depth int, what string, steps []*Step) {
	for _, s := range steps {
		w.line(depth, "%s: %s at %s, key %s, id %s, name %s, credential %s", what, s.Path, place(s.Range), s.Key(), text(s.ID), text(s.Name), text(s.Credential))
		w.expression(depth+1, "if", s.If)
		w.policy(depth+1, s.Policy)
		w.form(depth+1, s.Form)
		if s.Undo != nil {
			w.line(depth+1, "undo at %s", place(s.UndoRange))
			w.steps(depth+2, "undo", s.Undo)
		}
		if h := s.OnFailure; h != nil {
			w.line(depth+1, "on_failure at %s, continue %v", place(h.Range), h.Continue)
			w.steps(depth+2, "handler", h.Steps)
		}
	}
}

func (w *treeWriter) form(depth int, form Form) {
	switch f := form.(type) {
	case *Task:
		w.line(depth, "task %s with at %s, every %s, for %s", text(f.Type), place(f.Range), duration(f.Every), duration(f.For))
		w.expression(depth, "until", f.Until)
		w.entries(depth+1, f.With)
	case *Parallel:
		w.line(depth, "parallel at %s", place(f.Range))
		for _, b := range f.Branches {
			w.line(depth+1, "branch %s", text(b.Name))
			w.steps(depth+2, "step", b.Steps)
		}
	case *ForEach:
		limit := "unsaid"
		if f.Limit != nil {
			limit = fmt.Sprint(*f.Limit)
		}
		w.line(depth, "for_each at %s, as %s, limit %s", place(f.Range), text(f.As), limit)
		w.value(depth+1, "list", f.List)
		w.steps(depth+1, "step", f.Steps)
	case *Switch:
		w.line(depth, "switch at %s", place(f.Range))
		for _, c := range f.Cases {
			w.line(depth+1, "case at %s", place(c.Range))
			w.expression(depth+2, "if", c.If)
			w.steps(depth+2, "step", c.Steps)
		}
		w.steps(depth+1, "else", f.Else)
	case *Subworkflow:
		w.line(depth, "workflow %s with at %s", text(f.Workflow), place(f.Range))
		w.entries(depth+1, f.With)
	case *Approval:
		w.line(depth, "approval at %s, within %s, otherwise %s, the requester may decide %v", place(f.Range), duration(f.Within), text(f.Otherwise), f.AllowRequester)
		w.value(depth+1, "ask", f.Ask)
		for _, by := range f.By {
			w.line(depth+1, "by %s", text(by))
		}
	default:
		w.line(depth, "no form: %T", form)
	}
}

func (w *treeWriter) entries(depth int, entries []Entry) {
	for _, e := range entries {
		w.value(depth, text(e.Key), e.Value)
	}
}

func (w *treeWriter) value(depth int, name string, v Value) {
	w.line(depth, "%s = %s at %s %s", name, v.Kind, place(v.Range), scalarOf(v))
	for _, p := range v.Parts {
		if p.Expression == nil {
			w.line(depth+1, "literal %q", p.Literal)
		}
		w.expression(depth+1, "expression", p.Expression)
	}
	for _, item := range v.Items {
		w.value(depth+1, "-", item)
	}
	w.entries(depth+1, v.Entries)
}

func scalarOf(v Value) string {
	if v.Kind == schema.Boolean || v.Kind == schema.Integer || v.Kind == schema.Number {
		return fmt.Sprintf("%v (%T)", v.Scalar, v.Scalar)
	}
	return ""
}

func (w *treeWriter) expression(depth int, what string, e *Expression) {
	if e != nil {
		w.line(depth, "%s %q at %s", what, e.Source, place(e.Range))
	}
}

func place(r diag.Range) string {
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
}

func text(t Text) string {
	if !t.Given() {
		return "-"
	}
	return fmt.Sprintf("%q at %s", t.Value, place(t.Range))
}

func duration(d *Duration) string {
	if d == nil {
		return "-"
	}
	return schema.FormatDuration(d.Value) + " at " + place(d.Range)
}

func bound(f *float64) string {
	if f == nil {
		return "-"
	}
	return fmt.Sprint(*f)
}

func TestLiteral(t *testing.T) {
	d, _ := Parse("everything.yaml", read(t, "testdata/ok/everything.yaml"))
	var got []string
	for _, in := range d.Inputs {
		if in.Default != nil {
			v, ok := in.Default.Literal()
			got = append(got, fmt.Sprintf("%s=%v/%v", in.Name.Value, schema.Show(v), ok))
		}
	}
	want := `size=2/true ratio=1/true level="low"/true settle="2m"/true extra={"a":[1,null,true],"b":"${{ literal }}"}/true`
	if joined := strings.Join(got, " "); joined != want {
		t.Errorf("got  %s\nwant %s", joined, want)
	}
	if v, ok := d.Outputs[0].Value.Literal(); ok {
		t.Errorf("Literal of an expression returns %v", v)
	}
}

// Steps that an alias repeats have the position of the anchor. Each has its own path.
func TestAliasedSteps(t *testing.T) {
	d, problems := Parse("", []byte("workflow: w\nsteps:\n  - task: a.b\n    on_failure: &s\n      - task: c.d\n        with: {x: \"${{ y }}\"}\nfinally: *s\n"))
	if len(problems) > 0 {
		t.Fatal(list(problems))
	}
	var got []string
	for s := range d.AllSteps() {
		got = append(got, s.Path+" "+place(s.Range))
	}
	if joined, want := strings.Join(got, ", "), "steps[0] 3:5-3:9, steps[0].on_failure[0] 5:9-5:13, finally[0] 5:9-5:13"; joined != want {
		t.Errorf("got %s, want %s", joined, want)
	}
}

// The kind of the list reports whether the parser could use it.
func TestListsThatAreUnderstoodAllTheSame(t *testing.T) {
	tests := []struct{ name, list, want string }{
		{"an expression without its braces", "inputs.names", "string inputs.names"},
		{"blanks", `" ${{ inputs.names }}"`, "any"},
		{"a text", "names", "any"},
		{"a mapping", "{in: names}", "any"},
		{"null", "null", "any"},
		{"nothing", "", "any"},
		{"a tag", "!list [a]", "any"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, problems := Parse("", []byte("workflow: w\nsteps:\n  - for_each: "+test.list+"\n    as: item\n    steps: [{task: a.b}]\n"))
			if len(problems) != 1 {
				t.Errorf("want 1 problem, got:\n%s", list(problems))
			}
			f := d.Steps[0].Form.(*ForEach)
			var got strings.Builder
			got.WriteString(string(f.List.Kind))
			for _, p := range f.List.Parts {
				if f.List.Kind == schema.String {
					got.WriteString(" " + p.Expression.Source)
				}
			}
			if got.String() != test.want || f.As.Value != "item" || len(f.Steps) != 1 {
				t.Errorf("got %s of %s, want %s", got.String(), f.As.Value, test.want)
			}
		})
	}
}

// Parse returns all parts of a definition that it can understand, even if there are problems.
func TestParseGoesOn(t *testing.T) {
	d, problems := Parse("", []byte("workflow: w\ntitle: 1\nsteps:\n  - id: a\n    task: a.b\n    with: {x: yes, y: \"${{ z }}\"}\n    timeout: 5\n  - oops\n  - {id: b, if: \"${{ x }}\", task: c.d}\n"))
	if len(problems) != 5 {
		t.Errorf("want 5 problems, got:\n%s", list(problems))
	}
	if len(d.Steps) != 2 || d.Steps[0].Form.(*Task).With[1].Value.Parts[0].Expression.Source != "z" || d.Steps[1].If.Source != "x" {
		t.Errorf("parts of the definition are missing: %+v", d.Steps)
	}
	if kind := d.Steps[0].Form.(*Task).With[0].Value.Kind; kind != schema.Any {
		t.Errorf("a value with a problem has the kind %s, want any", kind)
	}
}
