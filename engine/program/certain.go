package program

import (
	"bytes"
	"slices"
	"strings"

	"errand/engine/diag"
)

// missingRules are the rules about something that is not written, so no fix can have caused it.
var missingRules = []string{"missing-key", "missing-parameter", "missing-input"}

// maxKept and maxTried bound the fixes that Load tries one by one, and so its work.
const (
	maxKept  = 16
	maxTried = 32
)

// syntaxRule is the rule of the YAML parser.
const syntaxRule = "yaml-syntax"

// KeepCertain removes each fix that causes a new error. It applies each fix alone and checks the result.
// The problem must be gone. A new error at the fix is accepted only if it has a fix itself or is about
// something that is missing. A new error elsewhere is accepted: the problem had hidden it. If there are
// many fixes, it keeps the rest of them if all together cause no error. The function check returns the
// problems of the file.
func KeepCertain(text []byte, problems []diag.Problem, check func(text []byte) []diag.Problem) {
	before := occurrences(problems)
	kept, tried := 0, 0
	for i := range problems {
		p := &problems[i]
		if p.Fix == nil {
			continue
		}
		if tried == maxTried || kept == maxKept {
			if !areCertain(text, problems, before, check) {
				dropFixes(problems[i:])
			}
			return
		}
		if tried++; leadsOn(text, *p, before, check) {
			kept++
		} else {
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

func dropFixes(problems []diag.Problem) {
	for i := range problems {
		problems[i].Fix = nil
	}
}

// areCertain reports whether all fixes together remove their problems and cause no error, except about
// what is missing. It does not know that of YAML that is still not valid.
func areCertain(text []byte, problems []diag.Problem, before map[identity]int, check func([]byte) []diag.Problem) bool {
	var fixes []diag.Fix
	fixed := map[identity]int{}
	for _, p := range problems {
		if p.Fix != nil {
			fixes = append(fixes, *p.Fix)
			fixed[identify(p)]++
		}
	}
	made, ok := diag.ApplyAll(text, fixes)
	if !ok {
		return false
	}
	left := check(made)
	after := occurrences(left)
	for id, times := range fixed {
		if after[id] > before[id]-times {
			return false
		}
	}
	return !slices.ContainsFunc(left, func(q diag.Problem) bool {
		id := identify(q)
		return q.Rule == syntaxRule || q.IsError() && after[id] > before[id] && !slices.Contains(missingRules, q.Rule)
	})
}

// leadsOn reports whether the fix of a problem removes it and leads to no new error.
func leadsOn(text []byte, p diag.Problem, before map[identity]int, check func([]byte) []diag.Problem) bool {
	made, ok := p.Fix.Apply(text)
	if !ok {
		return false
	}
	from, to, ok := written(text, p)
	if !ok {
		return false
	}
	for to < len(made) && strings.IndexByte(".: \t\r\n", made[to]) >= 0 { // a member, or the value of a key
		to++
	}
	left := check(made)
	if p.Rule == syntaxRule && !isParsed(made, to, left, check) {
		return false
	}
	after := occurrences(left)
	for _, q := range left {
		same := identify(q) == identify(p)
		switch {
		case same && after[identify(q)] < before[identify(q)]:
		case !same && (!q.IsError() || after[identify(q)] <= before[identify(q)]):
		case q.Rule == syntaxRule && p.Rule != syntaxRule:
			return false
		case !same && (q.Fix != nil || slices.Contains(missingRules, q.Rule)):
		case q.Range.Touches(made, from, to):
			return false
		}
	}
	return true
}

// isParsed reports whether the parser reads a text beyond an offset, or stops at mistakes that have
// fixes. If it stops elsewhere, the text up to the end of the line shows whether the line is valid.
func isParsed(text []byte, at int, left []diag.Problem, check func([]byte) []diag.Problem) bool {
	stops := func(p diag.Problem) bool { return p.Rule == syntaxRule && p.Fix == nil }
	if !slices.ContainsFunc(left, stops) {
		return true
	}
	line := bytes.IndexByte(text[at:], '\n')
	return line >= 0 && !slices.ContainsFunc(check(text[:at+line+1]), stops)
}

// written returns the part of the fixed text in which the problem was: what the fix wrote and the
// rest of the problem's range.
func written(text []byte, p diag.Problem) (from, to int, ok bool) {
	from, to, ok = p.Fix.Written(text)
	old, ended := diag.Offset(text, p.Fix.Range.End)
	if !ok || !ended {
		return 0, 0, false
	}
	if start, ok := diag.Offset(text, p.Range.Start); ok {
		from = min(from, start)
	}
	if end, ok := diag.Offset(text, p.Range.End); ok && end > old {
		to += end - old
	}
	return from, to, true
}
