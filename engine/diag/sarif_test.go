package diag

import (
	"bytes"
	"testing"

	"errand/engine/goldenfile"
)

func TestWriteSARIF(t *testing.T) {
	tool := Tool{Name: "errand", Version: "v1.2.3", Rules: []Rule{
		{Name: "never-found", Title: "this is never found"},
		{Name: "unknown-output", Title: "a step has no such output", Help: "Outputs are declared by the task type. `errand tasks NAME` lists them."},
		{Name: "poll-without-limit", Severity: Warning, Title: "a poll may never end"},
	}}
	within := func(file string, r Range) Range {
		r.File = file
		return r
	}
	given := []Problem{
		{
			Rule: "unknown-output", Severity: Error, Message: `step "start" has no output "stat"`, Range: at(26, 40, 44), Label: "not an output of `ec2.start_instance`",
			Help: `did you mean "state"?`, Notes: []string{"outputs are state, code", "<b>, *stars*, [a](b) and `one backtick are shown as written"},
			Fix: &Fix{Title: "write state", Range: at(26, 40, 44), Text: "state"},
		},
		{Rule: "poll-without-limit", Severity: Warning, Message: "nothing ends this poll", Range: within("below/größe 1%.yaml", Range{Start: Position{3, 1}, End: Position{5, 1}})},
		{Rule: "unknown-output", Message: "behind an emoji", Range: within("/srv/desk/a:b.yaml", at(2, 5, 9))},
		{Rule: "in-no-catalogue", Message: "one place", Range: within("../other/x.yaml", Range{Start: Position{7, 2}})},
		{Rule: "empty-document", Message: "the file is empty", Range: Range{File: "/elsewhere/x.yaml"}},
		{Rule: "empty-document", Message: "another drive", Range: Range{File: "C:/x.yaml"}},
	}
	var b bytes.Buffer
	if err := WriteSARIF(&b, given, tool, "/srv/desk"); err != nil {
		t.Fatal(err)
	}
	goldenfile.Check(t, "testdata/problems.sarif", b.Bytes())
	b.Reset()
	if err := WriteSARIF(&b, nil, tool, "/srv/desk"); err != nil {
		t.Fatal(err)
	}
	goldenfile.Check(t, "testdata/no-problems.sarif", b.Bytes())
}

func TestMarkdown(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"plain", "a step does nothing", "a step does nothing"},
		{"code stays", "`if` wants true or false", "`if` wants true or false"},
		{"code is not escaped", "write `a_b == *`", "write `a_b == *`"},
		{"the rest is", "a_b *c* <d> [e](f)", `a\_b \*c\* \<d\> \[e\](f)`},
		{"an open backtick", "a ` b_", "a \\` b\\_"},
		{"nothing between backticks", "``", "\\`\\`"},
		{"several lines", "a\nb", "a  \nb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := markdown(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
