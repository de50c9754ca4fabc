package program

import (
	"slices"

	"errand/engine/diag"
)

// missingRules are the rules about something that is not written, so no fix can have caused it.
var missingRules = []string{"missing-key", "missing-parameter", "missing-input"}

// maxTried bounds the fixes that Load tries, and so its work. The fixes of further problems are
// offered when those before them are made.
const maxTried = 16

// keepCertain removes the fixes that would lead to the next error. It applies each fix alone and
// checks the result: the problem must be gone, and a new error that touches the fix must have a fix
// itself or be about something that is missing. Such errors, and errors elsewhere, were hidden by
// the problem. The function check returns the problems of the file.
func keepCertain(text []byte, problems []diag.Problem, check func(text []byte) []diag.Problem) {
	before := occurrences(problems)
	tried := 0
	for i := range problems {
		p := &problems[i]
		if p.Fix == nil {
			continue
		}
		if tried++; tried > maxTried || !leadsOn(text, *p, before, check) {
			p.Fix = nil
		}
	}
}

// An identity identifies a problem independently of its place.
type identity struct{ rule, message string }

func identify(p diag.Problem) identity { return identity{p.Rule, p.Message} }

func occurrences(problems []diag.Problem) map[identity]int {
	n := map[identity]int{}
	for _, p := range problems {
		n[identify(p)]++
	}
	return n
}

func leadsOn(text []byte, p diag.Problem, before map[identity]int, check func([]byte) []diag.Problem) bool {
	made, ok := p.Fix.Apply(text)
	if !ok {
		return false
	}
	from, ok := diag.Offset(text, p.Fix.Range.Start)
	to := from + len(p.Fix.Text)
	if !ok {
		return false
	}
	left := check(made)
	after := occurrences(left)
	if after[identify(p)] >= before[identify(p)] {
		return false
	}
	for _, q := range left {
		if !q.IsError() || q.Fix != nil || slices.Contains(missingRules, q.Rule) || after[identify(q)] <= before[identify(q)] {
			continue
		}
		if q.Rule == "yaml-syntax" && p.Rule != q.Rule {
			return false
		}
		start, known := diag.Offset(made, q.Range.Start)
		end, _ := diag.Offset(made, q.Range.End)
		// a member follows its base after a dot
		if known && start <= to+1 && end >= from {
			return false
		}
	}
	return true
}
