package program_test

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// quotedTexts are what people put in quotes without a look at the quotes that it has.
var quotedTexts = []string{
	`plain`, `${{ request.id }}`, `${{ inputs.name ?? "x" }}`, `${{ inputs.name ?? 'x' }}`, `Retired "web" for ${{ request.id }}`,
	`Retired 'web' for ${{ request.id }}`, `"web" is retired`, `'web' is retired`, `it is "web"`, `it is 'web'`, `It isn't ${{ request.id ?? "x" }}`,
	`It's "web"`, `${{ join(inputs.xs, ", ") }}`, `${{ join(inputs.xs, ', ') }}`, `${{ inputs.name == "" ? "a" : "b" }}`, `${{ inputs.name == '' ? "a" : 'b' }}`,
	`a, "b", c`, `a, 'b', c`, `("web")`, `${{ {"a": 1}["a"] }} "b"`, `one: "two"`, `what? "this"`, `don't "stop" ${{ request.id }} and ${{ "x" }}`, `a "b" \n`, `\d "b"`,
	`inputs.name == "web"`, `inputs.name == 'web'`, `"a" in ["a", "b"]`, `"a" == "b"`, `"inputs.name" == "web"`, `"inputs.name" == inputs.xs`,
}

// TestQuotesInQuotes puts each text between quotes of each kind, in each place where a value can be. The
// file is valid as YAML, or what a fix writes is: then it has the text, without the quotes around it. No
// help has an invalid value either.
func TestQuotesInQuotes(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	check := func(text []byte) []diag.Problem {
		_, problems := program.Load("quotes.yaml", text, registry)
		return problems
	}
	places := []string{
		"    with:\n      note: %s\n", "    with:\n      note: %s # why\n      heading: b\n", "    with: {note: %s}\n", "    with: {note: %s, heading: b}\n", "    with: { heading: b, note: %s }\n",
		"    with: {note: {a: %s}, heading: b}\n", "    with: {note: [%s]}\n", "    with: {note: [a, %s, b]}\n", "    with:\n      note:\n        - %s\n        - b\n",
		"    with: {note: %s, heading: \"b\" c\"}\n", "    with: {\n      note: %s,\n      heading: b\n    }\n", "    if: %s\n", "    with: {note: %s, heading: ${{ run.id }}}\n", "    with:\n      note: %s\n  - @broken: [\n",
	}
	const head = "workflow: quotes\ninputs:\n  name: {type: string, required: false}\n  xs: {type: list, items: {type: string}, default: [a]}\nsteps:\n  - task: worklog.format\n"
	fixes, silent := 0, 0
	for _, place := range places {
		for _, text := range quotedTexts {
			for _, quote := range []string{`"`, "'", ""} {
				source := []byte(head + fmt.Sprintf(place, quote+text+quote))
				for _, p := range check(source) {
					if p.Rule != "yaml-syntax" || p.Range.Start.Line != strings.Count(head+place[:strings.Index(place, "%s")], "\n")+1 {
						continue
					}
					if p.Fix == nil {
						silent++
						continue
					}
					fixes++
					made, ok := p.Fix.Apply(source)
					if !ok {
						t.Errorf("the fix %q does not fit\n%s", p.Fix.Title, source)
						continue
					}
					last := strings.LastIndex(p.Fix.Text, "\n") + 1
					var value any
					if err := yaml.Unmarshal([]byte(p.Fix.Text[last:]), &value); err != nil {
						t.Errorf("the fix writes a value that is not valid:\n%s%v", made, err)
						continue
					}
					want := text
					if quote == `"` {
						want = strings.ReplaceAll(want, `\n`, "\n")
					}
					if got, ok := value.(string); ok && p.Fix.Text != " " && got != want && got != "${{ run.id }}" {
						t.Errorf("in\n%sthe fix %s has the text\n\t%s\nand not\n\t%s", source, p.Fix.Text, got, want)
					}
					// A file that is changed is valid there.
					m := diag.Mend(source, check)
					if len(m.Made) == 0 {
						continue
					}
					for _, q := range m.Left {
						if q.Rule == "yaml-syntax" && q.Range.Start.Line == p.Range.Start.Line {
							t.Errorf("the fix %s of\n%sleads to\n%s%s", p.Fix.Text, source, m.Text, render(t, m.Left, m.Text))
						}
					}
				}
			}
		}
	}
	t.Logf("%d fixes, and %d mistakes without a fix", fixes, silent)
	if fixes < 100 {
		t.Error("there are too few fixes to prove anything")
	}
}

// A fix of YAML that leaves its line invalid is not offered, whatever stands on the other lines.
func TestFixThatLeavesTheLineInvalid(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	check := func(text []byte) []diag.Problem {
		_, problems := program.Load("quotes.yaml", text, registry)
		return problems
	}
	const head, tail = "workflow: quotes\nsteps:\n  - task: worklog.format\n", "  - @broken: [\n"
	for _, c := range []struct {
		line, old, write string
		kept             bool
	}{
		{"    with: {note: Request ${{ request.id }}, heading: b}\n", "${{ request.id }}", `"${{ request.id }}"`, false},
		{"    with: {note: Request ${{ request.id }}, heading: b}\n", "Request ${{ request.id }}", `"Request ${{ request.id }}"`, true},
		{"    with: {note: 'It isn't ${{ request.id }}', heading: b}\n", "${{ request.id }}", `'${{ request.id }}'`, false},
		{"    with: {note: ${{ request.id }}, heading: ${{ run.id }}}\n", "${{ request.id }}", `"${{ request.id }}"`, true}, // the other has a fix, too
		{"    with: {note: ${{ request.id }}, heading: b\n", "${{ request.id }}", `"${{ request.id }}"`, false},
		{"    with: {note: ${{ request.id }}, heading: [b}\n", "${{ request.id }}", `"${{ request.id }}"`, false},
	} {
		for _, after := range []string{"", tail} {
			source := []byte(head + c.line + after)
			at := strings.Index(string(source), c.old)
			problems := check(source)
			problems[0].Fix = &diag.Fix{Text: c.write, Range: diag.Range{Start: diag.Place(source, at), End: diag.Place(source, at+len(c.old))}}
			program.KeepCertain(source, problems[:1], check)
			if (problems[0].Fix != nil) != c.kept {
				t.Errorf("%swith %s: kept is %t", source, c.write, !c.kept)
			}
		}
	}
}
