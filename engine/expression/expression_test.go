package expression

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"errand/engine/schema"
)

func TestEval(t *testing.T) {
	for _, test := range []struct {
		source string
		kind   string
		want   any
	}{
		// literals
		{`1`, "integer", 1},
		{`1.5`, "number", 1.5},
		{`-2`, "integer", -2},
		{`0x10`, "integer", 16},
		{`"a" + 'b'`, "string", "ab"},
		{"`a\\d`", "string", `a\d`},
		{`true`, "boolean", true},
		{`nil`, "null", nil},
		{`null`, "null", nil},
		{`[1, 2]`, "list of integers", []any{1, 2}},
		{`[1, 2.5]`, "list of numbers", []any{1.0, 2.5}},
		{`[1, nil]`, "list of integers or nulls", []any{1, nil}},
		{`[1, "a"]`, "list", []any{1, "a"}},
		{`[]`, "list", []any{}},
		{`{a: 1, "b": "x"}.b`, "string", "x"},
		{`{a: 1}`, "object", map[string]any{"a": 1}},
		{`{("a" + "b"): 1}.ab`, "any", 1},
		{`duration("1h30m")`, "duration", 90 * time.Minute},

		// places
		{`inputs.name`, "string", "wörld"},
		{`inputs["name"]`, "string", "wörld"},
		{`inputs?.name`, "string", "wörld"},
		{`inputs["odd-name"]`, "string", "odd"},
		{`inputs.note`, "string or null", nil},
		{`steps.maybe.state`, "string or null", nil},
		{`steps.maybe.owner.name`, "string or null", nil},
		{`steps.maybe?.owner?.name`, "string or null", nil},
		{`inputs.any.what.ever`, "any", nil},
		{`inputs.blob.deep.er`, "any", true},
		{`inputs.blob[inputs.name]`, "any", nil},
		{`inputs.labels`, "object of strings", map[string]any{"team": "desk"}},
		{`inputs.labels.team`, "string or null", "desk"},
		{`inputs.labels["team"] ?? ""`, "string", "desk"},
		{`inputs.labels[inputs.name]`, "string or null", nil},
		{`inputs.labels.owner ?? "nobody"`, "string", "nobody"},
		{`inputs.labels.team != nil ? len(inputs.labels.team) : 0`, "integer", 4},
		{`inputs.flag ? inputs.labels : inputs.labels`, "object of strings", map[string]any{"team": "desk"}},
		{`(inputs.flag ? inputs.labels : inputs.blob).team`, "any", "desk"},
		{`inputs.tags[0]`, "string or null", "b"},
		{`inputs.tags[-1]`, "string or null", "b"},
		{`inputs.tags[9]`, "string or null", nil},
		{`inputs.tags[-9]`, "string or null", nil},
		{`inputs.rows[7].name`, "string or null", nil},
		{`inputs.rows[1].name`, "string or null", "r2"},
		{`inputs.tags[1:]`, "list of strings", []any{"a", "b"}},
		{`inputs.tags[5:2]`, "list of strings", []any{}},
		{`inputs.name[1:3]`, "string", "ör"},
		{`inputs.name[-2:]`, "string", "ld"},

		// null
		{`inputs.note ?? "none"`, "string", "none"},
		{`steps.maybe.state ?? "none"`, "string", "none"},
		{`inputs.note == nil`, "boolean", true},
		{`inputs.limit == 3`, "boolean", false},
		{`inputs.switch && true`, "boolean", false},
		{`!inputs.switch`, "boolean", true},
		{`inputs.switch ? 1 : 2`, "integer", 2},
		{`inputs.note != nil ? inputs.note + "!" : "-"`, "string", "-"},
		{`inputs.note != nil && inputs.note startsWith "a"`, "boolean", false},
		{`inputs.note == nil || inputs.note startsWith "a"`, "boolean", true},
		{`not (inputs.note == nil) && len(inputs.note) > 1`, "boolean", false},
		{`steps.maybe.owner.age != nil and steps.maybe.owner.age + steps.maybe.code > 1`, "boolean", false},
		{`inputs.note in ["a", "b"] ? inputs.note : "c"`, "string", "c"},
		{`inputs.note == "a" ? upper(inputs.note) : "c"`, "string", "c"},
		{`(inputs.note ?? "") != "" ? upper(inputs.note) : "c"`, "string", "c"},
		{`(steps.maybe.up ?? false) ? steps.maybe.state : "c"`, "string", "c"},
		{`steps.maybe.up ? steps.maybe.state : "c"`, "string", "c"},
		{`inputs.flag ? steps.later.state : "c"`, "string", "stopped"},
		{`inputs.flag && steps.later.code < 300`, "boolean", true},
		{`let s = steps.maybe; s != nil ? s.state : "x"`, "string", "x"},
		{`let s = steps.maybe; s.state != nil && s.state startsWith "r"`, "boolean", false},
		{`filter(inputs.rows, .opt != nil && .opt startsWith "o")`, "list of objects", []any{map[string]any{"name": "r2", "n": 2, "opt": "o"}}},
		{`map(inputs.holes, # ?? 0)`, "list of integers", []any{1, 0, 3}},
		{`inputs.flag ? 1 : nil`, "integer or null", 1},
		{`sum(filter(inputs.holes, # != nil))`, "integer", 4},
		{`"a\ud83d\ude00b" + '\uD83D\uDE00'`, "string", "a😀b😀"},
		{`[len("\ud83d\ude00"), {"\ud83d\ude00": 1}["😀"]]`, "list of integers", []any{1, 1}},
		{"'\\\\ud83d' + `\\ud83d` + \"\\U0001f600\"", "string", `\ud83d\ud83d😀`},
		{`{running: 1, stopped: 2, pending: 3}[steps.start.state]`, "integer", 1},
		{`{running: 1, stopped: inputs.limit, pending: 3, other: "a"}[steps.start.state]`, "integer or null", 1},
		{`{running: 1, stopped: 2}[steps.start.state]`, "integer or null", 1},
		{`{running: 1, stopped: 2, pending: 3}[steps.maybe.state ?? "running"]`, "integer or null", 1},
		{`filter(inputs.holes, # == nil)`, "list of integers or nulls", []any{nil}},
		{`filter(inputs.rows, .opt != nil)[0]?.n`, "integer or null", 2},
		{`nil in ["a"]`, "boolean", false},

		// operators
		{`1 + 2 * 3`, "integer", 7},
		{`1 + 0.5`, "number", 1.5},
		{`4 / 2`, "number", 2.0},
		{`7 % 4`, "integer", 3},
		{`2 ** 3`, "number", 8.0},
		{`inputs.wait + duration("30s")`, "duration", 2 * time.Minute},
		{`inputs.wait * 2`, "duration", 3 * time.Minute},
		{`inputs.wait / duration("30s")`, "number", 3.0},
		{`duration("1d12h")`, "duration", 36 * time.Hour},
		{`1.5 * inputs.wait`, "duration", 135 * time.Second},
		{`inputs.wait * 0.1`, "duration", 9 * time.Second},
		{`inputs.wait / 4`, "duration", 22500 * time.Millisecond},
		{`inputs.wait / 0.5`, "duration", 3 * time.Minute},
		{`duration("2d") / duration("1h")`, "number", 48.0},
		{`string(duration("2d"))`, "string", "48h"},
		{`inputs.wait > duration("1m")`, "boolean", true},
		{`1 < 2 < 3`, "boolean", true},
		{`"a" < "b"`, "boolean", true},
		{`1 == 1.0`, "boolean", true},
		{`[1, [2]] == [1, [2.0]]`, "boolean", true},
		{`inputs.any == "x"`, "boolean", true},
		{`"a" in inputs.tags`, "boolean", true},
		{`"c" not in inputs.tags`, "boolean", true},
		{`"name" in inputs`, "boolean", true},
		{`"i-12" matches "^i-[0-9]+$"`, "boolean", true},
		{`"abc" matches inputs.name`, "boolean", false},
		{`1..3`, "list of integers", []any{1, 2, 3}},
		{`3..1`, "list of integers", []any{}},
		{`if inputs.size > 2 { "big" } else { "small" }`, "string", "big"},
		{`inputs.flag ?: false`, "boolean", true},
		{`inputs.size > 2 ? 1 : 2.5`, "number", 1.0},
		{`inputs.tags | map(upper(#)) | join("-")`, "string", "B-A-B"},

		// functions
		{`len("wörld") + len([1]) + len({a: 1})`, "integer", 7},
		{`string(1) + string(1.50) + string(true) + string(inputs.wait)`, "string", "11.5true1m30s"},
		{`string(inputs.any)`, "string", "x"},
		{`string(inputs.mixed[0]) + string(inputs.mixed[2]) + string(inputs.blob.deep)`, "string", `1null{"er":true}`},
		{`int(2.9) + (int("40") ?? 0)`, "integer", 42},
		{`int("x") ?? -1`, "integer", -1},
		{`float("1e3") ?? 0`, "number", 1000.0},
		{`float("inf")`, "number or null", nil},
		{`toJSON({b: 1, a: inputs.wait})`, "string", `{"a":"1m30s","b":1}`},
		{`lower("ÄB") + upper("é") + trim(" a ") + trim("xax", "x")`, "string", "äbÉaa"},
		{`trimPrefix("ab", "a") + trimSuffix("ab", "b")`, "string", "ba"},
		{`split("a,b", ",")`, "list of strings", []any{"a", "b"}},
		{`replace("aaa", "a", "b") + repeat("x", 2) + repeat("x", -1)`, "string", "bbbxx"},
		{`indexOf("wörld", "r") + lastIndexOf("öö", "ö") + indexOf("a", "z")`, "integer", 2},
		{`hasPrefix("ab", "a") && hasSuffix("ab", "b")`, "boolean", true},
		{`abs(-2) + max(1, 3, 2) + min(5, 4)`, "integer", 9},
		{`ceil(1.2) + floor(1.8) + round(2.5)`, "number", 6.0},
		{`max(1, 2.5)`, "number", 2.5},
		{`max(inputs.waits)`, "duration or null", time.Minute},
		{`first(inputs.tags) ?? ""`, "string", "b"},
		{`last(inputs.more ?? [])`, "string or null", nil},
		{`take(inputs.tags, 2)`, "list of strings", []any{"b", "a"}},
		{`sort(inputs.tags)`, "list of strings", []any{"a", "b", "b"}},
		{`reverse(uniq(inputs.tags))`, "list of strings", []any{"a", "b"}},
		{`concat([1], [2.5])`, "list of numbers", []any{1.0, 2.5}},
		{`sum(inputs.rows, .n) + sum([1, 2]) + count(inputs.tags, # == "b")`, "integer", 8},
		{`sum(inputs.waits)`, "duration", 61 * time.Second},
		{`find(inputs.rows, .n > 1).name`, "string or null", "r2"},
		{`any(inputs.matrix, any(#, # == 2))`, "boolean", true},
		{`all(inputs.rows, .n > 0) && one(inputs.rows, .n == 1) && none(inputs.rows, .n == 9)`, "boolean", true},
		{`map(inputs.tags, #index)`, "list of integers", []any{0, 1, 2}},
	} {
		t.Run(test.source, func(t *testing.T) {
			p, problems := Compile(test.source, testScope())
			if len(problems) > 0 {
				t.Fatal(show(test.source, problems))
			}
			if got := p.Type().String(); got != test.kind {
				t.Errorf("type is %s, want %s", got, test.kind)
			}
			got, err := p.Eval(testEnv())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
			if problem := misfit(p.Type(), got); problem != "" {
				t.Error(problem)
			}
		})
	}
}

func show(source string, problems []Problem) string {
	var text strings.Builder
	text.WriteString(source)
	for _, p := range problems {
		text.WriteString(fmt.Sprintf("\n  %d-%d %q [%s] %s | %s | %s | %q | fix %q", p.From, p.To, source[p.From:p.To], p.Rule, p.Message, p.Label, p.Help, p.Notes, p.Suggest))
	}
	return text.String()
}

// misfit returns why a value is not of a type. Unlike package schema, it accepts one form only.
func misfit(t schema.Type, v any) string {
	if v == nil {
		if t.Nullable || t.Kind == schema.Any {
			return ""
		}
		return "null is not " + t.Article()
	}
	ok := false
	switch v := v.(type) {
	case bool:
		ok = t.Kind == schema.Boolean
	case int:
		ok = t.Kind == schema.Integer
	case float64:
		ok = t.Kind == schema.Number
	case string:
		ok = t.Kind == schema.String
	case time.Duration:
		ok = t.Kind == schema.Duration && v >= 0
	case []any:
		ok = t.Kind == schema.List && v != nil
		for _, item := range v {
			if problem := misfit(itemOf(t), item); ok && problem != "" {
				return problem
			}
		}
	case map[string]any:
		ok = t.Kind == schema.Object
		for _, f := range t.Fields {
			if problem := misfit(f.Type, v[f.Name]); ok && problem != "" {
				return f.Name + ": " + problem
			}
		}
	}
	if !ok && t.Kind != schema.Any {
		return fmt.Sprintf("%#v is not %s", v, t.Article())
	}
	return ""
}
