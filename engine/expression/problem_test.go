package expression

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"errand/engine/goldenfile"
)

// TestRefused checks testdata/refused.txt: each source, marks under the wrong part, and the
// problem. With -update it writes the problems anew. To add a case, add a line that begins with ">
// ".
func TestRefused(t *testing.T) {
	const file = "testdata/refused.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(data)) {
		source, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> ")
		if !ok {
			if strings.HasPrefix(line, "## ") {
				got.WriteString(line + "\n")
			}
			continue
		}
		source = strings.ReplaceAll(source, `\n`, "\n")
		got.WriteString(line)
		p, problems := Compile(source, testScope())
		if p != nil {
			t.Errorf("%s is accepted", source)
		}
		for _, problem := range problems {
			writeProblem(&got, source, problem)
		}
		got.WriteString("\n")
	}
	goldenfile.Check(t, file, []byte(got.String()))
}

func writeProblem(b *strings.Builder, source string, p Problem) {
	line := func(words ...string) { b.WriteString("      " + strings.Join(words, "") + "\n") }
	indent := strings.Repeat(" ", utf8.RuneCountInString(source[:p.From]))
	b.WriteString("  " + indent + strings.Repeat("^", max(1, utf8.RuneCountInString(source[p.From:p.To]))) + " " + p.Label + "\n")
	line(p.Rule, ": ", p.Message)
	if p.Help != "" {
		line("help: ", p.Help)
	}
	for _, note := range p.Notes {
		line("note: ", note)
	}
	if p.Suggest != "" {
		line("fix:  ", source[:p.From], p.Suggest, source[p.To:])
	}
}

// A scope may choose the texts of the problem for an unknown name.
func TestMissing(t *testing.T) {
	scope := testScope()
	scope.Missing = func(path, name string) Missing {
		switch path {
		case "steps.start":
			return Missing{Rule: "unknown-output", Message: `step "start" has no output "` + name + `"`, Label: "not an output of ec2.start_instance"}
		case "":
			return Missing{Notes: []string{"named " + name}}
		}
		return Missing{}
	}
	for _, test := range []struct {
		source string
		want   Problem
	}{
		{`steps.start.stat`, Problem{From: 12, To: 16, Rule: "unknown-output", Message: `step "start" has no output "stat"`,
			Label: "not an output of ec2.start_instance", Help: `did you mean "state"?`, Suggest: "state"}},
		{`"é" + steps["start"]["stat"]`, Problem{From: 22, To: 28, Rule: "unknown-output", Message: `step "start" has no output "stat"`,
			Label: "not an output of ec2.start_instance", Help: `did you mean "state"?`, Suggest: `"state"`}},
		{`stops.start`, Problem{From: 0, To: 5, Rule: RuleName, Message: `"stops" is not known`, Label: "not known here", Help: `did you mean "steps"?`, Suggest: "steps"}},
		{`run.ID`, Problem{From: 4, To: 6, Rule: RuleName, Message: `"run" has no "ID"`, Label: "not a member of run", Help: `did you mean "id"?`, Suggest: "id"}},
	} {
		t.Run(test.source, func(t *testing.T) {
			_, problems := Compile(test.source, scope)
			if len(problems) != 1 {
				t.Fatal(problems)
			}
			got := problems[0]
			if test.source == "stops.start" && (len(got.Notes) != 1 || got.Notes[0] != "named stops") {
				t.Errorf("notes are %q", got.Notes)
			}
			got.Notes = nil
			if writeText(test.source, got) != writeText(test.source, test.want) || got.From != test.want.From || got.To != test.want.To {
				t.Errorf("got\n%s\nwant\n%s", writeText(test.source, got), writeText(test.source, test.want))
			}
		})
	}
}

func writeText(source string, p Problem) string {
	var b strings.Builder
	writeProblem(&b, source, p)
	return b.String()
}
