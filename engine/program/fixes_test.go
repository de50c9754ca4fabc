package program_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"errand/engine/diag"
	"errand/engine/task"
	"errand/tasks"
)

// A fix is certain. After a single fix its problem is gone, and there are no more errors than
// before. After all fixes no fix is offered. In all cases the rest of the file is unchanged,
// whatever its line breaks and its byte order mark are.
func TestFixes(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	fixes := 0
	for _, file := range definitionsIn(t, problemsFolder, 80) {
		source := readDefinition(t, file)
		for _, dressed := range [][]byte{source, slices.Concat([]byte("\ufeff"), bytes.ReplaceAll(bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")))} {
			check := func(text []byte) []diag.Problem {
				_, problems := beside(registry).Load(filepath.Base(file), text)
				return problems
			}
			before := check(dressed)
			for _, p := range before {
				if p.Fix == nil {
					continue
				}
				fixes++
				made, ok := p.Fix.Apply(dressed)
				if !ok {
					t.Errorf("%s: the fix %q does not apply to the text", file, p.Fix.Title)
					continue
				}
				after := check(made)
				same := func(q diag.Problem) bool { return q.Rule == p.Rule && q.Message == p.Message }
				if number(after, same) >= number(before, same) {
					t.Errorf("%s: after the fix %q this problem is left: %v", file, p.Fix.Title, p)
				}
				if number(after, diag.Problem.IsError) > number(before, diag.Problem.IsError) {
					t.Errorf("%s: the fix %q makes more errors:\n%s", file, p.Fix.Title, render(t, after, made))
				}
				if bytes.Count(made, []byte("\r\n")) != bytes.Count(made, []byte("\n")) && bytes.HasPrefix(dressed, []byte("\ufeff")) || bytes.HasPrefix(made, []byte("\ufeff")) != bytes.HasPrefix(dressed, []byte("\ufeff")) {
					t.Errorf("%s: the fix %q makes another line break, or drops the byte order mark", file, p.Fix.Title)
				}
			}
			m := diag.Mend(dressed, check)
			for _, p := range m.Left {
				if p.Fix != nil {
					t.Errorf("%s: this fix is offered but not made: %v", file, p)
				}
			}
			if number(m.Left, diag.Problem.IsError) > number(before, diag.Problem.IsError) {
				t.Errorf("%s: there are more errors than before:\n%s", file, render(t, m.Left, m.Text))
			}
		}
	}
	if t.Logf("%d fixes", fixes); fixes < 60 {
		t.Error("there are too few fixes to prove anything")
	}
}

func number(problems []diag.Problem, are func(diag.Problem) bool) int {
	n := 0
	for _, p := range problems {
		if are(p) {
			n++
		}
	}
	return n
}
