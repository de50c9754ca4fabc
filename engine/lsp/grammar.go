package lsp

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/reference"
	"errand/engine/schema"
	"errand/engine/task"
)

// A grammar is the JSON Schema of a definition, or of a part of a test case. It answers what is valid
// at a place.
type grammar struct {
	document *rule
	hasSteps bool     // it is that of a definition
	order    []string // of its keys; nil means that of the language
}

// A rule is a part of a JSON Schema. It has those members that the schema of a definition uses.
type rule struct {
	Ref         string           `json:"$ref"`
	Type        any              `json:"type"`
	Description string           `json:"description"`
	Properties  map[string]*rule `json:"properties"`
	More        json.RawMessage  `json:"additionalProperties"`
	Items       *rule            `json:"items"`
	Enum        []any            `json:"enum"`
	Const       any              `json:"const"`
	AllOf       []*rule          `json:"allOf"`
	OneOf       []*rule          `json:"oneOf"`
	Required    []string         `json:"required"`
	Definitions map[string]*rule `json:"definitions"`
}

func newGrammar(registry *task.Registry) *grammar {
	return &grammar{document: readSchema(reference.Schema(registry)), hasSteps: true}
}

func readSchema(text []byte) *rule {
	document := &rule{}
	if err := json.Unmarshal(text, document); err != nil {
		panic("lsp: a schema: " + err.Error())
	}
	return document
}

// follow resolves references. If a value has several forms, it returns the form with the most
// members.
func (g *grammar) follow(r *rule) *rule {
	for r != nil {
		switch {
		case r.Ref != "":
			r = g.document.Definitions[strings.TrimPrefix(r.Ref, "#/definitions/")]
		case r.Properties == nil && len(r.AllOf) == 1:
			r = r.AllOf[0]
		case r.Properties == nil && len(r.OneOf) > 0:
			r = r.OneOf[len(r.OneOf)-1]
		default:
			return r
		}
	}
	return nil
}

// of returns the rule for the value of an entry, or nil if there is none.
func (g *grammar) of(e *entry) *rule {
	if e.kind == aRoot {
		return g.document
	}
	around := g.of(e.parent)
	switch {
	case around == nil:
		return nil
	case e.kind == anItem:
		return g.follow(around.Items)
	case e.kind == aKey:
		return g.follow(g.keyRule(around, e.key))
	}
	return nil
}

// keyRule returns the rule of a key without following references, with its description.
func (g *grammar) keyRule(around *rule, key string) *rule {
	if r := around.Properties[key]; r != nil {
		return r
	}
	more := &rule{}
	if json.Unmarshal(around.More, more) == nil {
		return more
	}
	return nil
}

// isStep reports whether an entry is a step: a mapping that may have a task.
func (g *grammar) isStep(e *entry) bool {
	r := g.of(e)
	return g.hasSteps && r != nil && r.Properties[definition.TaskForm] != nil
}

// isInput reports whether an entry declares an input, or a member of one.
func (g *grammar) isInput(e *entry) bool {
	return e.kind == aKey && g.of(e) == g.document.Definitions["input"]
}

// keys returns the keys that can be added to an entry, in the order of the language.
func (g *grammar) keys(e *entry) []string {
	r, has := g.of(e), e.keys()
	switch {
	case r == nil:
		return nil
	case g.isStep(e):
		return definition.StepKeys(has)
	}
	var keys []string
	for key := range r.Properties {
		if !slices.Contains(has, key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(g.orderOf(a)-g.orderOf(b), cmp.Compare(a, b)) })
	return keys
}

// order is the order of the keys in the language's documentation.
var order = []string{
	"workflow", "title", "type", "description", "inputs", "credentials", "defaults", "timeout", "concurrency", "key", "retry", "attempts", "backoff", "for",
	"if", "steps", "on_failure", "finally", "outputs", "items", "properties", "default", "required", "pattern", "enum", "minimum", "maximum",
}

// orderOf returns the place of a key in order. The keys below the word of a form follow, in the
// order of the table of forms.
func (g *grammar) orderOf(key string) int {
	if g.order != nil {
		return slices.Index(g.order, key)
	}
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	at := len(order)
	for _, f := range definition.Forms() {
		if i := slices.IndexFunc(f.Members, func(k definition.KeySpec) bool { return k.Name == key }); i >= 0 {
			return at + i
		}
		at += len(f.Members)
	}
	return at
}

// values returns the words that are values of a rule.
func (g *grammar) values(r *rule) []string {
	var words []string
	add := func(v any) {
		if s, ok := v.(string); ok {
			words = append(words, s)
		}
	}
	if r == nil {
		return nil
	}
	for _, v := range r.Enum {
		add(v)
	}
	add(r.Const)
	if r.Type == "boolean" {
		words = append(words, "true", "false")
	}
	for _, way := range append(slices.Clone(r.OneOf), r.AllOf...) {
		words = append(words, g.values(way)...)
	}
	return words
}

// A callee is what a step calls: it determines the parameters under `with`.
type callee struct {
	name   string
	task   *task.Type
	fields []schema.Field
	more   bool // other parameters are allowed, too
}

// wordsOf returns the values of a type that are words.
func wordsOf(t schema.Type) []string {
	var words []string
	for _, v := range t.Enum {
		if s, ok := v.(string); ok {
			words = append(words, s)
		}
	}
	if t.Kind == schema.Boolean {
		words = append(words, "true", "false")
	}
	return words
}
