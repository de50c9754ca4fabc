package cmdtest

import (
	"slices"
	"testing"

	_ "errand/engine/goldenfile" // the flag -update
)

// A choice of flags is several commands, and none for a shell: what a reader pastes without a choice must
// be refused, and a pipe would run what is before it.
func TestFindChoices(t *testing.T) {
	g := Grammar{Program: "errand", Commands: map[string]Command{
		"runs":         {Values: map[string]bool{}},
		"runs resolve": {Acts: true, Names: 2, Needed: 2, Values: map[string]bool{"--done": false, "--retry": false, "--fail": false, "--comment": true}},
	}}
	for _, c := range []struct {
		text  string
		lines []string
		wrong bool
	}{
		{"errand runs resolve r1 a --done or --fail", []string{"errand runs resolve r1 a --done or --fail, refused", "errand runs resolve r1 a --done", "errand runs resolve r1 a --fail"}, false},
		{"use errand runs resolve r1 a --done, --retry or --fail; then wait", []string{
			"errand runs resolve r1 a --done, --retry or --fail;, refused", "errand runs resolve r1 a --done", "errand runs resolve r1 a --retry", "errand runs resolve r1 a --fail"}, false},
		{"errand runs resolve r1 a --done, or wait", []string{"errand runs resolve r1 a --done"}, false},
		{"errand runs resolve r1 a --done|--fail", nil, true},
		{"errand runs resolve r1 a --done or --undo", nil, true},
	} {
		found, wrong := g.Find(c.text)
		var lines []string
		for _, p := range found {
			line := p.Line()
			if p.Refused {
				line += ", refused"
			}
			lines = append(lines, line)
		}
		if !slices.Equal(lines, c.lines) || (len(wrong) > 0) != c.wrong {
			t.Errorf("%s: found %q, wrong %q", c.text, lines, wrong)
		}
	}
}
