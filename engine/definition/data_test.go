package definition

import (
	"encoding/json"
	"strings"
	"testing"

	"errand/engine/diag"
)

func TestData(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"a mapping keeps the order of its keys", "b: 1\na: 2\n", `{"b":1,"a":2}`},
		{"numbers stay as written", "[0, -1, 1.10, 1e3, 9007199254740993]", `[0,-1,1.10,1e3,9007199254740993]`},
		{"true, false and null", "[true, false, null]", `[true,false,null]`},
		{"text in every style", "a: plain text\nb: 'it''s'\nc: \"\\u00e9\\n\"\nd: |\n  two\n  lines\ne: >-\n  one\n  line\n", `{"a":"plain text","b":"it's","c":"é\n","d":"two\nlines\n","e":"one line"}`},
		{"an expression is text", "a: ${{ inputs.x }}\n${{ b }}: c", `{"a":"${{ inputs.x }}","${{ b }}":"c"}`},
		{"an alias repeats", "a: &x [1]\nb: *x", `{"a":[1],"b":[1]}`},
		{"empty collections", "a: {}\nb: []", `{"a":{},"b":[]}`},
		{"keys are text", "yes: 1\n12: 2", `{"yes":1,"12":2}`},
		{"control characters are escaped", `a: "\0\t\x1b"`, `{"a":"\u0000\t\u001b"}`},
		{"a scalar alone", "hello", `"hello"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, problems := Data("data.yaml", []byte(test.yaml))
			if len(problems) > 0 {
				t.Fatal(list(problems))
			}
			if string(got) != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDataIsAsStrict(t *testing.T) {
	tests := []struct{ name, yaml, rules string }{
		{"duplicate keys", "a: 1\na: 2\na: 3", "duplicate-key duplicate-key"},
		{"words and numbers that differ", "a: no\nb: 0123\nc: ~\nd: 2024-01-01\ne: .nan", strings.Repeat("ambiguous-scalar ", 5)},
		{"nothing after a key", "a:\nb: 1", "missing-value"},
		{"merge keys", "<<: {a: 1}", "merge-key"},
		{"tags", "a: !x 1", "yaml-tag"},
		{"two documents", "a: 1\n---\nb: 2", "second-document"},
		{"no document", "# nothing", "empty-document"},
		{"not YAML", "a: b: c", "yaml-syntax"},
		{"a cycle", "&a [*a]", "cyclic-alias"},
		{"keys that are no text", "{[a]: 1, '': 2}", "bad-key bad-key"},
		{"too many bytes", "a: " + strings.Repeat("x", maxBytes), "too-large"},
		{"too many nodes", strings.Repeat("- a\n", maxNodes), "too-large"},
		{"too deep", strings.Repeat("- ", maxDepth+1) + "a", "too-large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data, problems := Data("", []byte(test.yaml))
			var rules []string
			for _, p := range problems {
				rules = append(rules, p.Rule)
			}
			if got := strings.Join(rules, " "); got != strings.TrimSpace(test.rules) || data != nil {
				t.Errorf("got %q and the data %q, want %q", got, data, test.rules)
			}
		})
	}
}

// A file that is exactly at a limit is accepted.
func TestLimitsAreInclusive(t *testing.T) {
	for name, text := range map[string]string{
		"bytes": "a: " + strings.Repeat("x", maxBytes-3),
		"nodes": strings.Repeat("- a\n", maxNodes-1),
		"depth": strings.Repeat("- ", maxDepth) + "a",
	} {
		data, problems := Data("", []byte(text))
		if len(problems) > 0 || !json.Valid(data) {
			t.Errorf("%s: %s", name, list(problems))
		}
	}
}

// A file that is named as JSON is read as JSON, and keeps the order of its members and the digits
// of its numbers.
func TestDataFromJSON(t *testing.T) {
	tests := []struct{ name, json, want string }{
		{"an object keeps the order of its members", `{ "b": 1, "a" : [ true, null ] }`, `{"b":1,"a":[true,null]}`},
		{"numbers stay as written", `[0, -1, 1.10, 1e3, 9007199254740993]`, `[0,-1,1.10,1e3,9007199254740993]`},
		{"escapes that YAML does not have", `"\/\ud83d\udc4d"`, `"/👍"`},
		{"texts that YAML refuses", "[\"\u2028\", \"\u202e\", \"\x7f\"]", "[\"\\u2028\",\"\u202e\",\"\x7f\"]"},
		{"words that YAML refuses are texts", `["no", "~", "0123"]`, `["no","~","0123"]`},
		{"an expression is text", `{"${{ a }}": "${{ inputs.x }}"}`, `{"${{ a }}":"${{ inputs.x }}"}`},
		{"an empty name", `{"": 1}`, `{"":1}`},
		{"null alone", `null`, `null`},
		{"tabs as white space", "{\n\t\"a\":\t1\n}", `{"a":1}`},
		{"a byte order mark is ignored", "\ufeff{}", `{}`},
	}
	for _, test := range tests {
		for _, file := range []string{"data.json", "folder/DATA.JSON"} {
			got, problems := Data(file, []byte(test.json))
			if len(problems) > 0 || string(got) != test.want {
				t.Errorf("%s: got %s, want %s\n%s", test.name, got, test.want, list(problems))
			}
		}
	}
}

// The problems of a file of JSON are at its lines and columns.
func TestProblemsOfJSON(t *testing.T) {
	tests := []struct{ name, json, want string }{
		{"YAML", "{\n  a: 1\n}", "2:3-4 json-syntax: expected a name in double quotes, not \"a\""},
		{"a comma too many", "{\n  \"é\": 1,\n}", "2:9-10 json-syntax: a comma must not stand before }"},
		{"an object that is not closed", "[\n  {\"a\": 1", "2:3-4 json-syntax: this object is not closed"},
		{"a name twice", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"a\": 3\n}", "4:3-6 duplicate-key: the name \"a\" occurs twice in this object"},
		{"two names twice", `{"a": 1, "a": {"b": 1, "b": 2}}`, "1:10-13 duplicate-key: the name \"a\" occurs twice in this object\n1:24-27 duplicate-key: the name \"b\" occurs twice in this object"},
		{"half of a pair", `["é\ud83d"]`, `1:4-10 bad-character: \ud83d is half of a character`},
		{"a number too large", "[1,\n 1e400]", "2:2-7 too-large: 1e400 is a number that is too large"},
		{"an integer too large", "[9223372036854775808]", "1:2-21 too-large: 9223372036854775808 is an integer that does not fit into 64 bits"},
		{"a byte that is not UTF-8", "[\n\"\xff\"]", "2:2-3 bad-encoding: byte 0xff is not UTF-8"},
		{"nothing", "\n", "1:1-1 empty-document: the file is empty"},
		{"nothing but a byte order mark", "\ufeff", "1:1-1 empty-document: the file is empty"},
		{"two values", "{}\n{}", "2:1-2 json-syntax: expected the end of the text, not \"{\""},
		{"too many bytes", `"` + strings.Repeat("x", maxBytes) + `"`, "1:1-1 too-large: the file has 262146 bytes"},
		{"too many values", "[" + strings.Repeat("1,", maxNodes) + "1]", "1:20000-20001 too-large: there are more than 10000 names and values"},
		{"too deep", strings.Repeat("[", maxDepth+1), "1:33-34 too-large: lists and objects are nested more than 32 deep"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data, problems := Data("data.json", []byte(test.json))
			var got []string
			for _, p := range problems {
				got = append(got, strings.Split(list([]diag.Problem{p}), "\n")[0])
			}
			if strings.Join(got, "\n") != test.want || data != nil {
				t.Errorf("got %q and the data %q, want %q", got, data, test.want)
			}
		})
	}
}

// Positions lead from the JSON to the keys and items of the source, in both formats.
func TestPositionsOfData(t *testing.T) {
	for file, source := range map[string]string{"a.json": "{\n\"a\": [1,\n {\"b\": 2}]}", "a.yaml": "\na: [1,\n {b: 2}]"} {
		data, places, problems := PlacedData(file, []byte(source))
		if len(problems) > 0 || string(data) != `{"a":[1,{"b":2}]}` {
			t.Fatalf("%s: %s, %s", file, data, list(problems))
		}
		for part, line := range map[string]int{`"a"`: 2, `1,`: 2, `{"b`: 3, `"b"`: 3} {
			if at := places.At(strings.Index(string(data), part)); at.Line != line {
				t.Errorf("%s: %s is on line %d, want %d", file, part, at.Line, line)
			}
		}
	}
}
