package reference_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"errand/engine/goldenfile"
	"errand/engine/hosttest"
	"errand/engine/reference"
	"errand/engine/task"
	"errand/tasks"
)

// The JSON Schema with the stub task types is compared as a whole. The test shows every change of
// the language and of the tags.
func TestSchema(t *testing.T) {
	made := reference.Schema(hosttest.Registry(func() {}))
	if !json.Valid(made) {
		t.Fatal("the schema is not JSON")
	}
	goldenfile.Check(t, filepath.Join("testdata", "schema.json"), made)
}

// The schema in the folder of the shipped workflows is the output of `errand schema`. Each shipped
// workflow names it for editors.
func TestSchemaBesideTheDefinitions(t *testing.T) {
	goldenfile.Check(t, filepath.Join(root, "definitions", "schema.json"), reference.Schema(tasks.Registry(task.Environment{})))
	named := regexp.MustCompile(`\A# yaml-language-server: \$schema=(\S+)\n`)
	for _, file := range yamlFiles(t, "definitions") {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := named.FindSubmatch(source); m == nil || string(m[1]) != "schema.json" {
			t.Errorf("%s does not begin with the comment that names the schema", file)
		}
	}
}
