package definition

import (
	"encoding/json"
	"strings"
	"testing"
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
