package program_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
)

// named finds the names of rules in the source code of the check.
var named = regexp.MustCompile(`(?:\bRule: |\bp\.Rule(?:, p\.\w+)* = |\b[rR]ule[A-Z]\w+ += )"([a-z][a-z0-9]*(?:-[a-z0-9]+)*-?)`)

// The check reports only rules in the list, and can report every rule in the list.
func TestEveryRuleIsListed(t *testing.T) {
	found := map[string]bool{}
	for _, folder := range []string{".", "../definition", "../expression", "../intake"} {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(files) < 10 {
			t.Fatalf("%d files in %s: %v", len(files), folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(source), -1) {
				found[m[1]] = true
			}
		}
	}
	// the names end with the kind of the callee
	for _, kind := range []string{"missing-", "unknown-"} {
		if !found[kind] {
			t.Errorf("no rule starts with %q", kind)
		}
		delete(found, kind)
		found[kind+"parameter"], found[kind+"input"] = true, true
	}
	var listed []string
	for _, r := range program.Rules() {
		listed = append(listed, r.Name)
		switch {
		case !found[r.Name]:
			t.Errorf("%s is listed but never reported", r.Name)
		case r.Title == "" || r.Title != strings.TrimSuffix(r.Title, ".") || !strings.HasSuffix(r.Help, "."):
			t.Errorf("%s: %q, %q: want a title that is a phrase and a help of sentences", r.Name, r.Title, r.Help)
		case strings.Count(r.Title+r.Help, "`")%2 != 0:
			t.Errorf("%s: a backtick is open", r.Name)
		}
	}
	for name := range found {
		if !slices.Contains(listed, name) {
			t.Errorf("%s is reported but not listed", name)
		}
	}
	if !slices.IsSorted(listed) || len(slices.Compact(listed)) != len(program.Rules()) {
		t.Error("the list is not sorted, or has a rule twice")
	}
}

// Every rule has a case in testdata/problems, or in testdata/intake. There its problems have the severity
// from the list.
func TestRulesInProblems(t *testing.T) {
	shows := map[string]bool{}
	severities := map[string]diag.Severity{}
	for _, r := range program.Rules() {
		severities[r.Name] = r.Severity
	}
	shown := regexp.MustCompile(`(?m)^(error|warning)\[(.*?)\]`)
	outs, err := filepath.Glob(filepath.Join(problemsFolder, "*.out"))
	ofIntake, err2 := filepath.Glob("../../testdata/intake/problems/*/problems.out")
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, out := range slices.Concat(outs, ofIntake) {
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shown.FindAllStringSubmatch(string(text), -1) {
			listed, known := severities[m[2]]
			shows[m[2]] = true
			if !known || (m[1] == "warning") != (listed == diag.Warning) {
				t.Errorf("%s: a %s of the rule %s, want %q as in the list", out, m[1], m[2], listed)
			}
		}
	}
	for _, r := range program.Rules() {
		if !shows[r.Name] {
			t.Errorf("no case in testdata/problems or testdata/intake shows %s", r.Name)
		}
	}
}

// The help for a step without a form names every form of the language.
func TestStepFormNamesEveryForm(t *testing.T) {
	at := slices.IndexFunc(program.Rules(), func(r diag.Rule) bool { return r.Name == "step-form" })
	for _, f := range definition.Forms() {
		if help := program.Rules()[at].Help; !strings.Contains(help, "`"+f.Name+"`") {
			t.Errorf("the help of step-form does not name %s: %s", f.Name, help)
		}
	}
}
