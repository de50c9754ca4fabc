package expression

import (
	"strings"
	"time"

	"errand/engine/schema"
)

func object(fields ...schema.Field) schema.Type { return schema.ObjectOf(fields...) }

func field(name string, t schema.Type) schema.Field { return schema.Field{Name: name, Type: t} }

// testScope is a scope with a place of every kind. The steps "maybe" and "later" may not have run.
// If the input flag is true, "later" has run.
func testScope() Scope {
	text, whole, truth := schema.Of(schema.String), schema.Of(schema.Integer), schema.Of(schema.Boolean)
	state := schema.Type{Kind: schema.String, Enum: []any{"running", "stopped", "pending"}}
	outputs := object(
		field("success", truth), field("state", state), field("code", whole), field("address", text.OrNull()),
		field("up", truth.OrNull()), field("owner", object(field("name", text), field("age", whole.OrNull()))),
	)
	row := object(field("name", text), field("n", whole), field("opt", text.OrNull()))
	return Scope{
		Roots: []schema.Field{
			field("inputs", object(
				field("name", text), field("note", text.OrNull()), field("size", whole), field("limit", whole.OrNull()),
				field("ratio", schema.Of(schema.Number)), field("flag", truth), field("switch", truth.OrNull()),
				field("wait", schema.Of(schema.Duration)), field("tags", schema.ListOf(text)), field("holes", schema.ListOf(whole.OrNull())),
				field("rows", schema.ListOf(row)), field("matrix", schema.ListOf(schema.ListOf(whole))),
				field("more", schema.ListOf(text).OrNull()), field("any", schema.Of(schema.Any)), field("mixed", schema.Of(schema.List)),
				field("blob", schema.Type{Kind: schema.Object, Open: true}), field("odd-name", text), field("waits", schema.ListOf(schema.Of(schema.Duration))),
				field("labels", schema.MapOf(text)),
			)),
			field("request", object(field("id", text))),
			field("run", object(field("id", text), field("workflow", text), field("started_at", text))),
			field("steps", object(field("start", outputs), field("maybe", outputs.OrNull()), field("later", outputs.OrNull()))),
		},
		Proofs: []Proof{{If: []string{"inputs.flag"}, Path: "steps.later", Type: outputs}},
		Why: func(path string) string {
			if step, ok := strings.CutPrefix(path, "steps."); ok && !strings.Contains(step, ".") {
				return `step "` + step + `" may not have run`
			}
			return ""
		},
	}
}

// testEnv has values for testScope: null wherever it is allowed.
func testEnv() map[string]any {
	return map[string]any{
		"inputs": map[string]any{
			"name": "wörld", "note": nil, "size": 3, "limit": nil, "ratio": 2.5, "flag": true, "switch": nil, "wait": 90 * time.Second,
			"tags": []any{"b", "a", "b"}, "holes": []any{1, nil, 3}, "more": nil, "any": "x", "mixed": []any{1, "two", nil},
			"rows":   []any{map[string]any{"name": "r1", "n": 1, "opt": nil}, map[string]any{"name": "r2", "n": 2, "opt": "o"}},
			"matrix": []any{[]any{1, 2}, []any{}}, "blob": map[string]any{"k": 1, "deep": map[string]any{"er": true}}, "odd-name": "odd",
			"waits": []any{time.Second, time.Minute}, "labels": map[string]any{"team": "desk"},
		},
		"request": map[string]any{"id": "100-291"},
		"run":     map[string]any{"id": "r1", "workflow": "w", "started_at": "2026-01-02T03:04:05Z"},
		"steps": map[string]any{
			"start": map[string]any{
				"success": true, "state": "running", "code": 0, "address": nil, "up": true, "owner": map[string]any{"name": "o", "age": nil},
			},
			"maybe": nil,
			"later": map[string]any{
				"success": true, "state": "stopped", "code": 200, "address": "h", "up": nil, "owner": map[string]any{"name": "p", "age": 4},
			},
		},
	}
}
