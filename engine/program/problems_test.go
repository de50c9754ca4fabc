package program_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

const (
	problemsFolder = "../../testdata/problems"
	goodFolder     = "../../testdata/good"
)

// TestProblems reads definitions that each have one kind of mistake. The file NAME.out beside
// NAME.yaml contains the problems that a designer reads.
func TestProblems(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	files := definitionsIn(t, problemsFolder, 80)
	for _, file := range files {
		t.Run(stem(file), func(t *testing.T) {
			source := readDefinition(t, file)
			p, problems := beside(registry).Load(filepath.Base(file), source)
			if len(problems) == 0 {
				t.Fatal("the definition is wrong, but there is no problem")
			}
			if (p == nil) != diag.HasErrors(problems) {
				t.Errorf("a program was made: %t, and a problem is an error: %t", p != nil, diag.HasErrors(problems))
			}
			goldenfile.Check(t, strings.TrimSuffix(file, ".yaml")+".out", render(t, problems, source))
		})
	}
	outs, err := filepath.Glob(filepath.Join(problemsFolder, "*.out"))
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range outs {
		if !slices.Contains(files, strings.TrimSuffix(out, ".out")+".yaml") {
			t.Errorf("%s belongs to no definition", out)
		}
	}
}

// TestGoodDefinitions reads definitions without problems. Even warnings are not allowed.
func TestGoodDefinitions(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	for _, file := range definitionsIn(t, goodFolder, 25) {
		t.Run(stem(file), func(t *testing.T) {
			source := readDefinition(t, file)
			if _, problems := beside(registry).Load(filepath.Base(file), source); len(problems) > 0 {
				t.Errorf("want no problems, got:\n%s", render(t, problems, source))
			}
		})
	}
}

// TestDeepNesting makes files that are too long to write by hand.
func TestDeepNesting(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	const head = "workflow: deep\nsteps:\n  - task: worklog.format\n    with:\n"
	cases := []struct {
		name, source, rule string
		column             int
	}{
		{"lists", head + "      note: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", "too-large", 41},
		{"a hundred thousand lists", head + "      note: " + strings.Repeat("[", 100_000) + "\n", "too-large", 0},
		{"mappings", head + "      note: " + strings.Repeat("{a: ", 200) + "1" + strings.Repeat("}", 200) + "\n", "too-large", 0},
		{"brackets of an expression", head + "      note: ${{ " + strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500) + " }}\n", "expression-limit", 81},
		{"a hundred thousand brackets", head + "      note: ${{ " + strings.Repeat("(", 100_000) + " }}\n", "expression-limit", 17},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, problems := program.Load("deep.yaml", []byte(c.source), registry)
			if len(problems) != 1 || problems[0].Rule != c.rule {
				t.Fatalf("got %v, want one problem of the rule %s", problems, c.rule)
			}
			if at := problems[0].Range.Start.Column; c.column != 0 && at != c.column {
				t.Errorf("the problem is in column %d, want %d", at, c.column)
			}
		})
	}
}

// beside finds a called definition first among the wrong definitions, then among the good ones.
// This is what `errand check testdata/problems --definitions testdata/good` does.
func beside(registry *task.Registry) program.Loader {
	return program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		file := name + ".yaml"
		source, err := os.ReadFile(filepath.Join(problemsFolder, file))
		if err != nil {
			source, err = os.ReadFile(filepath.Join(goodFolder, file))
		}
		if err != nil {
			err = fmt.Errorf("there is no workflow %q", name)
		}
		return file, source, err
	}}
}

// definitionsIn lists the definitions in a folder, which must contain at least atLeast of them.
func definitionsIn(t *testing.T, folder string, atLeast int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < atLeast {
		t.Fatalf("there are %d definitions in %s; want at least %d", len(files), folder, atLeast)
	}
	return files
}

// readDefinition reads a file. The file must begin with a comment that says what the file shows.
func readDefinition(t *testing.T, file string) []byte {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(source, []byte("# ")) {
		t.Errorf("%s does not start with a comment", file)
	}
	return source
}

func render(t *testing.T, problems []diag.Problem, source []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := diag.Render(&b, problems, func(string) []byte { return source }, diag.Style{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func stem(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }
