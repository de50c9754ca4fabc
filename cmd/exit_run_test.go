package cmd

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/task"
)

// codes returns the constants of a type in a file of package engine, by name.
func codes(t *testing.T, file, of string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../engine/"+file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == of {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all[spec.Names[0].Name] = value
		}
		return true
	})
	return all
}

// Each code of a refusal has an exit code, a message and a hint. So has each code of a trouble.
func TestEveryRefusalHasWording(t *testing.T) {
	approval := engine.Question{Step: "ok", Ask: "Go?", By: []string{"operators", "kim"}}
	found := codes(t, "refusal.go", "RefusalCode")
	if len(found) < 17 || len(found) != len(refusals) {
		t.Errorf("%d codes of refusals, %d have a wording", len(found), len(refusals))
	}
	for name, value := range found {
		code := engine.RefusalCode(value)
		if _, worded := refusals[code]; !worded {
			t.Errorf("%s has no wording", name)
			continue
		}
		err := runExit(&engine.Refusal{
			Code: code, Run: "kq3vzt5mwxa2hd7c", Step: "ok", Steps: []string{"ok"}, Status: engine.Waiting, Person: "ann",
			Decision: &engine.Decision{Verdict: engine.VerdictDone, By: engine.Person{Name: "kim"}},
			Verdict:  engine.VerdictDone, Question: &approval, Process: "errand run, process 4711", Reason: "a reason",
		}, "kq3vzt5mwxa2hd7c")
		exit, ok := errors.AsType[*Exit](err)
		if !ok || !slices.Contains([]int{ExitNotFound, ExitLocked, ExitUncertain}, exit.Code) || exit.Hint == "" || strings.Contains(exit.Hint, "RUN") {
			t.Errorf("%s: %+v", name, err)
		}
		if strings.HasPrefix(exit.Message, "refused: ") {
			t.Errorf("%s has no message", name)
		}
	}
	found = codes(t, "trouble.go", "TroubleCode")
	if len(found) < 5 || len(found) != len(troubles) {
		t.Errorf("%d codes of troubles, %d have a wording", len(found), len(troubles))
	}
	for name, value := range found {
		code := engine.TroubleCode(value)
		exit, ok := errors.AsType[*Exit](runExit(&engine.Trouble{Code: code, Err: errors.New("the disk is full")}, ""))
		if _, worded := troubles[code]; !ok || !worded || exit.Code == 0 || exit.Message != "the disk is full" || exit.Hint == "" {
			t.Errorf("%s: %+v", name, exit)
		}
	}
	exit, ok := errors.AsType[*Exit](runExit(&engine.Trouble{Code: engine.TroubleUnreachable, Hint: "its own hint", Err: errors.New("no answer")}, ""))
	if !ok || exit.Code != ExitUnreachable || exit.Hint != "its own hint" {
		t.Errorf("a trouble with a hint of its own: %+v", exit)
	}
}

// The hints use the run, the step and the question of the refusal.
func TestHintsOfRefusals(t *testing.T) {
	approval := engine.Question{Step: "ok", Ask: "Go?", By: []string{"operators", "kim"}}
	uncertain := engine.Question{Step: "restart", Failure: &task.Failure{}}
	for _, c := range []struct {
		refusal engine.Refusal
		code    int
		hint    string
	}{
		{engine.Refusal{Code: engine.RefusedNotAsked, Question: &approval, Steps: []string{"ok"}}, 6, "errand runs approve r1 ok --approve or --reject"},
		{engine.Refusal{Code: engine.RefusedVerdict, Question: &uncertain}, 6, "errand runs resolve r1 restart --done, --retry or --fail"},
		{engine.Refusal{Code: engine.RefusedPerson, Question: &approval}, 6, "only these can decide: operators, kim"},
		{engine.Refusal{Code: engine.RefusedRequester, Question: &approval}, 6, "somebody else of these can decide: operators, kim"},
		{engine.Refusal{Code: engine.RefusedStep, Step: "strat", Steps: []string{"start", "note"}}, 6, `did you mean "start"?`},
		{engine.Refusal{Code: engine.RefusedStep, Step: "quite-another", Steps: []string{"start", "note"}}, 6, "known are start, note"},
		{engine.Refusal{Code: engine.RefusedStep, Step: "quite-another", Steps: slices.Repeat([]string{"a"}, 32)}, 6, "--from can name " + strings.Repeat("a, ", 29) + "a and 2 more"},
		{engine.Refusal{Code: engine.RefusedStep, Step: "outputs.text"}, 6, "the run reached no step; errand run --help explains --again, which starts a new run"},
		{engine.Refusal{Code: engine.RefusedFail, Step: "start", Steps: []string{"strat", "note"}}, 6, "--from can name strat, note"},
		{engine.Refusal{Code: engine.RefusedNotEnded}, 6, "errand runs resume r1"},
		{engine.Refusal{Code: engine.RefusedConflict, Inputs: []byte("{}")}, 6, "errand runs show r1 shows the run; --again starts another one"},
		{engine.Refusal{Code: engine.RefusedConflict}, 6, "errand run --help explains --again, which starts a new run"},
		{engine.Refusal{Code: engine.RefusedHeld}, 75, "errand runs show r1 shows how far the run is"},
		{engine.Refusal{Code: "of another runner"}, 70, ""},
	} {
		c.refusal.Run = "r1"
		exit, ok := errors.AsType[*Exit](runExit(&c.refusal, "r1"))
		if !ok || exit.Code != c.code || exit.Hint != c.hint {
			t.Errorf("%s: %+v, want exit code %d and the hint %q", c.refusal.Code, exit, c.code, c.hint)
		}
	}
}
