package program_test

import (
	"regexp"
	"testing"

	"github.com/expr-lang/expr"
	"gopkg.in/yaml.v3"

	"errand/definitions"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// BenchmarkCheck checks a shipped definition, from its bytes to a program.
func BenchmarkCheck(b *testing.B) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	source := shipped(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := program.Load("start-instance.yaml", source, registry); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkCheckFloor measures the least work that a check needs with the same libraries: parse the
// YAML to a tree and compile each expression.
func BenchmarkCheckFloor(b *testing.B) {
	source := shipped(b)
	var sources []string
	for _, m := range regexp.MustCompile(`\$\{\{ (.*?) \}\}`).FindAllSubmatch(source, -1) {
		sources = append(sources, string(m[1]))
	}
	env := map[string]any{"inputs": map[string]any{}, "steps": map[string]any{}, "request": map[string]any{}, "failure": map[string]any{}, "run": map[string]any{}}
	b.ReportAllocs()
	for b.Loop() {
		var tree yaml.Node
		if err := yaml.Unmarshal(source, &tree); err != nil {
			b.Fatal(err)
		}
		for _, s := range sources {
			if _, err := expr.Compile(s, expr.Env(env)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func shipped(b *testing.B) []byte {
	source, err := definitions.Files.ReadFile("start-instance.yaml")
	if err != nil {
		b.Fatal(err)
	}
	return source
}
