// Package schema describes the values that enter and leave Errand: the inputs of a workflow, the
// parameters and outputs of a task type, and the roots of an expression. A Type is plain data. The
// check, the conversion of text from a command line, the JSON Schema for editors and the tables of
// the connector library are all derived from it.
//
// A value in canonical form is one of: nil, bool, int, float64, string, time.Duration, []any and
// map[string]any. Expressions see canonical values only. In JSON a duration is a text with units,
// such as "2m".
//
// In reading order: type.go (the type), canon.go (any value to a canonical one) with misfit.go, decode.go (JSON to
// canonical values), encode.go (and back), zero.go (the simplest value), duration.go with
// duration_words.go, text.go (a command line's text to a value), json.go with json_reader.go and
// json_string.go (JSON that a person writes), assign.go (which type fits which), reflect.go (a Go struct's
// tags to a type), jsonschema.go (a type to JSON Schema).
package schema

// A Kind is the sort of a value. The names are those of a definition's `type:`.
type Kind string

// The kinds of values.
const (
	String   Kind = "string"
	Integer  Kind = "integer" // a whole number that fits 64 bits
	Number   Kind = "number"  // a finite float64; an integer fits, too
	Boolean  Kind = "boolean"
	Duration Kind = "duration" // "300ms", "90s", "2m", "1h30m", "2d"
	List     Kind = "list"
	Object   Kind = "object"
	Any      Kind = "any"  // of a type that is unknown before the run
	Null     Kind = "null" // the literal null alone; never declared
)

// Kinds lists the kinds that a definition may use as `type:`, in the order of the documentation.
var Kinds = []string{"string", "integer", "number", "boolean", "duration", "list", "object"}

// A Type says which values are allowed.
type Type struct {
	Kind     Kind
	Nullable bool  // nil is allowed, too
	Items    *Type // of a List: its elements; of an Object: its undeclared fields; nil means any type

	// Fields are those of an Object, in the order of the documentation. nil means any fields, an
	// empty list none.
	Fields []Field
	Open   bool // an Object may have undeclared fields

	Pattern     string   // a regular expression (RE2) that a String matches; it is not anchored
	Enum        []any    // the only values allowed, canonical
	Minimum     *float64 // of an Integer or a Number, inclusive
	Maximum     *float64 // of an Integer or a Number, inclusive
	MaxLength   int      // of a String, in bytes; 0 means no limit
	Discouraged []Caution
}

// A Caution is a value that is allowed but causes a warning.
type Caution struct {
	Value  string
	Reason string
}

// A Field is a named member of an object: a parameter, an output, an input.
type Field struct {
	Name        string
	Title       string // the name in documents for people, such as "AMI ID"
	Description string
	Type        Type
	Required    bool // the value is required and has no default
	Default     any  // canonical; nil means none
	Example     any  // canonical; nil means none

	// Unless is another field of the same parameters. If it is given, this one has no default.
	Unless string
}

// Field returns the member with a name.
func (t Type) Field(name string) (Field, bool) {
	for _, f := range t.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// FieldNames returns the names of the members, in order.
func (t Type) FieldNames() []string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	return names
}

// OrNull returns the type with null allowed.
func (t Type) OrNull() Type { t.Nullable = true; return t }

// NotNull returns the type without null.
func (t Type) NotNull() Type { t.Nullable = false; return t }

// Of returns the type of a kind, without constraints.
func Of(k Kind) Type { return Type{Kind: k} }

// ListOf returns the type of a list whose elements all have one type.
func ListOf(item Type) Type { return Type{Kind: List, Items: &item} }

// MapOf returns the type of an object whose fields have any names and all have one type.
func MapOf(value Type) Type { return Type{Kind: Object, Items: &value, Open: true} }

// ObjectOf returns the type of an object that has these fields only.
func ObjectOf(fields ...Field) Type { return Type{Kind: Object, Fields: append([]Field{}, fields...)} }

// AllowsMore reports whether an object may have undeclared fields.
func (t Type) AllowsMore() bool { return t.Open || t.Fields == nil }

// String returns the type's name for a message: "string", "list of integers", "object of strings",
// "duration or null".
func (t Type) String() string { return t.words("") }

// words returns the type's name; plural is "s" for the name of several such values, or "".
func (t Type) words(plural string) string {
	text := string(t.Kind) + plural
	if (t.Kind == List || t.Kind == Object) && t.Items != nil && t.Items.Kind != Any {
		text += " of " + t.Items.words("s")
	}
	if t.Nullable && t.Kind != Null {
		text += " or null" + plural
	}
	return text
}
