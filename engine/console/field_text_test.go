package console

import (
	"testing"
	"time"

	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/schema"
)

// A value that a form shows is the value that the form sends.
func TestFieldTexts(t *testing.T) {
	texts, numbers := schema.ListOf(schema.Of(schema.String)), schema.ListOf(schema.Of(schema.Number))
	choice := schema.Type{Kind: schema.String, Enum: []any{"", `""x`, "a"}}
	for _, test := range []struct {
		of   schema.Type
		v    any
		text string
	}{
		{schema.Of(schema.String), "  a\nb", "  a\nb"},
		{schema.Of(schema.String), `"quoted"`, `"quoted"`},
		{schema.Of(schema.Integer), -3, "-3"},
		{schema.Of(schema.Number), 1.5, "1.5"},
		{schema.Of(schema.Boolean), false, "false"},
		{schema.Of(schema.Duration), 90 * time.Minute, "1h30m"},
		{choice, "", `""`},
		{choice, `""x`, `""x`},
		{schema.Type{Kind: schema.Integer, Enum: []any{1, 2}}, 2, "2"},
		{schema.Type{Kind: schema.Duration, Enum: []any{time.Minute}}, time.Minute, "1m"},
		{texts, []any{}, "[]"},
		{texts, []any{"a, b", "c"}, "a, b\nc"},
		{texts, []any{" a"}, `[" a"]`},
		{texts, []any{"a\nb"}, `["a\nb"]`},
		{texts, []any{""}, `[""]`},
		{texts, []any{"[a"}, `["[a"]`},
		{texts, []any{"a", "[b"}, "a\n[b"},
		{numbers, []any{1.0, 2.5}, "1\n2.5"},
		{schema.ListOf(texts), []any{[]any{"a"}}, `[["a"]]`},
		{schema.MapOf(schema.Of(schema.Integer)), map[string]any{"a": 1}, `{"a":1}`},
	} {
		if text := fieldText(test.of, test.v); text != test.text {
			t.Errorf("%s %v is shown as %q, expected %q", test.of, test.v, text, test.text)
		}
		in := home.NewInputs(&program.Program{Inputs: schema.ObjectOf(schema.Field{Name: "in", Type: test.of, Required: true})})
		if problems := addText(in, needed(test.of), test.text); len(problems) > 0 {
			t.Errorf("%s %q: %v", test.of, test.text, problems)
			continue
		}
		if got := string(schema.Encode(in.Given()["in"])); got != string(schema.Encode(test.v)) {
			t.Errorf("%s %q is sent as %s", test.of, test.text, got)
		}
	}
}

func needed(of schema.Type) schema.Field { return schema.Field{Name: "in", Type: of, Required: true} }

// An empty field has no value, unless a person has emptied it and an empty text fits.
func TestEmptyField(t *testing.T) {
	text, small := schema.Of(schema.String), schema.Type{Kind: schema.String, Pattern: "^a"}
	for _, test := range []struct {
		field schema.Field
		text  string
		unset bool
	}{
		{schema.Field{Type: text, Required: true}, "", true},
		{schema.Field{Type: text}, "", true},
		{schema.Field{Type: text, Default: "Closed"}, "", false},
		{schema.Field{Type: text}, " ", false},
		{schema.Field{Type: small, Default: "a"}, "", true},
		{schema.Field{Type: schema.Of(schema.Integer), Default: 2}, "", true},
		{schema.Field{Type: schema.ListOf(text), Default: []any{"a"}}, " \n", true},
		{schema.Field{Type: schema.ListOf(text), Default: []any{"a"}}, "[]", false},
	} {
		if got := isUnset(test.field, test.text); got != test.unset {
			t.Errorf("%s with the default %v and the text %q: no value is %v", test.field.Type, test.field.Default, test.text, got)
		}
	}
}

// Types are described for people.
func TestTypeWords(t *testing.T) {
	one, three := 1.0, 3.0
	for want, of := range map[string]schema.Type{
		"text": schema.Of(schema.String),
		"text that matches the pattern ^a, of at most 9 bytes": {Kind: schema.String, Pattern: "^a", MaxLength: 9},
		`one of small, ""`:              {Kind: schema.String, Enum: []any{"small", ""}},
		"whole number from 1 to 3":      {Kind: schema.Integer, Minimum: &one, Maximum: &three},
		"number, at least 1":            {Kind: schema.Number, Minimum: &one},
		"number, at most 3":             {Kind: schema.Number, Maximum: &three},
		"yes or no":                     schema.Of(schema.Boolean).OrNull(),
		"duration":                      schema.Of(schema.Duration),
		"list":                          schema.Of(schema.List),
		"list; each item: whole number": schema.ListOf(schema.Of(schema.Integer)),
		"object":                        schema.Of(schema.Object),
		"object; each value: number":    schema.MapOf(schema.Of(schema.Number)),
		"object with port (whole number), names (list; each item: text, optional)": schema.ObjectOf(schema.Field{Name: "port", Type: schema.Of(schema.Integer), Required: true}, schema.Field{Name: "names", Type: schema.ListOf(schema.Of(schema.String))}),
	} {
		if got := typeWords(of); got != want {
			t.Errorf("%s is %q, expected %q", of, got, want)
		}
	}
}
