package definition

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/patience"
	"errand/engine/schema"
)

func seed(f *testing.F) {
	for _, pattern := range []string{"testdata/ok/*.yaml", "testdata/problems/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatal("no seeds in ", pattern)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	data, err := os.ReadFile("testdata/syntax.txt")
	if err != nil {
		f.Fatal(err)
	}
	for c := range strings.SplitSeq(string(data), "=== ") {
		f.Add([]byte(c))
	}
}

// For any bytes, Parse returns, every position is inside the file, and Parse loses a definition
// only if it reports a problem.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, source []byte) {
		var d *Definition
		var problems []diag.Problem
		patience.Within(t, "Parse", func() { d, problems = Parse("fuzz.yaml", source) })
		if d == nil {
			t.Fatal("no definition")
		}
		if !d.Name.Given() && !diag.HasErrors(problems) {
			t.Error("the definition is lost without a problem")
		}
		within(t, source, problems)
		paths := map[string]bool{}
		for s := range d.AllSteps() {
			if s.If != nil {
				checkExpression(t, source, s.If)
			}
			checkForm(t, source, s, diag.HasErrors(problems))
			if paths[s.Path] && !diag.HasErrors(problems) {
				t.Errorf("two steps have the path %s", s.Path)
			}
			paths[s.Path] = true
		}
		for _, e := range d.Outputs {
			checkValue(t, source, e.Value)
		}
	})
}

func FuzzData(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, source []byte) {
		var data []byte
		var problems []diag.Problem
		patience.Within(t, "Data", func() { data, problems = Data("fuzz.yaml", source) })
		if (data == nil) != diag.HasErrors(problems) {
			t.Errorf("data %q with %d problems", data, len(problems))
		}
		if data != nil && !json.Valid(data) {
			t.Errorf("%q became %q", source, data)
		}
		within(t, source, problems)
		data, problems = Data("fuzz.json", source)
		if (data == nil) != diag.HasErrors(problems) || data != nil && !json.Valid(data) {
			t.Errorf("as JSON: data %q with %d problems", data, len(problems))
		}
		within(t, source, problems)
	})
}

func within(t *testing.T, source []byte, problems []diag.Problem) {
	t.Helper()
	lines := strings.Count(string(source), "\n") + 1
	for _, p := range problems {
		from, to := p.Range.Start, p.Range.End
		if from.Line < 1 || from.Column < 1 || to.Line > lines || to.Line < from.Line || to.Line == from.Line && to.Column < from.Column {
			t.Errorf("%s: %s has the range %v", p.Rule, p.Message, p.Range)
		}
		if p.Message == "" || p.Rule == "" {
			t.Errorf("an empty problem at %v", p.Range)
		}
	}
}

// checkForm checks that the expressions of a form are at the positions that their ranges say. If
// the definition has no errors, it also checks that the form has everything that it needs.
func checkForm(t *testing.T, source []byte, s *Step, errors bool) {
	t.Helper()
	var complete bool
	switch f := s.Form.(type) {
	case *Task:
		for _, e := range f.With {
			checkValue(t, source, e.Value)
		}
		complete = f.Type.Given()
	case *Parallel:
		complete = len(f.Branches) > 0
	case *ForEach:
		checkValue(t, source, f.List)
		whole := f.List.Kind == schema.String && len(f.List.Parts) == 1 && f.List.Parts[0].Expression != nil
		complete = f.As.Given() && f.Steps != nil && (whole || f.List.Kind == schema.List)
	case *Switch:
		complete = len(f.Cases) > 0
		for _, c := range f.Cases {
			if complete = complete && c.If != nil && c.Steps != nil; c.If != nil {
				checkExpression(t, source, c.If)
			}
		}
	case *Subworkflow:
		complete = f.Workflow.Given()
	case *Approval:
		checkValue(t, source, f.Ask)
		complete = f.Ask.Kind == schema.String && len(f.By) > 0 && (!f.Otherwise.Given() || f.Within != nil)
	default:
		complete = false
	}
	for _, list := range s.Lists() {
		complete = complete && (list == nil || len(list) > 0)
	}
	if !complete && !errors {
		t.Errorf("%s is incomplete, but there is no problem: %+v", s.Path, s.Form)
	}
}

func checkValue(t *testing.T, source []byte, v Value) {
	t.Helper()
	for _, part := range v.Parts {
		if part.Expression != nil {
			checkExpression(t, source, part.Expression)
		}
	}
	for _, item := range v.Items {
		checkValue(t, source, item)
	}
	for _, e := range v.Entries {
		checkValue(t, source, e.Value)
	}
}

// checkExpression checks that the first character of an expression is at the start of its range.
func checkExpression(t *testing.T, source []byte, e *Expression) {
	t.Helper()
	s := newSource("", source)
	at := s.offset(e.Span(0, 1).Start)
	if at >= len(s.text) {
		t.Errorf("%q starts after the end of the file", e.Source)
		return
	}
	if s.text[at] != e.Source[0] && s.text[at] != '\\' && s.text[at] != '\'' && len(e.text.place.mapBytes(e.text.Value).places) > 0 {
		t.Errorf("%q starts at %q", e.Source, s.text[at:min(len(s.text), at+10)])
	}
}
