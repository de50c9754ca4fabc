package definition_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/definition"
	"errand/engine/diag"
)

// parseStep parses a definition with one step.
func parseStep(step string) (*definition.Step, []diag.Problem) {
	text := "workflow: example\nsteps:\n  - " + strings.ReplaceAll(strings.TrimSuffix(step, "\n"), "\n", "\n    ") + "\n"
	d, problems := definition.Parse("example.yaml", []byte(text))
	if len(d.Steps) != 1 {
		return &definition.Step{}, problems
	}
	return d.Steps[0], problems
}

// The parser accepts the example of each row of the table. Without a key that the row requires, it
// reports a problem.
func TestForms(t *testing.T) {
	for _, f := range definition.Forms() {
		s, problems := parseStep(f.Example)
		if len(problems) > 0 || s.Word != f.Name || s.Form == nil {
			t.Errorf("%s: the example is read as %q, with %v\n%s", f.Name, s.Word, problems, f.Example)
			continue
		}
		if holds := len(s.Form.Lists()) > 0; holds != f.HoldsSteps() {
			t.Errorf("%s: the example has lists of steps: %v, want %v as in the table", f.Name, holds, f.HoldsSteps())
		}
		if _, calls := s.Form.(definition.Caller); calls != slices.ContainsFunc(f.Keys, func(k definition.KeySpec) bool { return k.Value == definition.ArgumentsValue }) {
			t.Errorf("%s calls something: %v, which differs from the table", f.Name, calls)
		}
		if f.Want == "" {
			t.Errorf("%s: the table does not describe its value", f.Name)
		}
		for _, k := range slices.Concat([]definition.KeySpec{f.KeySpec}, f.Keys, f.Members) {
			if !strings.HasSuffix(k.Doc, ".") {
				t.Errorf("%s of %s: the doc is not a sentence: %q", k.Name, f.Name, k.Doc)
			}
			if (k.Value == definition.WordValue) != (len(k.Words) > 0) {
				t.Errorf("%s of %s has the words %q", k.Name, f.Name, k.Words)
			}
			if !k.Required {
				continue
			}
			rest := without(f.Example, k.Name)
			if _, problems = parseStep(rest); !slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Rule == "missing-key" }) {
				t.Errorf("%s of %s is required, but without it the problems are %v\n%s", k.Name, f.Name, problems, rest)
			}
		}
	}
}

// Each key of a form is unknown in a step of a form that does not have it. The problem names the
// forms that do.
func TestKeysOfOtherForms(t *testing.T) {
	for _, f := range definition.Forms() {
		for _, k := range f.Keys {
			if slices.ContainsFunc(definition.Forms(), func(form definition.FormSpec) bool { return form.Name == k.Name }) {
				continue // it names a form of its own: then the step has two forms
			}
			for _, other := range definition.Forms() {
				if slices.ContainsFunc(other.Keys, func(own definition.KeySpec) bool { return own.Name == k.Name }) {
					continue
				}
				_, problems := parseStep(other.Example + k.Name + ": x\n")
				if len(problems) != 1 || problems[0].Rule != "unknown-key" || !strings.Contains(problems[0].Message, f.Name) {
					t.Errorf("%s in a step with %s: %v", k.Name, other.Name, problems)
				}
			}
		}
	}
}

// without removes the first key with a given name, and the lines that belong to it.
func without(text, key string) string {
	lines := strings.SplitAfter(text, "\n")
	is := regexp.MustCompile(`^( *)(- )?` + key + `:`)
	at := slices.IndexFunc(lines, is.MatchString)
	if at < 0 {
		return text
	}
	m := is.FindStringSubmatch(lines[at])
	inside, end := len(m[1])+len(m[2]), at+1
	for end < len(lines) && len(lines[end])-len(strings.TrimLeft(lines[end], " ")) > inside {
		end++
	}
	rest := slices.Delete(lines, at, end)
	if m[2] != "" && at < len(rest) {
		rest[at] = m[1] + m[2] + strings.TrimLeft(rest[at], " ")
	}
	return strings.Join(rest, "")
}
