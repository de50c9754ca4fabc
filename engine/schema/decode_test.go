package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// theLongWay is Decode without the reader.
func theLongWay(t Type, data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, Misfit{Message: "is not JSON: " + err.Error()}
	}
	return t.Canonical(raw)
}

// fitTypes are types of all kinds, with defaults and constraints.
func fitTypes() []Type {
	least := 1.0
	object := ObjectOf(
		Field{Name: "text", Type: Of(String), Required: true},
		Field{Name: "count", Type: Type{Kind: Integer, Minimum: &least}, Default: 7},
		Field{Name: "ratio", Type: Of(Number)},
		Field{Name: "wait", Type: Of(Duration), Default: time.Minute},
		Field{Name: "on", Type: Of(Boolean).OrNull(), Required: true},
		Field{Name: "state", Type: Type{Kind: String, Enum: []any{"new", "closed"}, MaxLength: 8}},
		Field{Name: "id", Type: Type{Kind: String, Pattern: "^i-[0-9]+$"}},
		Field{Name: "list", Type: ListOf(Of(Integer))},
		Field{Name: "any", Type: Of(Any)},
		Field{Name: `a\n`, Type: Of(Integer)},
	)
	open := object
	open.Open = true
	return []Type{
		object, open, object.OrNull(), ListOf(object), Of(Any), Of(Any).OrNull(), Of(String), Of(Integer), Of(Number), Of(Boolean), Of(Duration),
		Of(Null), Of(List), Of(Object), ListOf(Of(String).OrNull()), {Kind: Any, Enum: []any{1, "x"}},
	}
}

var fitSeeds = []string{
	`{"text": "a", "count": 3, "ratio": 1.5, "wait": "2m", "on": true, "state": "new", "id": "i-1", "list": [1, 2.0, 3e0], "any": {"x": [null, -0.5, "é"]}}`,
	`{"text":"x","on":false}`, `{"on":null,"text":"A\n\"\\é😀"}`, `{"text":"a","text":null}`, `{"text":"a","text":"b"}`,
	`{"text":"a","count":0}`, `{"text":"a","state":"open"}`, `{"text":"a","id":"x"}`, `{"text":"a","wait":"1"}`, `{"text":"a","more":{"a":1e400}}`,
	`{"text":"a","a\n":1}`, `{"te\u0078t":"a"}`, `{"text":"a",}`, `{,"text":"a"}`, `{"text" "a"}`, `{"text":"a"} tail`, `[1,]`, `[,1]`, `[]`, `[[[]]]`, `{}`,
	`null`, `nul`, `nullx`, `true`, `truex`, `false`, `0`, `-0`, `01`, `1.`, `-`, `1e5`, `1E+2`, `9223372036854775807`, `9223372036854775808`, `1e999`, `1 2`, `"a"`, `"a`,
	`"\ud800"`, "\"\xff\"", "\"\x01\"", `"\`, ``, ` `, "\x00", `"90s"`, `["a",null]`, `{"a":{"a":{"a":1}}}`, `[true,false]`, `1x`,
}

func compareWithTheLongWay(t *testing.T, data []byte) {
	for _, of := range fitTypes() {
		got, err := of.Decode(data)
		want, wantErr := theLongWay(of, data)
		if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("%s as %s:\ngot  %#v, %v\nwant %#v, %v", data, of, got, err, want, wantErr)
		}
	}
}

func TestDecodeIsTheSameAsTheLongWay(t *testing.T) {
	for _, seed := range fitSeeds {
		compareWithTheLongWay(t, []byte(seed))
	}
	deep := bytes.Repeat([]byte("["), 20_000)
	compareWithTheLongWay(t, deep)
	compareWithTheLongWay(t, append(deep[:2_000:2_000], bytes.Repeat([]byte("]"), 2_000)...))
}

func FuzzDecode(f *testing.F) {
	for _, seed := range fitSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(compareWithTheLongWay)
}

// JSON that fits is read without the tree of encoding/json.
func TestDecodeTakesTheShortWay(t *testing.T) {
	data := []byte(fitSeeds[0])
	of := fitTypes()[0]
	if _, ok := (&reader{data: data}).value(&of, 0); !ok {
		t.Errorf("%s was read the long way", data)
	}
	short := testing.AllocsPerRun(100, func() { _, _ = of.Decode(data) })
	long := testing.AllocsPerRun(100, func() { _, _ = theLongWay(of, data) })
	if short > long/2 {
		t.Errorf("%v allocations, the long way makes %v", short, long)
	}
}

func TestNumbersThatAreTooLarge(t *testing.T) {
	for _, c := range []struct {
		of         Type
		data, want string
	}{
		{Of(Any), `{"a": [1e400]}`, "a[0]: 1e400 is a number that is too large"},
		{ListOf(Of(Number)), `[1, -1e400]`, "[1]: -1e400 is a number that is too large"},
		{Of(Object), `{"a": 1e400}`, "a: 1e400 is a number that is too large"},
		{Of(List), `{"a": 1e400}`, `{"a":"1e400"} is an object; want a list`},
	} {
		if v, err := c.of.Decode([]byte(c.data)); err == nil || err.Error() != c.want {
			t.Errorf("%s as %s: got %v, %v; want %s", c.data, c.of, v, err, c.want)
		}
	}
}
