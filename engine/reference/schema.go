// Package reference makes what people and editors read about the language, from the registry and
// the language itself: the JSON Schema (schema.go), and the tables of definitions/README.md
// (connectors.go, functions.go, results.go, rules.go, with markdown.go). The rest of that page is
// written by hand, and the tests here carry out its examples.
package reference

import (
	"bytes"
	"encoding/json"

	"errand/engine/definition"
	"errand/engine/schema"
	"errand/engine/task"
)

// Schema is the JSON Schema, draft 7, of a definition, indented. An expression may stand wherever a parameter has a value.
func Schema(registry *task.Registry) []byte {
	document := object(map[string]any{
		"workflow":    described(map[string]any{"type": "string", "pattern": workflowPattern}, "The workflow's name; the same as the file's stem."),
		"title":       described(text(), "One line for people."),
		"description": described(text(), "What the workflow does."),
		"inputs": described(map[string]any{
			"type": "object", "additionalProperties": ref("input"), "propertyNames": map[string]any{"pattern": identifierPattern},
		}, "What a run must be given."),
		"credentials": described(credentials(registry), "The stored credential that each connector uses; \"default\" where unsaid."),
		"defaults": described(object(map[string]any{
			"timeout": described(ref("duration"), "How long each task may take."),
			"retry":   described(ref("retry"), "How often each task is tried again after a failure that may pass."),
		}), "What holds for each step that does not say otherwise."),
		"timeout":    described(ref("duration"), "How long the whole run may take."),
		"steps":      described(ref("steps"), "What is done, in order."),
		"on_failure": described(ref("steps"), "What is done when the run has failed."),
		"finally":    described(ref("steps"), "What is done at the end in any case."),
		"outputs":    described(map[string]any{"type": "object"}, "What a run that succeeded returns."),
	}, "workflow", "steps")
	document["$schema"] = "http://json-schema.org/draft-07/schema#"
	document["title"] = "Errand workflow"
	document["definitions"] = map[string]any{
		"duration": map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`, "description": "A number with a unit, such as 300ms, 90s, 2m or 1h30m."},
		"retry": object(map[string]any{
			"attempts": described(map[string]any{"type": "integer", "minimum": 1}, "How often a step is tried in all."),
			"backoff":  described(map[string]any{"type": "string"}, "The shortest and the longest wait, such as 2s..2m."),
			"for":      described(ref("duration"), "No attempt starts later than this after the first failure."),
		}),
		"input": input(),
		"steps": map[string]any{"type": "array", "items": ref("step"), "minItems": 1},
		"step":  step(registry),
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		panic("reference: " + err.Error()) // made of plain values only
	}
	return b.Bytes()
}

func input() map[string]any {
	return object(map[string]any{
		"type":        described(map[string]any{"enum": schema.Kinds}, "What values there may be."),
		"description": described(text(), "What the input is for: whoever starts a run reads it."),
		"default":     described(map[string]any{}, "The value where none is given."),
		"required":    described(map[string]any{"type": "boolean"}, "True unless there is a default; false makes the input nullable."),
		"pattern":     described(text(), "A regular expression (RE2) that a string must match."),
		"enum":        described(map[string]any{"type": "array", "minItems": 1}, "The only values allowed."),
		"minimum":     described(map[string]any{"type": "number"}, "The least number allowed."),
		"maximum":     described(map[string]any{"type": "number"}, "The greatest number allowed."),
		"items":       described(object(map[string]any{"type": described(map[string]any{"enum": schema.Kinds}, "What each item is.")}, "type"), "What the items of a list are."),
	}, "type")
}

func credentials(registry *task.Registry) map[string]any {
	names := map[string]any{}
	for _, c := range registry.Connectors() {
		if len(c.Credential) > 0 {
			names[c.Name] = described(text(), "The name of a stored credential of "+c.Title+".")
		}
	}
	return object(names)
}

// step is what every step may carry, and for each task type what stands under `with`.
func step(registry *task.Registry) map[string]any {
	properties := map[string]any{}
	add := func(keys ...definition.KeySpec) {
		for _, k := range keys {
			properties[k.Name] = described(valueSchema(k, registry), k.Doc)
		}
	}
	add(definition.CommonKeys()...)
	var forms []any
	for _, f := range definition.Forms() {
		add(f.KeySpec)
		add(f.Keys...)
		needs := []any{f.Name}
		for _, name := range requiredOf(f.Keys) {
			needs = append(needs, name)
		}
		forms = append(forms, map[string]any{"required": needs})
	}
	s := object(properties)
	s["oneOf"] = forms
	var cases []any
	for _, name := range registry.Names() {
		t, _ := registry.Lookup(name)
		with := t.Input.JSONSchema(orExpression)
		with, _ = with["anyOf"].([]any)[0].(map[string]any)
		then := map[string]any{"properties": map[string]any{"with": described(with, t.Doc)}}
		if _, needs := with["required"]; needs {
			then["required"] = []any{"with"}
		}
		cases = append(cases, map[string]any{
			"if":   map[string]any{"properties": map[string]any{"task": map[string]any{"const": name}}, "required": []any{"task"}},
			"then": then,
		})
	}
	s["allOf"] = cases
	return s
}

const (
	identifierPattern = "^[a-z][a-z0-9_]*$"
	workflowPattern   = "^[a-z][a-z0-9-]*$"
)

// valueSchema returns the schema of the value of a key, without its description.
func valueSchema(k definition.KeySpec, registry *task.Registry) map[string]any {
	switch k.Value {
	case definition.IdentifierValue:
		return map[string]any{"type": "string", "pattern": identifierPattern}
	case definition.WorkflowValue:
		return map[string]any{"type": "string", "pattern": workflowPattern}
	case definition.TaskValue:
		return map[string]any{"enum": registry.Names()}
	case definition.ConditionValue:
		return map[string]any{"type": []any{"string", "boolean"}}
	case definition.DurationValue:
		return ref("duration")
	case definition.RetryValue:
		return ref("retry")
	case definition.CountValue:
		return map[string]any{"type": "integer", "minimum": 1}
	case definition.FlagValue:
		return map[string]any{"type": "boolean"}
	case definition.WordValue:
		return map[string]any{"enum": k.Words}
	case definition.TextsValue:
		return map[string]any{"type": "array", "minItems": 1, "items": text()}
	case definition.ItemsValue:
		return map[string]any{"type": []any{"array", "string"}}
	case definition.ArgumentsValue:
		return map[string]any{"type": "object"}
	case definition.MappingValue:
		return members(k, registry)
	case definition.StepsValue:
		return ref("steps")
	case definition.BranchesValue:
		return map[string]any{
			"type": "object", "minProperties": 1, "additionalProperties": ref("steps"), "propertyNames": map[string]any{"pattern": identifierPattern},
		}
	case definition.CasesValue:
		return map[string]any{"type": "array", "minItems": 1, "items": members(k, registry)}
	case definition.HandlerValue:
		return map[string]any{"oneOf": []any{map[string]any{"const": "continue"}, ref("steps")}}
	}
	return text()
}

// members returns the schema of a mapping with the members of a key.
func members(k definition.KeySpec, registry *task.Registry) map[string]any {
	properties := map[string]any{}
	for _, m := range k.Members {
		properties[m.Name] = described(valueSchema(m, registry), m.Doc)
	}
	return object(properties, requiredOf(k.Members)...)
}

// requiredOf returns the names of the keys that are required.
func requiredOf(keys []definition.KeySpec) []string {
	var names []string
	for _, k := range keys {
		if k.Required {
			names = append(names, k.Name)
		}
	}
	return names
}

// orExpression lets a text with an expression in it stand where a value of another shape is wanted.
func orExpression(s map[string]any) map[string]any {
	expression := map[string]any{"type": "string", "pattern": `\$\{\{`}
	return map[string]any{"anyOf": []any{s, expression}}
}

func object(properties map[string]any, required ...string) map[string]any {
	o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func described(s map[string]any, description string) map[string]any {
	if _, isRef := s["$ref"]; isRef { // draft 7 ignores what stands beside a $ref
		s = map[string]any{"allOf": []any{s}}
	}
	s["description"] = description
	return s
}

func text() map[string]any { return map[string]any{"type": "string"} }

func ref(name string) map[string]any { return map[string]any{"$ref": "#/definitions/" + name} }
