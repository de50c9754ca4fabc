package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"errand/engine/schema"
)

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestValidJSON(t *testing.T) {
	for _, c := range validJSON {
		t.Run(c.name, func(t *testing.T) { sameAsStandard(t, c.text) })
	}
}

// Each fault is at the place where a reader would look for it.
func TestInvalidJSON(t *testing.T) {
	for _, c := range invalidJSON {
		t.Run(c.name, func(t *testing.T) {
			if got := faults(t, c.text); got != c.faults {
				t.Errorf("%.60q has the faults %q, want %q", c.text, got, c.faults)
			}
		})
	}
}

// faults lists the faults of a text.
func faults(t *testing.T, text string) string {
	t.Helper()
	v, faults := schema.ReadJSON(text)
	if len(faults) > 0 && !reflect.DeepEqual(v, schema.JSON{}) {
		t.Errorf("%q has a value and faults", text)
	}
	var list []string
	for _, f := range faults {
		if f.From < 0 || f.To < f.From || f.To > len(text) || f.Message == "" {
			t.Errorf("%q: a fault from %d to %d says %q", text, f.From, f.To, f.Message)
		}
		list = append(list, fmt.Sprint(f.From, " ", f.Code))
	}
	return strings.Join(list, ", ")
}

// sameAsStandard checks that a text is read as encoding/json reads it.
func sameAsStandard(t *testing.T, text string) {
	t.Helper()
	v, faults := schema.ReadJSON(text)
	if len(faults) > 0 {
		t.Fatalf("%q: %s", text, faults[0].Message)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var want any
	if err := d.Decode(&want); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if got := plainJSON(t, text, v); !reflect.DeepEqual(got, want) {
		t.Errorf("%q is %#v, want %#v", text, got, want)
	}
}

// plainJSON returns a value as encoding/json does. It checks that each part is at its place.
func plainJSON(t *testing.T, text string, v schema.JSON) any {
	t.Helper()
	place := text[v.From:v.To]
	switch v.Kind {
	case schema.List:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, plainJSON(t, text, item))
		}
		if place[0] != '[' || place[len(place)-1] != ']' {
			t.Errorf("%q: a list is at %q", text, place)
		}
		return list
	case schema.Object:
		object := map[string]any{}
		for _, m := range v.Members {
			object[plainJSON(t, text, m.Name).(string)] = plainJSON(t, text, m.Value)
		}
		if place[0] != '{' || place[len(place)-1] != '}' {
			t.Errorf("%q: an object is at %q", text, place)
		}
		return object
	case schema.String:
		var s string
		if err := json.Unmarshal([]byte(place), &s); err != nil || s != v.Text {
			t.Errorf("%q: %q is at %q", text, v.Text, place)
		}
		return v.Text
	}
	if place != v.Text {
		t.Errorf("%q: %s is at %q", text, v.Text, place)
	}
	switch v.Kind {
	case schema.Null:
		return nil
	case schema.Boolean:
		return v.Text == "true"
	}
	return json.Number(v.Text)
}

// FuzzReadJSON compares ReadJSON with encoding/json, which accepts the same grammar, and also what
// is not UTF-8.
func FuzzReadJSON(f *testing.F) {
	for _, c := range validJSON {
		f.Add(c.text)
	}
	for _, c := range invalidJSON {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_ = faults(t, text)
		_, faults := schema.ReadJSON(text)
		if len(faults) == 0 {
			sameAsStandard(t, text)
			return
		}
		switch last := faults[len(faults)-1]; last.Code {
		case schema.JSONSyntax, schema.JSONEmpty:
			if json.Valid([]byte(text)) {
				t.Errorf("%q is JSON, but: %s", text, last.Message)
			}
		case schema.JSONRepeated, schema.JSONSurrogate, schema.JSONNumber:
			if !json.Valid([]byte(text)) {
				t.Errorf("%q is not JSON, but only this is reported: %s", text, last.Message)
			}
		}
	})
}

// What people type wrong has a message and a hint that fit it.
func TestMessagesAboutJSON(t *testing.T) {
	for _, c := range []struct{ text, message, help string }{
		{`[True]`, `expected a value, not "True"`, "write true"},
		{`[None]`, `expected a value, not "None"`, "write null"},
		{`[start]`, `expected a value, not "start"`, `if you mean the text, write "start"`},
		{`{a: 1}`, `expected a name in double quotes, not "a"`, `write "a"`},
		{`{'a': 1}`, `expected a name in double quotes, not "'"`, "a text is in double quotes"},
		{`{"a": 1,}`, `a comma must not stand before }`, "remove the comma"},
		{`{"a": 1`, `this object is not closed`, "add }"},
		{`[[1]`, `this list is not closed`, "add ]"},
		{`[1 2]`, `expected "," or "]", not "2"`, ""},
		{`[1, // one`, `expected a value, not "/"`, "JSON has no comments"},
		{`[] # none`, `expected the end of the text, not "#"`, "JSON has no comments"},
		{`{} {}`, `expected the end of the text, not "{"`, "a JSON text is one value"},
		{`[007]`, `"007" is not a number in JSON`, "write 7"},
		{`[1e400]`, `1e400 is a number that is too large`, ""},
		{`["C:\dir"]`, `expected one of "\/bfnrtu after a backslash, not "d"`, `for a backslash, write \\`},
		{"[\"a\tb\"]", `a text must not contain a tab`, `write \t`},
		{"[\"a\n\"]", `the text is not closed at the end of its line`, `add a double quote, or write \n for a line break`},
		{`["\ud83d"]`, `\ud83d is half of a character`, "write both escapes of the pair, or the character itself"},
		{`{"a":1,"a":2}`, `the name "a" occurs twice in this object`, "remove one of the two"},
	} {
		_, faults := schema.ReadJSON(c.text)
		if len(faults) != 1 || faults[0].Message != c.message || faults[0].Help != c.help {
			t.Errorf("%s: got %+v, want %s; %s", c.text, faults, c.message, c.help)
		}
	}
}

func TestTooManyValues(t *testing.T) {
	items := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }
	if got := faults(t, items(schema.MaxValues-1)); got != "" {
		t.Errorf("at the limit: %s", got)
	}
	if _, faults := schema.ReadJSON(items(schema.MaxValues)); len(faults) != 1 || faults[0].Code != schema.JSONLimit {
		t.Errorf("above the limit: %+v", faults)
	}
}
