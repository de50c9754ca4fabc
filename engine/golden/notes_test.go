package golden_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/golden"
	"errand/engine/goldenfile"
)

// Each end of a workflow is told to two readers. What each of them reads stands beside the cases, in
// requester.txt and operators.txt. A requester reads nothing that only operators understand.
func TestNotesForPeople(t *testing.T) {
	for workflow, cases := range byWorkflow(suite(t)) {
		t.Run(workflow, func(t *testing.T) {
			slices.SortFunc(cases, func(a, b *golden.Case) int { return strings.Compare(a.Name(), b.Name()) })
			var requester, operators strings.Builder
			for _, v := range bench().RunAll(t.Context(), cases) {
				if !v.Passed() {
					t.Fatalf("%s: %v %v", v.Case.File, v.Err, v.Wrong)
				}
				heading := fmt.Sprintf("== %s ==\nrun %s, request %s\n", v.Case.Name(), v.Outcome.Result.Status, v.Outcome.State.Tickets[0].Status)
				requester.WriteString(heading)
				operators.WriteString(heading)
				seen := 0
				for _, l := range v.Outcome.State.Tickets[0].Worklogs {
					to := &operators
					if l.ClientViewable == "true" {
						to = &requester
						seen++
						for _, wrong := range unfit(l.Text, v.Outcome.Result.Failure) {
							t.Errorf("%s: the requester reads %s in\n%s", v.Case.Name(), wrong, l.Text)
						}
					}
					_, text, _ := strings.Cut(l.Text, "\n\n") // the first line is the reference
					fmt.Fprintf(to, "\n%s\n", text)
				}
				if v.Outcome.Result.Status == engine.Succeeded && seen != 1 {
					t.Errorf("%s: the run succeeded, and the requester reads %d worklogs, want 1", v.Case.Name(), seen)
				}
				requester.WriteByte('\n')
				operators.WriteByte('\n')
			}
			beside := filepath.Dir(cases[0].File)
			goldenfile.Check(t, filepath.Join(beside, "requester.txt"), []byte(requester.String()))
			goldenfile.Check(t, filepath.Join(beside, "operators.txt"), []byte(operators.String()))
		})
	}
}

// jargon matches what only operators understand.
var jargon = map[string]*regexp.Regexp{
	"an ARN":                   regexp.MustCompile(`(?i)\barn:`),
	"the number of an account": regexp.MustCompile(`\b\d{12}\b`),
	"a name from a program":    regexp.MustCompile(`\b[A-Za-z]+[a-z][A-Z][A-Za-z]*\b|\b[a-z]+_[a-z0-9_]+\b`),
	"a word of the language":   regexp.MustCompile(`(?i)\b(?:steps?|until|null|nil|timeout)\b`),
}

// unfit returns what in a note a requester does not understand.
func unfit(text string, failure *engine.Failure) (wrong []string) {
	_, text, _ = strings.Cut(text, "\n\n") // the first line is the reference
	for _, what := range slices.Sorted(maps.Keys(jargon)) {
		if found := jargon[what].FindString(text); found != "" {
			wrong = append(wrong, fmt.Sprintf("%s, %q,", what, found))
		}
	}
	if failure != nil && strings.Contains(text, failure.Message) {
		wrong = append(wrong, "the message of the failure")
	}
	return wrong
}

// The rule finds what it is for.
func TestUnfitNotes(t *testing.T) {
	for text, want := range map[string]int{
		"User arn:aws:iam::111122223333:user/errand may not do that": 2,
		"The start failed: IncorrectInstanceState":                   1,
		"Starting failed at step start: http_400":                    2,
		"The poll ended before `until` was true":                     1,
		"EC2 instance i-0a1b2c3d4e5f60001 is started; IPv6 address: 2001:db8::6; DNS name: ec2-203-0-113-6.compute-1.amazonaws.com": 0,
	} {
		if got := unfit("[reference]\n\n"+text, nil); len(got) != want {
			t.Errorf("%q: %v, want %d", text, got, want)
		}
	}
}
