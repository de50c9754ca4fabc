package definition

import (
	"slices"
	"strings"
	"testing"
)

// Every example in the language's reference is read without a problem: the whole definition, and each step.
func TestExamplesOfTheReference(t *testing.T) {
	var examples []string
	var example strings.Builder
	for line := range strings.Lines(string(read(t, "doc.go"))) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			example.WriteString(strings.ReplaceAll(code, "[…]", "[{task: timer.delay}]"))
		} else if example.Len() > 0 {
			examples = append(examples, example.String())
			example.Reset()
		}
	}
	covered := map[string]bool{}
	for _, example := range examples {
		source := example
		if !strings.Contains("\n"+example, "\nsteps: [") {
			hasForm := false
			for line := range strings.Lines(example) {
				key, _, _ := strings.Cut(line, ":")
				hasForm = hasForm || isForm(key)
				covered[key] = true
			}
			if !hasForm {
				example += "task: timer.delay\n"
			}
			source = "workflow: w\nsteps:\n  - " + strings.TrimSpace(strings.ReplaceAll(example, "\n", "\n    ")) + "\n"
		}
		if _, problems := Parse("", []byte(source)); len(problems) > 0 {
			t.Errorf("%s\nhas problems:\n%s", source, list(problems))
		}
	}
	for _, f := range forms {
		for _, key := range append(slices.Clone(f.keys), f.key) {
			if !covered[key] {
				t.Errorf("no example shows %q", key)
			}
		}
	}
	for _, key := range stepKeys {
		if !covered[key] {
			t.Errorf("no example shows %q", key)
		}
	}
}
