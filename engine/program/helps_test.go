package program_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/task"
	"errand/tasks"
)

// TestHelps follows each help to the letter, in the file that has the problem. A fix removes its
// problem and makes no new one. Nearly every other help removes its problem or leads to the next
// one, which is another.
func TestHelps(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	fixed, followed, led, words, silent := 0, 0, 0, 0, 0
	var lost []string
	for _, file := range definitionsIn(t, problemsFolder, 80) {
		source := readDefinition(t, file)
		check := func(text []byte) []diag.Problem {
			_, problems := beside(registry).Load(filepath.Base(file), text)
			return problems
		}
		before := check(source)
		for _, p := range before {
			if p.Fix != nil {
				fixed++
				made, ok := p.Fix.Apply(source)
				if !ok {
					t.Errorf("%s: the fix %q does not fit the text", file, p.Fix.Title)
					continue
				}
				if fresh := newProblems(before, check(made), p); len(fresh) > 0 || remains(before, check(made), p) {
					t.Errorf("%s: the fix %q of %q leads to\n%s", file, p.Fix.Title, p.Message, render(t, fresh, made))
				}
			}
			ways := followWithFillers(source, p)
			switch {
			case p.Fix != nil:
				continue
			case p.Help == "":
				silent++
				continue
			case len(ways) == 0:
				words++
				continue
			}
			followed++
			left := slices.DeleteFunc(slices.Clone(ways), func(made []byte) bool { return remains(before, check(made), p) })
			if len(left) == 0 {
				lost = append(lost, file+": "+p.Message+"\n    "+p.Help+"\n    leads to:\n"+string(render(t, check(ways[0]), ways[0])))
				continue
			}
			led++
		}
	}
	t.Logf("%d fixes were made; %d helps were followed, %d of them led on; %d are for a reader to choose; %d problems have no help", fixed, followed, led, words, silent)
	if fixed < 90 || followed < 120 {
		t.Errorf("only %d fixes and %d helps say exactly what to write", fixed, followed)
	}
	if percent(led, followed) < 95 {
		t.Errorf("only %d of %d helps lead on; these do not:\n%s", led, followed, strings.Join(lost, "\n"))
	} else {
		t.Logf("these do not:\n%s", strings.Join(lost, "\n"))
	}
}

// remains reports whether a problem is still there.
func remains(before, after []diag.Problem, p diag.Problem) bool {
	same := func(q diag.Problem) bool { return q.Rule == p.Rule && q.Message == p.Message }
	if number(after, same) < number(before, same) {
		return false
	}
	// The same mistake further on was hidden if the parser stops at the first one.
	return number(after, func(q diag.Problem) bool { return same(q) && q.Range.Start == p.Range.Start }) > 0
}

// newProblems returns the errors that were not there before and that have no fix. A file that could
// not be parsed hides all others, and a wrong name those of the rest of its expression.
func newProblems(before, after []diag.Problem, fixed diag.Problem) []diag.Problem {
	if fixed.Rule == "yaml-syntax" { // but its own line must be valid then
		return slices.DeleteFunc(slices.Clone(after), func(p diag.Problem) bool {
			return p.Rule != "yaml-syntax" || p.Fix != nil || p.Range.Start.Line != fixed.Range.Start.Line
		})
	}
	var fresh []diag.Problem
	for _, p := range after {
		same := func(q diag.Problem) bool { return q.Rule == p.Rule && q.Message == p.Message }
		if p.IsError() && p.Fix == nil && number(after, same) > number(before, same) {
			fresh = append(fresh, p)
		}
	}
	return fresh
}
