package schema_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "errand/engine/goldenfile"
	"errand/engine/schema"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"300ms": 300 * time.Millisecond, "90s": 90 * time.Second, "2m": 2 * time.Minute, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "0": 0, "0s": 0,
		"2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour, "0.1d": 144 * time.Minute, "0d": 0, "12h1d": 36 * time.Hour,
		"106751d23h47m16.854775807s": 1<<63 - 1,
	} {
		if got, err := schema.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2", "-2m", "2 m", "2 d", "d", "2D", "1days", "-2d", "2w", "m", "2M", "1h 30m", "9999999999h", "106752d", "106751d24h", "106751d23h47m16.854775808s", "1e3s", "+2m", "٣s"} {
		if got, err := schema.ParseDuration(text); err == nil {
			t.Errorf("%q is accepted as %s", text, got)
		}
	}
}

// ParseDuration parses every result of FormatDuration.
func TestDurationsSurviveTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, 1<<62).Draw(t, "nanoseconds"))
		if text := schema.FormatDuration(d); true {
			if got, err := schema.ParseDuration(text); err != nil || got != d {
				t.Fatalf("%d became %q became %d, %v", d, text, got, err)
			}
		}
	})
}

// A misspelt name is one misfit, not two: the member that it means is not said to be missing, too.
func TestMisspeltMembers(t *testing.T) {
	size := schema.Of(schema.Object)
	size.Fields = []schema.Field{{Name: "size", Type: schema.Of(schema.Integer), Required: true}}
	of := schema.Of(schema.Object)
	of.Fields = []schema.Field{
		{Name: "name", Type: schema.Of(schema.String), Required: true}, {Name: "owner", Type: schema.Of(schema.String), Required: true},
		{Name: "disk", Type: size, Required: true}, {Name: "disks", Type: schema.ListOf(size)},
	}
	for given, want := range map[string][]string{
		`{"nmae": "a", "owner": "b", "disk": {"size": 1}}`:                         {"nmae: is not known"},
		`{"nmae": "a", "disk": {"size": 1}}`:                                       {"owner: a value is missing; want a string", "nmae: is not known"},
		`{"name": "a", "owner": "b", "disk": {"szie": 1}}`:                         {"disk.szie: is not known"},
		`{"name": "a", "owner": "b", "disk": {"size": 1, "szie": 1}}`:              {"disk.szie: is not known"},
		`{"name": "a", "owner": "b", "disk": {"weight": 1}}`:                       {"disk.size: a value is missing; want an integer", "disk.weight: is not known"},
		`{"name": "a", "owner": "b", "disk": {"size": 1}, "disks": [{"siez": 1}]}`: {"disks[0].siez: is not known"},
	} {
		_, err := of.Decode([]byte(given))
		var got []string
		for _, m := range schema.Misfits(err) {
			got = append(got, m.Error())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
}

func TestFromText(t *testing.T) {
	low, high := 1.0, 9.0
	for _, test := range []struct {
		name string
		t    schema.Type
		text string
		want any
		err  string
	}{
		{"a string unchanged", schema.Of(schema.String), " 12 ", " 12 ", ""},
		{"an integer", schema.Of(schema.Integer), "12", 12, ""},
		{"an integer that is none", schema.Of(schema.Integer), "1.5", nil, `"1.5" is not an integer`},
		{"an integer too large", schema.Of(schema.Integer), "99999999999999999999", nil, "is not an integer"},
		{"a number", schema.Of(schema.Number), "1.5", 1.5, ""},
		{"a number too large", schema.Of(schema.Number), "-1e400", nil, `"-1e400" is a number that is too large`},
		{"no number", schema.Of(schema.Number), "NaN", nil, `"NaN" is not a number`},
		{"a boolean", schema.Of(schema.Boolean), "true", true, ""},
		{"yes is not a boolean", schema.Of(schema.Boolean), "yes", nil, "write true or false"},
		{"a duration", schema.Of(schema.Duration), "2m", 2 * time.Minute, ""},
		{"a duration without a unit", schema.Of(schema.Duration), "120", nil, "write a number with a unit"},
		{"words", schema.ListOf(schema.Of(schema.String)), "a, b", []any{"a", "b"}, ""},
		{"a list as JSON", schema.ListOf(schema.Of(schema.Integer)), "[1, 2]", []any{1, 2}, ""},
		{"a list with a wrong element", schema.ListOf(schema.Of(schema.Integer)), `[1, "x"]`, nil, `[1]: "x" is a string; want an integer`},
		{"an object", schema.Type{Kind: schema.Object, Open: true}, `{"a": {"b": 1}}`, map[string]any{"a": map[string]any{"b": 1}}, ""},
		{"no JSON", schema.Type{Kind: schema.Object, Open: true}, "{", nil, "is not JSON"},
		{"an object in YAML", schema.Type{Kind: schema.Object, Open: true}, "{a: 1}", nil, `"{a: 1}" is not JSON: expected a name in double quotes, not "a", at column 2; want an object as JSON`},
		{"an object of several lines", schema.Type{Kind: schema.Object, Open: true}, "{\n  \"a\": 1,\n}", nil, "a comma must not stand before }, at line 2, column 9"},
		{"an object with a name twice", schema.Type{Kind: schema.Object, Open: true}, `{"a": {"b": 1, "b": 2}}`, nil, `the name "b" occurs twice in this object, at column 16`},
		{"an object with a pair of escapes", schema.Type{Kind: schema.Object, Open: true}, `{"a": "\ud83d\udc4d\/"}`, map[string]any{"a": "👍/"}, ""},
		{"an object with half of a pair", schema.Type{Kind: schema.Object, Open: true}, `{"a": "\ud83d"}`, nil, `\ud83d is half of a character, at column 8`},
		{"an object with a number too large", schema.Type{Kind: schema.Object, Open: true}, `{"a": 1e400}`, nil, "1e400 is a number that is too large, at column 7"},
		{"an object with a text behind it", schema.Type{Kind: schema.Object, Open: true}, `{} {}`, nil, `expected the end of the text, not "{", at column 4`},
		{"a list of objects with a name twice", schema.ListOf(schema.Of(schema.Object)), `[{"a": 1, "a": 2}]`, nil, `the name "a" occurs twice in this object, at column 11`},
		{"a list nested too deep", schema.Of(schema.List), deep(33), nil, "lists and objects are nested more than 32 deep, at column 33"},
		{"an object of nothing", schema.Of(schema.Object), " ", nil, `" " is not JSON; want an object as JSON`},
		{"a value of any type", schema.Of(schema.Any), `{"a": 1, "a": 2}`, nil, `the name "a" occurs twice in this object, at column 10`},
		{"an enum", schema.Type{Kind: schema.String, Enum: []any{"a", "b"}}, "c", nil, `"c" is not one of "a", "b"`},
		{"a pattern", schema.Type{Kind: schema.String, Pattern: "^i-"}, "x", nil, `"x" does not match the pattern ^i-`},
		{"less than the minimum", schema.Type{Kind: schema.Integer, Minimum: &low}, "0", nil, "less than the minimum, 1"},
		{"more than the maximum", schema.Type{Kind: schema.Integer, Maximum: &high}, "10", nil, "more than the maximum, 9"},
		{"too long", schema.Type{Kind: schema.String, MaxLength: 2}, "abc", nil, "at most 2 are allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.t.FromText(test.text)
			switch {
			case test.err == "" && (err != nil || !reflect.DeepEqual(got, test.want)):
				t.Errorf("got %#v, %v; want %#v", got, err, test.want)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("got %#v, %v; want %q", got, err, test.err)
			}
		})
	}
}

// All misfits of an object are reported, with their paths. An absent member has its default, or is
// null.
func TestObjects(t *testing.T) {
	object := schema.ObjectOf(
		schema.Field{Name: "id", Type: schema.Of(schema.String), Required: true},
		schema.Field{Name: "size", Type: schema.Of(schema.Integer), Default: 3},
		schema.Field{Name: "note", Type: schema.Of(schema.String).OrNull()},
		schema.Field{Name: "rows", Type: schema.ListOf(schema.ObjectOf(schema.Field{Name: "n", Type: schema.Of(schema.Integer), Required: true}))},
	)
	got, err := object.Decode([]byte(`{"id": "x", "rows": [{"n": 1.0}]}`))
	want := map[string]any{"id": "x", "size": 3, "note": nil, "rows": []any{map[string]any{"n": 1}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, %v", got, err)
	}
	_, err = object.Decode([]byte(`{"size": "x", "rows": [{"n": null}, {}], "nope": 1}`))
	for _, message := range []string{
		"id: a value is missing; want a string", `size: "x" is a string; want an integer`, "rows[0].n: a value is missing", "rows[1].n: a value is missing", "nope: is not known",
	} {
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%v does not say %q", err, message)
		}
	}
	if _, err := schema.ObjectOf().Decode([]byte(`{"a": 1}`)); err == nil {
		t.Error("an object without fields accepts one")
	}
}

// The undeclared fields of an object may all have one type. Null is not a value of it.
func TestMaps(t *testing.T) {
	texts := schema.MapOf(schema.Of(schema.String))
	got, err := texts.Decode([]byte(`{"a": "x", "b c": ""}`))
	if err != nil || !reflect.DeepEqual(got, map[string]any{"a": "x", "b c": ""}) {
		t.Errorf("got %#v, %v", got, err)
	}
	for document, message := range map[string]string{
		`{"a": 1}`: "a: 1 is an integer; want a string", `{"a": null}`: "a: a value is missing; want a string", `{"a": ["x"]}`: "a: ",
	} {
		if _, err := texts.Decode([]byte(document)); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: got %v", document, err)
		}
	}
	nullable := schema.MapOf(schema.Of(schema.String).OrNull())
	if got, err := nullable.Decode([]byte(`{"a": null}`)); err != nil || !reflect.DeepEqual(got, map[string]any{"a": nil}) {
		t.Errorf("got %#v, %v", got, err)
	}
	if s := texts.JSONSchema(nil); !reflect.DeepEqual(s, map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}}) {
		t.Errorf("the JSON Schema is %v", s)
	}
}

// The same value has the same bytes, and Decode returns the value from the bytes.
func TestEncodeIsReadBack(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaves := []*rapid.Generator[any]{
			rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.IntRange(-1<<53, 1<<53).AsAny(), rapid.String().AsAny(),
		}
		if depth == 0 {
			return rapid.OneOf(leaves...)
		}
		return rapid.OneOf(append(leaves, rapid.SliceOfN(value(depth-1), 0, 4).AsAny(), rapid.MapOfN(rapid.String(), value(depth-1), 0, 4).AsAny())...)
	}
	anything := schema.Type{Kind: schema.Any, Nullable: true}
	rapid.Check(t, func(t *rapid.T) {
		v := value(3).Draw(t, "value")
		data := schema.Encode(v)
		got, err := anything.Decode(data)
		if err != nil || string(schema.Encode(got)) != string(data) {
			t.Fatalf("%s became %#v, %v", data, got, err)
		}
	})
}

func TestAccepts(t *testing.T) {
	text, whole, number := schema.Of(schema.String), schema.Of(schema.Integer), schema.Of(schema.Number)
	dynamic, null := schema.Of(schema.Any), schema.Of(schema.Null)
	for _, test := range []struct {
		want, given schema.Type
		fits        bool
	}{
		{text, text, true},
		{text, whole, false},
		{number, whole, true},
		{whole, number, false},
		{text, text.OrNull(), false},
		{text.OrNull(), text, true},
		{text.OrNull(), null, true},
		{text, null, false},
		{dynamic, text.OrNull(), true},
		{text, dynamic, false},
		{schema.ListOf(number), schema.ListOf(whole), true},
		{schema.ListOf(text), schema.Of(schema.List), false},
		{schema.Of(schema.List), schema.ListOf(text), true},
		{schema.ObjectOf(schema.Field{Name: "a", Type: text, Required: true}), schema.ObjectOf(), false},
		{schema.ObjectOf(), schema.ObjectOf(schema.Field{Name: "a", Type: text}), false},
		{schema.ObjectOf(schema.Field{Name: "a", Type: text, Default: "x"}), schema.ObjectOf(schema.Field{Name: "a", Type: text.OrNull()}), true},
		{schema.ObjectOf(schema.Field{Name: "a", Type: text, Required: true}), schema.ObjectOf(schema.Field{Name: "a", Type: text.OrNull()}), false},
		{schema.MapOf(text), schema.ObjectOf(schema.Field{Name: "a", Type: text}), true},
		{schema.MapOf(text), schema.ObjectOf(schema.Field{Name: "a", Type: whole}), false},
		{schema.MapOf(text), schema.ObjectOf(schema.Field{Name: "a", Type: text.OrNull()}), false},
		{schema.MapOf(text), schema.MapOf(text), true},
		{schema.MapOf(text), schema.MapOf(whole), false},
		{schema.MapOf(text), schema.Of(schema.Object), true}, // its values are checked in the run
		{schema.Of(schema.Object), schema.MapOf(text), true},
	} {
		if got := test.want.Accepts(test.given); got != test.fits {
			t.Errorf("%s accepts %s: %t", test.want, test.given, got)
		}
	}
}

// A duration inside a default or an enum is a text in a JSON Schema, as it is in JSON.
func TestDefaultsInJSONSchema(t *testing.T) {
	inside := schema.ObjectOf(schema.Field{Name: "wait", Type: schema.Of(schema.Duration), Default: time.Minute})
	inside.Enum = []any{map[string]any{"wait": time.Minute}}
	all := schema.ObjectOf(schema.Field{Name: "opts", Type: schema.ListOf(inside), Default: []any{map[string]any{"wait": time.Minute}}})
	opts := all.JSONSchema(nil)["properties"].(map[string]any)["opts"].(map[string]any)
	want := []any{map[string]any{"wait": "1m"}}
	if got := opts["default"]; !reflect.DeepEqual(got, want) {
		t.Errorf("the default is %v", got)
	}
	if got := opts["items"].(map[string]any)["enum"]; !reflect.DeepEqual(got, want) {
		t.Errorf("the enum is %v", got)
	}
}

func TestReflect(t *testing.T) {
	type inner struct {
		Deep string `json:"deep"`
	}
	type embedded struct {
		Base string `json:"base"`
	}
	type all struct {
		embedded
		Name    string            `json:"name" title:"Name" doc:"A name." required:"true" pattern:"^a" maxlen:"9"`
		Size    int               `json:"size" default:"3" min:"1" max:"9"`
		Word    string            `json:"word,omitempty" enum:"a,b" discouraged:"a=it is old"`
		Maybe   *bool             `json:"maybe"`
		Wait    schema.Span       `json:"wait" default:"2m"`
		Names   []string          `json:"names"`
		Extra   map[string]any    `json:"extra"`
		Tags    map[string]string `json:"tags"`
		Other   string            `json:"other" default:"x" unless:"tags"`
		Inner   inner             `json:"inner"`
		Skipped string            `json:"-"`
	}
	got := schema.Reflect(reflect.TypeFor[all]())
	if names := strings.Join(got.FieldNames(), " "); names != "base name size word maybe wait names extra tags other inner" {
		t.Fatalf("fields are %s", names)
	}
	name, _ := got.Field("name")
	if !name.Required || name.Title != "Name" || name.Description != "A name." || name.Type.Pattern != "^a" || name.Type.MaxLength != 9 {
		t.Errorf("name is %+v", name)
	}
	if other, _ := got.Field("other"); other.Unless != "tags" || other.Default != "x" || name.Unless != "" {
		t.Errorf("other is %+v", other)
	}
	size, _ := got.Field("size")
	if size.Default != 3 || *size.Type.Minimum != 1 || *size.Type.Maximum != 9 {
		t.Errorf("size is %+v", size)
	}
	word, _ := got.Field("word")
	if !reflect.DeepEqual(word.Type.Enum, []any{"a", "b"}) || word.Type.Discouraged[0] != (schema.Caution{Value: "a", Reason: "it is old"}) {
		t.Errorf("word is %+v", word)
	}
	for field, want := range map[string]string{"maybe": "boolean or null", "wait": "duration", "names": "list of strings", "extra": "object", "tags": "object of strings", "inner": "object"} {
		if f, _ := got.Field(field); f.Type.String() != want {
			t.Errorf("%s is %s, want %s", field, f.Type, want)
		}
	}
	for _, bad := range []any{
		struct {
			A int `json:"a" default:"x"`
		}{}, struct {
			A int `json:"a" min:"x"`
		}{}, struct {
			A chan int `json:"a"`
		}{}, struct {
			A time.Duration `json:"a"`
		}{}, struct {
			A string `json:"a" pattern:"("`
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T is accepted", bad)
				}
			}()
			schema.Reflect(reflect.TypeOf(bad))
		}()
	}
}
