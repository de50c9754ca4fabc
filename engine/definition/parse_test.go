package definition

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/goldenfile"
)

// The problems of testdata/problems/x.yaml are in x.out.
func TestProblems(t *testing.T) {
	for _, path := range glob(t, "testdata/problems/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, problems := Parse(path, read(t, path))
			compare(t, strings.TrimSuffix(path, ".yaml")+".out", list(problems))
			if len(problems) == 0 {
				t.Error("the file has no problem")
			}
		})
	}
}

func TestGoodDefinitionsAreSilent(t *testing.T) {
	for _, path := range glob(t, "testdata/ok/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			d, problems := Parse(path, read(t, path))
			if len(problems) > 0 {
				t.Errorf("it has problems:\n%s", list(problems))
			}
			if !d.Name.Given() || len(d.Steps) == 0 {
				t.Error("the definition is empty")
			}
		})
	}
}

// After a fix is applied, its problem is gone and no new problem of the same rule is at that
// position.
func TestFixesRemoveTheirProblem(t *testing.T) {
	fixes := 0
	for _, path := range glob(t, "testdata/problems/*.yaml") {
		source := read(t, path)
		_, problems := Parse(path, source)
		for _, p := range problems {
			if p.Fix == nil {
				continue
			}
			fixes++
			_, after := Parse(path, apply(source, p.Fix))
			for _, left := range after {
				if left.Range.Start == p.Range.Start && left.Rule == p.Rule {
					t.Errorf("%s:%d: %s: after the fix %q this problem is left: %s", path, p.Range.Start.Line, p.Message, p.Fix.Text, left.Message)
				}
			}
		}
	}
	if fixes < 10 {
		t.Errorf("only %d fixes were tried", fixes)
	}
}

func apply(source []byte, fix *diag.Fix) []byte {
	s := newSource("", source)
	from, to := s.offset(fix.Range.Start), s.offset(fix.Range.End)
	return []byte(s.text[:from] + fix.Text + s.text[to:])
}

// list writes problems for a golden file: line:column-column rule: message, and below it help,
// notes and fix.
func list(problems []diag.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		end := fmt.Sprint(p.Range.End.Column)
		if p.Range.End.Line != p.Range.Start.Line {
			end = fmt.Sprintf("%d:%d", p.Range.End.Line, p.Range.End.Column)
		}
		warning := map[bool]string{false: "warning "}[p.IsError()]
		fmt.Fprintf(&b, "%d:%d-%s %s%s: %s\n", p.Range.Start.Line, p.Range.Start.Column, end, warning, p.Rule, p.Message)
		if p.Help != "" {
			fmt.Fprintf(&b, "    help: %s\n", p.Help)
		}
		for _, note := range p.Notes {
			fmt.Fprintf(&b, "    note: %s\n", note)
		}
		if p.Fix != nil {
			fmt.Fprintf(&b, "    fix: %s: %s\n", p.Fix.Title, p.Fix.Text)
		}
	}
	return b.String()
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	return paths
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	goldenfile.Check(t, path, []byte(got))
}

// testdata/syntax.txt holds texts that are not YAML, each with the message for it.
func TestSyntaxErrors(t *testing.T) {
	const path = "testdata/syntax.txt"
	var got strings.Builder
	cases := strings.Split(string(read(t, path)), "=== ")
	got.WriteString(cases[0])
	for _, c := range cases[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		source, _, _ := strings.Cut(rest, "---- says\n")
		_, problems := Parse("", []byte(source))
		problems = slices.DeleteFunc(problems, func(p diag.Problem) bool { return p.Rule != ruleSyntax })
		if len(problems) == 0 || len(problems) > 1 && !strings.Contains(name, "slips") {
			t.Fatalf("%s: %d problems", name, len(problems))
		}
		fixed, complete := []byte(source), len(problems) < maxSlips
		for _, p := range slices.Backward(problems) {
			if p.Fix != nil {
				fixed = apply(fixed, p.Fix)
			} else {
				complete = false
			}
		}
		_, after := Parse("", fixed)
		if i := slices.IndexFunc(after, func(p diag.Problem) bool { return p.Rule == ruleSyntax }); i >= 0 && complete {
			t.Errorf("%s: after the fixes this problem is left: %s", name, after[i].Message)
		}
		fmt.Fprintf(&got, "=== %s\n%s---- says\n%s\n", name, source, list(problems))
	}
	compare(t, path, got.String())
}
