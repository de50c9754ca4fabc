package expression

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"errand/engine/patience"
)

// Without its limit, each attack would end the process, fill its memory or keep it busy for
// minutes. Compile must refuse it, or its evaluation must stay within the limits.
func TestAttacks(t *testing.T) {
	var lets strings.Builder
	lets.WriteString("let a0 = repeat(\"x\", 1000); ")
	for i := range 40 {
		lets.WriteString(fmt.Sprintf("let a%d = a%d + a%d; ", i+1, i, i))
	}
	var shared strings.Builder
	shared.WriteString("let a0 = [1, 1]; ")
	for i := range 60 {
		shared.WriteString(fmt.Sprintf("let a%d = [a%d, a%d]; ", i+1, i, i))
	}
	var types strings.Builder
	types.WriteString("let a0 = {x: 1, y: 2}; ")
	for i := range 60 {
		types.WriteString(fmt.Sprintf("let a%d = {x: a%d, y: a%d}; ", i+1, i, i))
	}
	elvis, between := "inputs.flag", "1"
	for range 60 {
		elvis = "(" + elvis + " ?: true)"
		between = "1 < (" + between + ") < 3"
	}
	deep := "1..1000"
	for _, test := range []struct{ name, source, want string }{
		{"a megabyte of brackets", strings.Repeat("(", 1<<20), "bytes long"},
		{"brackets within the length", strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000), "nested more than 64 deep"},
		{"square brackets", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), "nested more than 64 deep"},
		{"a chain of !", strings.Repeat("!", 2000) + "true", "too many parts"},
		{"a chain of -", strings.Repeat("-", 2000) + "1", "too many parts"},
		{"a chain of not", strings.Repeat("not ", 500) + "true", "too many parts"},
		{"a chain of ??", "inputs.note" + strings.Repeat(" ?? nil", 290), "too many parts"},
		{"a chain of +", "1" + strings.Repeat("+1", 1000), "too many parts"},
		{"a chain of ?", strings.Repeat("inputs.flag ? 1 : ", 100) + "1", "too many parts"},
		{"a chain of if", strings.Repeat("if true { 1 } else ", 100) + "{ 1 }", ""},
		{"a chain of members", "inputs.any" + strings.Repeat(".a", 1000), "too many parts"},
		{"a shared condition", elvis, "too many parts"},
		{"a shared comparison", between, "too many parts"},
		{"doubling a text", lets.String() + "a40", "longer than 64 KiB"},
		{"doubling a list", shared.String() + "a60", "larger than 64 KiB"},
		{"doubling a list, measured", strings.Replace(shared.String(), "1, 1", "inputs.any", 1) + "toJSON(a60)", "longer than 64 KiB"},
		{"doubling a list, compared", strings.Replace(shared.String(), "1, 1", "inputs.any", 1) + "a60 == a60", "takes too many steps"},
		{"doubling a type", types.String() + "a60", "too many nested parts"},
		{"doubling a type, joined", types.String() + "true ? a60 : a60", "too many nested parts"},
		{"repeat", `repeat("x", 1000000000)`, "longer than 64 KiB"},
		{"repeat of repeat", `repeat(repeat("x", 60000), 60000)`, "longer than 64 KiB"},
		{"repeat of nothing", `repeat("", 1000000000000)`, ""},
		{"replace", `replace(repeat("x", 60000), "x", repeat("y", 60000))`, "longer than 64 KiB"},
		{"replace of nothing", `replace(repeat("x", 60000), "", "yy")`, "longer than 64 KiB"},
		{"join", `join(split(repeat("x", 9000), ""), repeat("y", 60000))`, "longer than 64 KiB"},
		{"split", `split(repeat("x", 60000), "")`, "longer than 10000 elements"},
		{"many texts", `map(1..1000, repeat("x", 60000))`, "builds too much text"},
		{"many joined texts", `let s = repeat("x", 30000); map(1..1000, s + s)`, "builds too much text"},
		{"a range", `1..1000000000`, "longer than 1000 elements"},
		{"the largest range", `-9223372036854775807..9223372036854775807`, "longer than 1000 elements"},
		{"concat", "let a = 1..1000; let b = concat(a,a,a,a,a,a,a,a,a,a,a); b", "longer than 10000 elements"},
		{"concat in a closure", "let a = 1..1000; map(a, concat(a, a))", "takes too many steps"},
		{"a closure in a closure", deep + " | map(count(1..1000, # > 5))", "takes too many steps"},
		{"three closures", "map(1..2, map(1..2, map(1..2, 1)))", "nested more than 2 deep"},
		{"sort in a closure", "let a = 1..1000; map(a, len(sort(a)))", "takes too many steps"},
		{"uniq of lists", "let a = map(1..1000, [#]); uniq(a)", "takes too many steps"},
		{"in, in a closure", "let a = 1..1000; map(a, -1 in a)", "takes too many steps"},
		{"reverse of characters", `map(1..1000, len(split(repeat("ab", 4000), "a")))`, "too"},
		{"trim with a long set", `map(1..100, trim(repeat("x", 9000), repeat("xy", 9000)))`, "too"},
		{"a large pattern", `inputs.name matches "((a{30}){30}){30}"`, "repeat count"},
		{"a wide pattern", `inputs.name matches "` + strings.Repeat("(x?){900}", 100) + `"`, "pattern of matches is too large"},
		{"a computed pattern that is none", `"a" matches "(" + "("`, "cannot be read"},
		{"a slow pattern", `map(1..1000, repeat("a", 1000) matches "^(a?){200}b$")`, "too many steps"},
		{"a computed pattern", `"a" matches repeat("(x?){900}", 100)`, "too large"},
		{"computed patterns", `map(1..1000, "a" matches repeat("(x?)", #))`, "too many steps"},
		{"a pattern of backtracking engines", `repeat("a", 5000) matches "^(a+)+$"`, ""},
		{"infinity", `1e308 * 10`, "out of range"},
		{"infinity by a power", `10 ** 400`, "out of range"},
		{"not a number", `(-8) ** 0.5`, "out of range"},
		{"division by zero", `1 / 0`, "division by zero"},
		{"remainder by zero", `1 % 0`, "division by zero"},
		{"overflow", `9223372036854775807 + 1`, "out of range"},
		{"overflow of a difference", `-9223372036854775807 - 2`, "out of range"},
		{"overflow of a difference of the least", `0 - (-9223372036854775807 - 1)`, "out of range"},
		{"the least, negated", `-(-9223372036854775807 - 1)`, "out of range"},
		{"the least, divided", `(-9223372036854775807 - 1) % -1`, ""},
		{"overflow of a product", `4611686018427387904 * 2`, "out of range"},
		{"overflow of a duration", `duration("2000000h") * 1000`, "out of range"},
		{"a negative duration", `duration("1s") - duration("2s")`, "negative"},
		{"a negative factor", `duration("1s") * -0.5`, "negative"},
		{"overflow of a duration by a fraction", `duration("1d") / 0.000000001`, "out of range"},
		{"a duration by nothing", `duration("1d") / 0`, "division by zero"},
		{"a duration by no time", `duration("1d") / duration("0")`, "division by zero"},
		{"a huge number as integer", `int(1e300)`, "out of range"},
		{"the environment", `$env`, "not known"},
		{"the environment's members", `$env["inputs"]`, "not known"},
		{"get", `get(inputs, "nme")`, "not allowed"},
		{"the clock", `now()`, "not allowed"},
		{"the clock in a pipe", `inputs.name | now()`, "not allowed"},
		{"the clock, past the overrides", `::now()`, "not allowed"},
		{"keys", `keys(inputs)`, "not allowed"},
		{"reduce", `reduce(1..9, #acc + #)`, "not allowed"},
		{"the counter", `let run = 1; run`, "is already a name"},
		{"a name of the machine", `let v = 1; tick(v)`, "no function"},
		{"methods", `inputs.wait.String()`, "no methods"},
		{"text that is not UTF-8", "\"\xff\"", "not valid UTF-8"},
		{"half a surrogate", `"\ud800"`, "is half a character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			p, problems := Compile(test.source, testScope())
			for _, problem := range problems {
				got += problem.Message + "\n"
			}
			if p != nil {
				if _, err := p.Eval(testEnv()); err != nil {
					got = err.Error()
				}
			}
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if len(got) > 500 {
				t.Errorf("a long message: %s", got)
			}
		})
	}
}

// A value that does not have the declared type causes an error. It never causes a panic, and the
// error never contains the value.
func TestEvalWithWrongValues(t *testing.T) {
	for _, source := range []string{
		`inputs.name + "x"`, `inputs.size + 1`, `inputs.flag ? 1 : 2`, `filter(inputs.tags, # == "a")`, `len(inputs.tags)`, `inputs.wait * 2`, `sort(inputs.tags)`,
	} {
		p, problems := Compile(source, testScope())
		if p == nil {
			t.Fatal(show(source, problems))
		}
		for _, env := range []map[string]any{nil, {}, {"inputs": "secret"}, {"inputs": map[string]any{
			"name": 1, "size": "secret", "flag": "secret", "tags": "secret", "wait": "secret",
		}}} {
			if _, err := p.Eval(env); err != nil && err != errMisfit {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
}

func TestLargeValuesAreRefused(t *testing.T) {
	env := testEnv()
	env["inputs"].(map[string]any)["name"] = strings.Repeat("x", maxText+1)
	for _, source := range []string{`inputs.name`, `[inputs.name]`, `inputs`, `inputs.flag ? inputs.name : ""`} {
		p, problems := Compile(source, testScope())
		if p == nil {
			t.Fatal(show(source, problems))
		}
		if _, err := p.Eval(env); err != errResult {
			t.Errorf("%s: %v, want %v", source, err, errResult)
		}
	}
}

// A program is safe for concurrent use. The race detector checks it.
func TestConcurrentEval(t *testing.T) {
	p, problems := Compile(`map(inputs.tags, upper(#) + string(len(inputs.rows)))`, testScope())
	if p == nil {
		t.Fatal(problems)
	}
	env := testEnv()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if v, err := p.Eval(env); err != nil || v.([]any)[0] != "B2" {
					t.Error(v, err)
				}
			}
		})
	}
	wg.Wait()
}

// No source makes Compile or Eval panic, or take long.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`inputs.name`, `steps.maybe.state ?? "x"`, `filter(inputs.rows, .n > 1 && .opt != nil)`, `let a = 1..9; sum(a, # * 2)`, `inputs.flag ? [1] : {a: 2}`,
		`if inputs.flag { 1 } else { 2 }`, `"a" matches "^(a|b)+$"`, "inputs.tags | map(upper(#)) | join(`-`)", `duration("1m") * 3 > inputs.wait`, `1 < inputs.size <= 3`,
		`toJSON({("a" + "b"): inputs.any, c: inputs.mixed[1:]})`, `(inputs.flag ?: false) ?: true`, `not (inputs.note in ["é"])`, `{a: 1}?.["a"]`, "1 // c\n + /* d */ 2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		var p *Program
		var problems []Problem
		patience.Within(t, "Compile", func() { p, problems = Compile(source, testScope()) })
		if (p == nil) == (len(problems) == 0) {
			t.Fatalf("%q: neither a program nor a problem, or both", source)
		}
		for _, problem := range problems {
			if problem.From < 0 || problem.To > len(source) || problem.From > problem.To || problem.Message == "" {
				t.Fatalf("%q: not a problem: %+v", source, problem)
			}
		}
		if p != nil {
			var v any
			var err error
			patience.Within(t, "Eval", func() { v, err = p.Eval(testEnv()) })
			if size := 0; err == nil && !measure(v, &size, maxText) {
				t.Fatalf("%q: the result is %d bytes long", source, size)
			}
			if err == errMisfit {
				t.Fatalf("%q: %v", source, err)
			}
			if err == nil {
				if problem := misfit(p.Type(), v); problem != "" {
					t.Fatalf("%q: announced %s: %s", source, p.Type(), problem)
				}
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	scope := testScope()
	for _, source := range []string{`inputs.name`, `steps.maybe.state ?? "none"`, `inputs.flag && steps.later.code < 300 && steps.start.state in ["running", "pending"]`, `filter(inputs.rows, .n > 1)`} {
		b.Run(source, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p, _ := Compile(source, scope); p == nil {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkEval(b *testing.B) {
	scope, env := testScope(), testEnv()
	for _, source := range []string{`steps.start.state`, `steps.maybe.state ?? "none"`, `steps.start.state == "running"`, `inputs.name + "!"`, `filter(inputs.rows, .n > 1)`,
		`map(1..1000, # * 2)`, `map(1..100, count(1..100, # > 5))`, `repeat("a", 1000) matches "^(a?){200}b$"`} {
		b.Run(source, func(b *testing.B) {
			p, problems := Compile(source, scope)
			if p == nil {
				b.Fatal(problems)
			}
			p.fixed = false
			b.ReportAllocs()
			for b.Loop() {
				_, _ = p.Eval(env)
			}
		})
	}
}
