package reference_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/reference"
	"errand/engine/task"
	"errand/tasks"
)

const root = "../../"

// Editors accept what the check accepts: every good definition and every example fits the JSON
// Schema. Every key of the language occurs in a good definition, and in one with a problem at it.
func TestCasesHaveEveryKey(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	v, schema := newValidator(reference.Schema(registry))
	for _, pattern := range []string{"testdata/good", "definitions", "examples/workflows"} {
		for _, file := range yamlFiles(t, pattern) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			data, problems := definition.Data(file, source)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			var value any
			if err := json.Unmarshal(data, &value); err != nil {
				t.Fatal(err)
			}
			if fault := v.check(schema, value, "definition", ""); fault != "" {
				t.Errorf("%s does not fit the JSON Schema: %s", file, fault)
			}
		}
	}
	keys := keysOf(v, schema)
	if len(keys) < 50 {
		t.Fatalf("only %d keys: %v", len(keys), keys)
	}
	wrong := wrongLines(t, registry)
	for _, key := range keys {
		if !v.used[key] {
			t.Errorf("no good definition has the key %s", key)
		}
		last, _, _ := strings.Cut(key[strings.LastIndex(key, ".")+1:], ",")
		if !regexp.MustCompile(`\b` + last + `\b`).MatchString(wrong) {
			t.Errorf("no case in testdata/problems has a problem at %s", key)
		}
	}
}

// keysOf returns the keys that occur in a definition, at any depth.
func keysOf(v validator, schema map[string]any) []string {
	var keys []string
	var add func(name string, schema map[string]any)
	add = func(name string, schema map[string]any) {
		properties, _ := schema["properties"].(map[string]any)
		for key, part := range properties {
			full := strings.TrimPrefix(name+"."+key, ".")
			keys = append(keys, full)
			part := part.(map[string]any)
			if items, is := part["items"].(map[string]any); is {
				part = items
			}
			add(key, part)
		}
	}
	add("", map[string]any{"properties": schema["properties"]})
	for name, part := range v.definitions {
		add(name, part.(map[string]any))
	}
	// continue or steps, an expression or items
	for _, key := range []string{"step.on_failure", "step.for_each"} {
		keys = append(keys, key+listMark, key+plainMark)
	}
	slices.Sort(keys)
	return slices.DeleteFunc(slices.Compact(keys), func(key string) bool { return strings.HasPrefix(key, "credentials.") })
}

// wrongLines returns the lines of testdata/problems that have problems, with the texts of the
// problems.
func wrongLines(t *testing.T, registry *task.Registry) string {
	var all strings.Builder
	for _, file := range yamlFiles(t, "testdata/problems") {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(source), "\n")
		_, problems := program.Load(filepath.Base(file), source, registry)
		for _, p := range problems {
			if line := p.Range.Start.Line; line > 0 && line <= len(lines) {
				all.WriteString(lines[line-1] + "\n")
			}
			all.WriteString(p.Message + "\n")
		}
	}
	return all.String()
}

func yamlFiles(t *testing.T, folder string) []string {
	files, err := filepath.Glob(filepath.Join(root, folder, "*.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files in %s: %v", len(files), folder, err)
	}
	return files
}
