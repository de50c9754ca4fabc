package golden_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/definitions"
	"errand/engine/golden"
	"errand/engine/goldenfile"
	"errand/tasks"
)

// The shipped workflows, and those of the examples, do, request by request, what their golden files tell. The connectors are the real ones.
func TestShippedWorkflows(t *testing.T) {
	files, err := filepath.Glob("../../testdata/golden/*/*.txtar")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := golden.Parse(document)
			if err != nil {
				t.Fatal(err)
			}
			source := func(name string) ([]byte, error) {
				if text, err := definitions.Files.ReadFile(name + ".yaml"); err == nil {
					return text, nil
				}
				return os.ReadFile("../../examples/workflows/" + name + ".yaml")
			}
			outcome, err := c.Run(t.Context(), tasks.Connectors, source)
			if err != nil {
				t.Fatal(err)
			}
			goldenfile.Check(t, file, c.Format(outcome))
		})
	}
}
