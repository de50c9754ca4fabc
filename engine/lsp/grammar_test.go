package lsp

import (
	"slices"
	"testing"

	"errand/engine/definition"
	"errand/engine/task"
	"errand/tasks"
)

// Every key that can be proposed has a description. The keys of a step are those of the language.
func TestEveryKeyIsExplained(t *testing.T) {
	g := newGrammar(tasks.Registry(task.Environment{}))
	seen := map[*rule]bool{}
	var visit func(path string, r *rule)
	visit = func(path string, r *rule) {
		if r = g.follow(r); r == nil || seen[r] {
			return
		}
		seen[r] = true
		for key, value := range r.Properties {
			if value.Description == "" {
				t.Errorf("%s.%s has no description", path, key)
			}
			visit(path+"."+key, value)
		}
		visit(path+"[]", r.Items)
	}
	visit("", g.document)
	visit(".inputs", g.document.Definitions["input"])
	step := g.follow(g.document.Definitions["step"])
	known := definition.StepKeys(nil)
	for _, key := range known {
		if step.Properties[key] == nil {
			t.Errorf("the schema has no %s", key)
		}
	}
	for key := range step.Properties {
		if !slices.Contains(known, key) {
			t.Errorf("the language has no %s", key)
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d places were tested", len(seen))
	}
}
