// Package reference generates the reference of the language for people and editors, from the
// registry and the language itself: the JSON Schema (schema.go), and tables of
// definitions/README.md (connectors.go, functions.go, results.go, rules.go, with markdown.go). The
// rest of that page is written by hand, and the tests of this package run its examples.
package reference

import (
	"bytes"
	"encoding/json"
	"slices"

	"errand/engine/definition"
	"errand/engine/schema"
	"errand/engine/task"
)

// Schema returns the JSON Schema, draft 7, of a definition, indented. Every value of a parameter
// may be an expression instead.
func Schema(registry *task.Registry) []byte {
	document := object(map[string]any{
		"workflow":    withDescription(map[string]any{"type": "string", "pattern": workflowPattern}, "The workflow's name. It equals the file's name without .yaml."),
		"title":       withDescription(text(), "One line for people."),
		"description": withDescription(text(), "What the workflow does."),
		"inputs":      withDescription(declarations(), "The inputs of a run."),
		"credentials": withDescription(credentials(registry), "The stored credential that each connector uses. Defaults to \"default\"."),
		"defaults": withDescription(object(map[string]any{
			"timeout": withDescription(ref("duration"), "How long each task may take."),
			"retry":   withDescription(ref("retry"), "How often each task is tried again after a transient failure."),
		}), "The defaults of all steps."),
		"timeout": withDescription(ref("duration"), "How long the whole run may take."),
		"concurrency": withDescription(object(map[string]any{
			"key": withDescription(text(), "A text that reads inputs and request. An empty one is no key."),
		}, "key"), "Of the runs with the same key, one works at a time."),
		"steps":      withDescription(ref("steps"), "The steps, in order."),
		"on_failure": withDescription(ref("steps"), "The steps after the run has failed."),
		"finally":    withDescription(ref("steps"), "The steps at the end of every run."),
		"outputs":    withDescription(map[string]any{"type": "object"}, "The values that a successful run returns."),
	}, "workflow", "steps")
	document["$schema"] = "http://json-schema.org/draft-07/schema#"
	document["title"] = "Errand workflow"
	document["definitions"] = map[string]any{
		"duration": map[string]any{"type": "string", "pattern": schema.DurationPattern, "description": "A number with a unit, such as " + schema.DurationExamples + "."},
		"retry": object(map[string]any{
			"attempts": withDescription(map[string]any{"type": "integer", "minimum": 1}, "The maximum number of attempts, with the first."),
			"backoff":  withDescription(map[string]any{"type": "string"}, "The shortest and the longest wait between attempts, such as 2s..2m."),
			"for":      withDescription(ref("duration"), "No attempt starts later than this after the first failure."),
		}),
		"input": input(),
		"items": items(),
		"steps": map[string]any{"type": "array", "items": ref("step"), "minItems": 1},
		"step":  step(registry),
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		panic("reference: " + err.Error()) // cannot fail for plain values
	}
	return b.Bytes()
}

func input() map[string]any {
	return object(map[string]any{
		"type":        withDescription(map[string]any{"enum": schema.Kinds}, "The type of the values."),
		"description": withDescription(text(), "The purpose of the input, for the person who starts a run."),
		"default":     withDescription(map[string]any{}, "The value if none is given."),
		"required":    withDescription(map[string]any{"type": "boolean"}, "True unless there is a default; false makes the input nullable."),
		"pattern":     withDescription(text(), "A regular expression (RE2) that a string must match."),
		"enum":        withDescription(map[string]any{"type": "array", "minItems": 1}, "The only values allowed."),
		"minimum":     withDescription(map[string]any{"type": "number"}, "The minimum of a number."),
		"maximum":     withDescription(map[string]any{"type": "number"}, "The maximum of a number."),
		"items":       withDescription(ref("items"), "The items of a list."),
		"properties":  withDescription(declarations(), "The members of an object. Without it there may be any."),
	}, "type")
}

// items returns the schema of what all items of a list are.
func items() map[string]any {
	return object(map[string]any{
		"type":       withDescription(map[string]any{"enum": schema.Kinds}, "The type of each item."),
		"items":      withDescription(ref("items"), "The items of each item, if it is a list."),
		"properties": withDescription(declarations(), "The members of each item, if it is an object."),
	}, "type")
}

// declarations returns the schema of a mapping of names to inputs.
func declarations() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": ref("input"), "propertyNames": map[string]any{"pattern": identifierPattern}}
}

func credentials(registry *task.Registry) map[string]any {
	names := map[string]any{}
	for _, c := range registry.Connectors() {
		if c.IsUsedBySteps() {
			names[c.Name] = withDescription(text(), "The name of a stored credential of "+c.Title+".")
		}
	}
	return object(names)
}

// step returns the schema of a step: the keys of all steps, and the schema of `with` for each task
// type.
func step(registry *task.Registry) map[string]any {
	properties := map[string]any{}
	add := func(keys ...definition.KeySpec) {
		for _, k := range keys {
			properties[k.Name] = withDescription(valueSchema(k, registry), k.Doc)
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
		form := map[string]any{"required": needs}
		if others := formsWith(f.Name); len(others) > 0 {
			form["not"] = map[string]any{"anyOf": others}
		}
		forms = append(forms, form)
	}
	s := object(properties)
	s["oneOf"] = forms
	var cases []any
	for _, name := range registry.Names() {
		t, _ := registry.Lookup(name)
		with := t.Parameters().JSONSchema(orExpression)
		with, _ = with["anyOf"].([]any)[0].(map[string]any)
		if rules := t.RuleSchemas(); len(rules) > 0 {
			with["allOf"] = rules
		}
		then := map[string]any{"properties": map[string]any{"with": withDescription(with, t.Doc)}}
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

// formsWith returns schemas of the steps of the other forms that have a key. Such a step has not the
// form that the key names.
func formsWith(key string) []any {
	var others []any
	for _, f := range definition.Forms() {
		if slices.ContainsFunc(f.Keys, func(k definition.KeySpec) bool { return k.Name == key }) {
			others = append(others, map[string]any{"required": []any{f.Name}})
		}
	}
	return others
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
		properties[m.Name] = withDescription(valueSchema(m, registry), m.Doc)
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

// orExpression allows a text with an expression in addition to values of another schema.
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

func withDescription(s map[string]any, description string) map[string]any {
	if _, isRef := s["$ref"]; isRef { // draft 7 ignores the members next to a $ref
		s = map[string]any{"allOf": []any{s}}
	}
	s["description"] = description
	return s
}

func text() map[string]any { return map[string]any{"type": "string"} }

func ref(name string) map[string]any { return map[string]any{"$ref": "#/definitions/" + name} }
