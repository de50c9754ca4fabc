package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// A schemaReader makes a type of a JSON Schema. Only keywords that a type can express are allowed: Errand
// would not check any other.
type schemaReader struct {
	file     string
	places   definition.Positions
	problems []diag.Problem
}

// SchemaKeywords are the keywords that a payload's schema may have, in addition to Annotations.
var SchemaKeywords = []string{"type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "minimum", "maximum"}

// Annotations are the keywords that say nothing about values.
var Annotations = []string{"$schema", "$id", "$comment", "title", "description", "examples", "deprecated", "readOnly", "writeOnly"}

// kinds are the kinds by the types of JSON Schema.
var kinds = map[string]schema.Kind{
	"string": schema.String, "integer": schema.Integer, "number": schema.Number, "boolean": schema.Boolean,
	"array": schema.List, "object": schema.Object,
}

const typeNames = "string, integer, number, boolean, array, object or null"

func (r *schemaReader) report(at schema.JSON, help, format string, args ...any) {
	start := r.places.At(at.From)
	r.problems = append(r.problems, diag.Problem{
		Rule: "bad-schema", Message: fmt.Sprintf(format, args...), Help: help,
		Range: diag.Range{File: r.file, Start: start, End: diag.Position{Line: start.Line, Column: start.Column + 1}},
	})
}

// payload reads the schema of a whole payload, which must be an object.
func (r *schemaReader) payload(tree schema.JSON) schema.Type {
	t := r.typ(tree, "the schema")
	if len(r.problems) == 0 && (t.Kind != schema.Object || t.Nullable) {
		r.report(tree, `write "type": "object" at the top`, "the payload of a webhook must be an object")
	}
	return t
}

// typ reads a schema. what is the schema in messages, such as "payload.ticket".
func (r *schemaReader) typ(n schema.JSON, what string) schema.Type {
	t := schema.Type{Kind: schema.Any, Nullable: true}
	if n.Kind != schema.Object {
		r.report(n, "", "%s must be an object, not %s", what, schema.Of(n.Kind).Article())
		return t
	}
	r.keywords(n)
	words := map[string]schema.JSON{}
	for _, m := range n.Members {
		words[m.Name.Text] = m.Value
	}
	if word, ok := words["type"]; ok {
		t = r.kind(word)
	} else if kind := impliedKind(words); kind != "" {
		t = schema.Of(kind)
	}
	r.belonging(n, t)
	if t.Kind == schema.Object {
		r.object(&t, words)
	}
	if word, ok := words["items"]; ok && t.Kind == schema.List {
		item := r.typ(word, "the schema of the items")
		t.Items = &item
	}
	r.bounds(&t, words)
	if word, ok := words["enum"]; ok {
		r.enum(&t, word)
	}
	return t
}

// impliedKind returns the kind that a schema without a type is about, or "".
func impliedKind(words map[string]schema.JSON) schema.Kind {
	for _, name := range []string{"properties", "required", "additionalProperties"} {
		if _, ok := words[name]; ok {
			return schema.Object
		}
	}
	if _, ok := words["items"]; ok {
		return schema.List
	}
	return ""
}

// keywords reports the keywords that are not supported.
func (r *schemaReader) keywords(n schema.JSON) {
	for _, m := range n.Members {
		name := m.Name.Text
		switch {
		case slices.Contains(SchemaKeywords, name), slices.Contains(Annotations, name):
		case name == "$ref":
			r.report(m.Name, "write the schema out at this place", `"$ref" is not supported: a schema is a single file without references`)
		default:
			help := "remove it; supported are " + strings.Join(SchemaKeywords, ", ")
			if near := diag.Nearest(name, SchemaKeywords); near != "" {
				help = `did you mean "` + near + `"?`
			}
			r.report(m.Name, help, "the keyword %s is not supported", schema.Show(name))
		}
	}
}

// belongs says which kinds a keyword is for.
var belongs = map[string][]schema.Kind{
	"properties": {schema.Object}, "required": {schema.Object}, "additionalProperties": {schema.Object}, "items": {schema.List},
	"pattern": {schema.String}, "minimum": {schema.Integer, schema.Number}, "maximum": {schema.Integer, schema.Number},
}

// belonging reports the keywords that say nothing about values of the type.
func (r *schemaReader) belonging(n schema.JSON, t schema.Type) {
	for _, m := range n.Members {
		if of := belongs[m.Name.Text]; of != nil && !slices.Contains(of, t.Kind) {
			r.report(m.Name, "remove it, or correct the type", "%q is not for %s", m.Name.Text, t.Article())
		}
	}
}

// kind reads "type": a name, or a list of a name and "null".
func (r *schemaReader) kind(n schema.JSON) schema.Type {
	t := schema.Type{Kind: schema.Any, Nullable: true}
	names := []schema.JSON{n}
	if n.Kind == schema.List {
		names = n.Items
	}
	kind, nullable := schema.Kind(""), false
	for _, name := range names {
		switch found, known := kinds[name.Text]; {
		case name.Kind == schema.String && name.Text == "null":
			nullable = true
		case name.Kind != schema.String || !known:
			r.report(n, "write "+typeNames, "%s is not a type", schema.Show(name.Text))
			return t
		case kind != "":
			r.report(n, `write one type, or one type and "null"`, "a value cannot be of several types")
			return t
		default:
			kind = found
		}
	}
	if kind == "" {
		r.report(n, "write "+typeNames+`; with "null" a second one`, "the type has no values but null")
		return t
	}
	return schema.Type{Kind: kind, Nullable: nullable}
}

// object reads properties, required and additionalProperties.
func (r *schemaReader) object(t *schema.Type, words map[string]schema.JSON) {
	required := r.names(words)
	if properties, ok := words["properties"]; ok {
		t.Fields = []schema.Field{}
		if properties.Kind != schema.Object {
			r.report(properties, "", `"properties" must be an object, not %s`, schema.Of(properties.Kind).Article())
		}
		for _, m := range properties.Members {
			field := schema.Field{Name: m.Name.Text, Type: r.typ(m.Value, "the property "+schema.Show(m.Name.Text))}
			if field.Required = slices.Contains(required, field.Name); !field.Required {
				field.Type.Nullable = true
			}
			for _, word := range m.Value.Members {
				if word.Name.Text == "description" && word.Value.Kind == schema.String {
					field.Description = word.Value.Text
				}
			}
			t.Fields = append(t.Fields, field)
		}
	}
	for _, name := range required {
		if _, ok := t.Field(name); !ok {
			r.report(words["required"], `add it to "properties"`, `"required" has %s, which is not in "properties"`, schema.Show(name))
		}
	}
	t.Open = true
	switch more, ok := words["additionalProperties"]; {
	case !ok:
	case more.Kind == schema.Boolean && more.Text == "true":
		t.Items = &schema.Type{Kind: schema.Any, Nullable: true}
	case more.Kind == schema.Boolean: // nothing but the properties
		t.Open = false
		if t.Fields == nil {
			t.Fields = []schema.Field{}
		}
	default:
		item := r.typ(more, "the schema of the additional properties")
		t.Items = &item
	}
}

// names reads "required".
func (r *schemaReader) names(words map[string]schema.JSON) []string {
	list, ok := words["required"]
	if !ok {
		return nil
	}
	var names []string
	for _, item := range list.Items {
		if item.Kind == schema.String {
			names = append(names, item.Text)
		}
	}
	if list.Kind != schema.List || len(names) < len(list.Items) {
		r.report(list, "", `"required" must be a list of names`)
	}
	return names
}

// bounds reads pattern, minimum and maximum.
func (r *schemaReader) bounds(t *schema.Type, words map[string]schema.JSON) {
	if word, ok := words["pattern"]; ok && t.Kind == schema.String {
		if _, err := regexp.Compile(word.Text); word.Kind != schema.String || err != nil {
			r.report(word, "write it in the RE2 syntax, which has no look-around and no back-references", "%s is not a regular expression that Errand can use", schema.Show(word.Text))
		} else {
			t.Pattern = word.Text
		}
	}
	for _, bound := range []struct {
		name string
		to   **float64
	}{{"minimum", &t.Minimum}, {"maximum", &t.Maximum}} {
		word, ok := words[bound.name]
		if !ok || t.Kind != schema.Integer && t.Kind != schema.Number {
			continue
		}
		n, err := strconv.ParseFloat(word.Text, 64)
		if err != nil || word.Kind != schema.Integer && word.Kind != schema.Number {
			r.report(word, "", "%q must be a number", bound.name)
			continue
		}
		*bound.to = &n
	}
}

// enum reads the values that are allowed.
func (r *schemaReader) enum(t *schema.Type, n schema.JSON) {
	if n.Kind != schema.List || len(n.Items) == 0 {
		r.report(n, "", `"enum" must be a list of at least one value`)
		return
	}
	want := *t
	for _, item := range n.Items {
		if item.Kind == schema.Null && t.Nullable {
			continue
		}
		value, err := want.Canonical(plain(item))
		if err != nil {
			r.report(item, "", `a value of "enum" does not fit the type: %v`, err)
			continue
		}
		t.Enum = append(t.Enum, value)
	}
}

// readable returns the type with which expressions read a payload. A payload may have members that
// its schema does not name, but unless the schema allows them by additionalProperties, an expression
// cannot read them: their names are more likely to be typing errors.
func readable(t schema.Type) schema.Type {
	if t.Items != nil {
		item := readable(*t.Items)
		t.Items = &item
	}
	fields := t.Fields
	if fields != nil {
		t.Fields = make([]schema.Field, len(fields))
		t.Open = t.Open && t.Items != nil
	}
	for i, f := range fields {
		f.Type = readable(f.Type)
		t.Fields[i] = f
	}
	return t
}

// plain returns a value as encoding/json decodes it.
func plain(n schema.JSON) any {
	switch n.Kind {
	case schema.String:
		return n.Text
	case schema.Boolean:
		return n.Text == "true"
	case schema.Integer:
		if i, err := strconv.Atoi(n.Text); err == nil {
			return i
		}
		fallthrough
	case schema.Number:
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil {
			return n.Text
		}
		return f
	case schema.List:
		items := make([]any, len(n.Items))
		for i := range n.Items {
			items[i] = plain(n.Items[i])
		}
		return items
	case schema.Object:
		members := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			members[m.Name.Text] = plain(m.Value)
		}
		return members
	}
	return nil
}
