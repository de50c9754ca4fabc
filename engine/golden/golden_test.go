package golden_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/golden"
	"errand/engine/goldenfile"
	"errand/engine/library"
	"errand/tasks"
)

// The shipped workflows and the examples act, request by request, as their golden files say. The
// connectors are the real ones.
func TestShippedWorkflows(t *testing.T) {
	for _, file := range cases(t) {
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := golden.Parse(file, document)
			if err != nil {
				t.Fatal(err)
			}
			outcome, err := bench().Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			goldenfile.Check(t, file, c.Format(outcome))
		})
	}
}

// cases returns the files with cases of the shipped workflows and the examples.
func cases(t *testing.T) []string {
	shipped, err := filepath.Glob("../../testdata/golden/*/*.txtar")
	if err != nil || len(shipped) < 30 {
		t.Fatalf("%d cases of shipped workflows: %v", len(shipped), err)
	}
	examples, err := filepath.Glob("../../examples/workflows/*/*.txtar")
	if err != nil || len(examples) < 10 {
		t.Fatalf("%d cases of examples: %v", len(examples), err)
	}
	return append(shipped, examples...)
}

// bench runs the cases of the shipped workflows and the examples.
func bench() golden.Bench {
	return golden.Bench{Connectors: tasks.Connectors, Library: library.Library{Folder: "../../examples/workflows"}}
}
