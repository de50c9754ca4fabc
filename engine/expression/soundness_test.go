package expression

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine/schema"
)

// TestAcceptedExpressionsEvaluate tests the promise of the package: an expression that Compile
// accepts evaluates to a value of its Type, whatever the values, and fails only for the declared
// reasons.
func TestAcceptedExpressionsEvaluate(t *testing.T) {
	declared := []error{errZero, errInteger, errNumber, errDuration, errNegative, errWork, errText, errBuilt, errList, errRange, errResult,
		errPattern, errPatternLarge}
	accepted, tried, failed := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		scope := testScope()
		facts := rapid.SampledFrom([][]string{nil, {"inputs.flag"}, {"steps.maybe != nil"}, {"inputs.note != nil", "steps.maybe.up"}}).Draw(t, "facts")
		scope.Facts = facts
		source := grammar{t, 0, 0}.expression(rapid.SampledFrom(kinds).Draw(t, "kind"), 4)
		tried++
		p, problems := Compile(source, scope)
		if (p == nil) == (len(problems) == 0) {
			t.Fatalf("%s: neither a program nor a problem, or both", source)
		}
		for _, problem := range problems {
			if problem.From < 0 || problem.To > len(source) || problem.From > problem.To || problem.Message == "" || problem.Rule == "" {
				t.Fatalf("%s: not a problem: %+v", source, problem)
			}
		}
		if p == nil {
			return
		}
		accepted++
		for range 4 {
			env := randomEnv(t, scope.Roots, facts)
			v, err := p.Eval(env)
			if err != nil {
				failed++
				if !slices.Contains(declared, err) {
					t.Fatalf("%s: %v\nenv %v", source, err, env)
				}
				continue
			}
			if problem := misfit(p.Type(), v); problem != "" {
				t.Fatalf("%s: announced %s: %s\nenv %v", source, p.Type(), problem, env)
			}
			if again, err := p.Eval(env); err != nil || string(schema.Encode(again)) != string(schema.Encode(v)) {
				t.Fatalf("%s: evaluated twice: %v, %v, %v", source, v, again, err)
			}
			if v == true {
				checkImplied(t, p, scope, env)
			}
			checkText(t, source, env, v)
		}
	})
	t.Logf("%d expressions, %d accepted, %d evaluations failed as declared", tried, accepted, failed)
	if accepted*4 < tried {
		t.Errorf("only %d of %d expressions were accepted: the generator tests too little", accepted, tried)
	}
}

// checkImplied checks that the conditions hold that a true expression implies.
func checkImplied(t *rapid.T, p *Program, scope Scope, env map[string]any) {
	for _, text := range p.Implies() {
		implied, problems := Compile(text, Scope{Roots: scope.Roots, Proofs: scope.Proofs, Facts: scope.Facts})
		if implied == nil {
			continue // a part may need the guards before it
		}
		if v, err := implied.Eval(env); err == nil && v != true {
			t.Fatalf("%s is true and %s is %v (%v)", p.Source(), text, v, problems)
		}
	}
}

// checkText checks that the canonical text has the same meaning as the source.
func checkText(t *rapid.T, source string, env map[string]any, want any) {
	text, ok := Canonical(source)
	again, same := Canonical(text)
	if len(text) > maxSource || strings.Contains(text, "{") {
		return // too long to parse again, or a closure, whose canonical text has other braces
	}
	if !ok || !same || again != text {
		t.Fatalf("%s: canonical text %q becomes %q", source, text, again)
	}
	p, _ := Compile(text, testScope())
	if p == nil {
		return
	}
	if got, err := p.Eval(env); err != nil || string(schema.Encode(got)) != string(schema.Encode(want)) {
		t.Fatalf("%s: %v, but %s: %v, %v", source, want, text, got, err)
	}
}

// grammar generates random expressions, most of them well typed.
type grammar struct {
	t        *rapid.T
	closures int
	lets     int
}

var kinds = []string{"string", "integer", "number", "boolean", "duration", "texts", "integers", "rows", "any", "object"}

func (g grammar) pick(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "pick") }

func (g grammar) one(list ...string) string { return list[g.pick(len(list))] }

// expression generates an expression of a kind, sometimes one of another kind or one that may be
// null.
func (g grammar) expression(kind string, depth int) string {
	if g.pick(40) == 0 {
		kind = kinds[g.pick(len(kinds))]
	}
	if depth <= 0 {
		return g.leaf(kind)
	}
	e := func(kind string) string { return "(" + g.expression(kind, depth-1) + ")" }
	switch g.pick(14) {
	case 0:
		return g.leaf(kind)
	case 1:
		return fmt.Sprintf("%s ? %s : %s", e("boolean"), e(kind), e(kind))
	case 2:
		return fmt.Sprintf("(%s) ?? %s", g.nullablePlace(kind), e(kind))
	case 3:
		place := g.nullablePlace(kind)
		return fmt.Sprintf("%s != nil ? %s : %s", place, place, e(kind))
	case 4:
		if g.lets < 3 {
			g.lets++
			name := fmt.Sprint("v", g.lets)
			return fmt.Sprintf("(let %s = %s; %s)", name, e(kind), strings.ReplaceAll(g.expression(kind, depth-1), "@", name))
		}
	case 5:
		return fmt.Sprintf("%s.m", fmt.Sprintf("{m: %s, o: %s}", e(kind), e("any")))
	case 6:
		if kind != "rows" && kind != "object" {
			return fmt.Sprintf("[%s, %s][%s] ?? %s", e(kind), e(kind), e("integer"), e(kind))
		}
	}
	switch g.pick(8) {
	case 0: // what a condition proves about a place, and what it does not
		place := g.nullablePlace(kind)
		return fmt.Sprintf("%s ? %s : %s", g.about(place, kind), place, g.one(place, e(kind)))
	case 1:
		if kind != "rows" && kind != "object" {
			return fmt.Sprintf("[%s, %s][%s]", e(kind), e(kind), e("integer"))
		}
	}
	switch kind {
	case "string":
		return g.ofString(e)
	case "integer":
		return g.ofInteger(e, depth)
	case "number":
		return g.one(e("number")+" "+g.one("+", "-", "*", "/", "**")+" "+e("integer"), "round("+e("number")+")", "float("+e("string")+") ?? 0.5", "max("+e("number")+", "+e("integer")+")", e("duration")+" / "+e("duration"), "abs(-"+e("number")+")")
	case "boolean":
		return g.ofBoolean(e, depth)
	case "duration":
		return g.one(e("duration")+" + "+e("duration"), e("duration")+" - "+e("duration"), e("duration")+" "+g.one("*", "/")+" "+e(g.one("integer", "number")), e("number")+" * "+e("duration"), "min("+e("duration")+", "+e("duration")+")", "sum(["+e("duration")+"])")
	case "texts":
		return g.one("split("+e("string")+", "+e("string")+")", "sort("+e("texts")+")", "concat("+e("texts")+", "+e("texts")+")", e("texts")+"["+e("integer")+":]",
			"uniq("+e("texts")+")", "take("+e("texts")+", "+e("integer")+")", "["+e("string")+"]", g.closure("map", "rows", "string", depth), g.closure("filter", "texts", "boolean", depth))
	case "integers":
		return g.one(e("integer")+".."+e("integer"), "reverse("+e("integers")+")", g.closure("map", "integers", "integer", depth), g.closure("filter", "integers", "boolean", depth), "["+e("integer")+", "+e("integer")+"]")
	case "rows":
		return g.one(g.closure("filter", "rows", "boolean", depth), "reverse("+e("rows")+")", e("rows")+"[:"+e("integer")+"]")
	case "object":
		return g.one("{a: "+e("integer")+", b: "+e("string")+"}", "steps.maybe ?? steps.start", "find("+e("rows")+", .n > 1) ?? {n: 1}")
	}
	return g.one(e("string"), e("number"), "inputs.any.x", "inputs.mixed["+e("integer")+"]", e("object"))
}

func (g grammar) ofString(e func(string) string) string {
	return g.one(e("string")+" + "+e("string"), "upper("+e("string")+")", "trim("+e("string")+", "+e("string")+")", "replace("+e("string")+", "+e("string")+", "+e("string")+")",
		"repeat("+e("string")+", "+e("integer")+")", "join("+e("texts")+", "+e("string")+")", "string("+e(g.one("integer", "number", "boolean", "duration", "any"))+")",
		e("string")+"["+e("integer")+":"+e("integer")+"]", "toJSON("+e(g.one(kinds...))+")", "first("+e("texts")+") ?? "+e("string"))
}

func (g grammar) ofInteger(e func(string) string, depth int) string {
	return g.one(e("integer")+" "+g.one("+", "-", "*", "%")+" "+e("integer"), "-"+e("integer"), "{running: "+e("integer")+", stopped: 2, pending: "+e("integer")+"}["+g.one("steps.start.state", "steps.maybe.state ?? steps.start.state", "steps.maybe.state")+"]", "len("+e(g.one("string", "texts", "rows"))+")", "int("+e("number")+")",
		"int("+e(g.one("string", "any"))+") ?? "+e("integer"), "len(toList("+e(g.one("any", "texts"))+") ?? "+e("texts")+")", "indexOf("+e("string")+", "+e("string")+")", "sum("+e("integers")+")", g.closure("count", "texts", "boolean", depth), g.closure("sum", "rows", "integer", depth))
}

func (g grammar) ofBoolean(e func(string) string, depth int) string {
	a, whole := g.one(kinds[:5]...), g.nullablePlace("integer")
	return g.one(e(a)+" "+g.one("==", "!=")+" "+e(a), e("boolean")+" "+g.one("&&", "||", "and", "or", "==")+" "+e("boolean"), "!"+e("boolean"),
		e("integer")+" "+g.one("<", ">=")+" "+e("number"), e("duration")+" "+g.one("<", ">=")+" "+e("duration"), e("string")+" "+g.one("contains", "startsWith", "matches", "<")+" "+e("string"),
		e("string")+" in "+e("texts"), e("any")+" in "+e("object"), e("any")+" == "+e("any"), g.nullablePlace(a)+" == "+g.nullablePlace(a), g.nullablePlace("boolean")+" || "+e("boolean"), g.about(whole, "integer")+" "+g.one("&&", "||")+" "+whole+" < 3",
		g.closure(g.one("any", "all", "one", "none"), g.one("rows", "texts", "integers"), "boolean", depth), e("rows")+" == "+e("rows"),
		"steps.maybe != nil && "+g.one("steps.maybe.success", "steps.maybe.code > 1", "steps.maybe.owner.name == 'x'"), "inputs.flag && steps.later.code > "+e("integer"))
}

// about generates a condition about a place.
func (g grammar) about(place, kind string) string {
	leaf := g.leaf(kind)
	condition := g.one(place+" == nil", place+" != nil", "not (nil == "+place+")", place+" == "+leaf, place+" != "+leaf, place+" == "+g.nullablePlace(kind), place+" in ["+leaf+", "+leaf+"]",
		place+" in [nil, "+leaf+"]", "("+place+" ?? "+leaf+") "+g.one("!=", "==")+" "+leaf, g.substituted(place, kind, leaf), "("+g.nullablePlace("boolean")+" ?? "+g.leaf("boolean")+")", g.nullablePlace("boolean"), "inputs.flag", "steps.maybe != nil")
	switch g.pick(5) {
	case 0:
		return "(" + condition + " " + g.one("&&", "||") + " " + g.about(place, kind) + ")"
	case 1:
		return "!(" + condition + ")"
	}
	return "(" + condition + ")"
}

// substituted generates a condition about a place in which a literal replaces null.
func (g grammar) substituted(place, kind, leaf string) string {
	switch kind {
	case "string":
		return g.one("len("+place+" ?? "+leaf+") > 1", "("+place+" ?? "+leaf+") startsWith 'a'", "lower("+place+" ?? "+leaf+") in ['a', '']", "("+place+" ?? "+leaf+") matches 'a'")
	case "integer", "number":
		return "(" + place + " ?? " + leaf + ") " + g.one("<", ">=", ">") + " " + g.one("1", "-1", "0.5", g.leaf(kind))
	case "texts", "integers":
		return "len(" + place + " ?? " + g.one(leaf, "[]") + ") " + g.one(">", "==", "<") + " " + g.one("0", "1", "2")
	}
	return "(" + place + " ?? " + leaf + ") == " + leaf
}

// closure generates a closure over a list.
func (g grammar) closure(name, list, body string, depth int) string {
	if g.closures == 2 {
		return g.leaf(map[string]string{"map": "texts", "filter": list, "count": "integer", "sum": "integer"}[name])
	}
	source := g.expression(list, depth-1)
	g.closures++
	element := map[string]string{"rows": g.one(".name == 'r'", ".n > #index", ".opt != nil && .opt != ''", ".opt == 'o'"), "texts": g.one("# == 'a'", "len(#) > 1"), "integers": "# > 1"}[list]
	if body == "string" {
		element = g.one(".name", ".opt ?? 'none'", "string(.n)")
	} else if body == "integer" {
		element = map[string]string{"rows": ".n", "integers": "# * 2", "texts": "len(#)"}[list]
	}
	if g.pick(3) == 0 {
		element = "(" + g.expression(body, depth-2) + ")"
	}
	return fmt.Sprintf("%s(%s, %s)", name, source, element)
}

// nullablePlace generates a place that may be null.
func (g grammar) nullablePlace(kind string) string {
	switch kind {
	case "string":
		return g.one("inputs.note", "steps.maybe.state", "steps.later.owner.name", "steps.start.address", "inputs.more[0]", "first(inputs.tags)", "inputs.tags[1]", "inputs.tags[-1]", "inputs.rows[1].opt", "last(inputs.rows).opt", "(inputs.more ?? [])[0]", "find(inputs.rows, .n > 1).opt", "request.id", "inputs.labels.team", "inputs.labels[inputs.name]",
			`{running: inputs.note, stopped: "s", pending: "p"}[steps.start.state]`)
	case "integer":
		return g.one("inputs.limit", "{running: 1, stopped: 2}[steps.start.state]", "steps.maybe.code", "steps.start.owner.age", "steps.later.owner.age", "inputs.holes[1]", "int(inputs.any)", "inputs.rows[2].n", "inputs.matrix[0][0]", "(inputs.matrix[1] ?? [])[0]")
	case "boolean":
		return g.one("inputs.switch", "steps.maybe.success", "steps.later.up", "steps.start.up")
	case "texts":
		return "inputs.more"
	case "duration":
		return "inputs.waits[0]"
	case "number":
		return g.one("float(inputs.name)", "inputs.limit")
	}
	return g.leaf(kind)
}

func (g grammar) leaf(kind string) string {
	switch kind {
	case "string":
		return g.one(`"a"`, `''`, "`é`", `inputs.name`, `inputs["odd-name"]`, "steps.start.state", "request.id")
	case "integer":
		return g.one("0", "1", "-3", "9223372036854775807", "inputs.size", "steps.start.code", "len(inputs.rows)")
	case "number":
		return g.one("0.5", "1e300", "inputs.ratio", "inputs.size", "2")
	case "boolean":
		return g.one("true", "false", "inputs.flag", "steps.start.success", "inputs.switch")
	case "duration":
		return g.one(`duration("90s")`, `duration("1d12h")`, `duration("0")`, "inputs.wait")
	case "texts":
		return g.one("inputs.tags", `["a", "b"]`, "[]", "(inputs.more ?? [])")
	case "integers":
		return g.one("[1, 2]", "1..3", "filter(inputs.holes, # != nil)", "filter(inputs.holes, not (# == nil || inputs.flag))", "(inputs.matrix[0] ?? [])", "inputs.matrix[1] ?? [7]")
	case "rows":
		return "inputs.rows"
	case "object":
		return g.one("steps.start", "inputs.blob", "{a: 1}", "request")
	}
	return g.one("inputs.any", "inputs.blob.k", "inputs.mixed[0]", "inputs.blob", "1")
}

// randomEnv generates values for the roots that agree with the facts and the proof of testScope. A
// value is sometimes null where its type allows it.
func randomEnv(t *rapid.T, roots []schema.Field, facts []string) map[string]any {
	env := randomValue(t, schema.Type{Kind: schema.Object, Fields: roots}, 4).(map[string]any)
	inputs, steps := env["inputs"].(map[string]any), env["steps"].(map[string]any)
	step, _ := schema.Type{Fields: roots}.Field("steps")
	sure := func(name string) {
		kind, _ := step.Type.Field(name)
		if steps[name] == nil {
			steps[name] = randomValue(t, kind.Type.NotNull(), 3)
		}
	}
	for _, fact := range facts {
		switch fact {
		case "inputs.flag":
			inputs["flag"] = true
		case "steps.maybe != nil":
			sure("maybe")
		case "inputs.note != nil":
			inputs["note"] = "noted"
		case "steps.maybe.up":
			sure("maybe")
			steps["maybe"].(map[string]any)["up"] = true
		}
	}
	if inputs["flag"] == true {
		sure("later")
	}
	return env
}

func randomValue(t *rapid.T, kind schema.Type, depth int) any {
	if kind.Nullable && rapid.Bool().Draw(t, "null") {
		return nil
	}
	if len(kind.Enum) > 0 {
		return rapid.SampledFrom(kind.Enum).Draw(t, "enum")
	}
	switch kind.Kind {
	case schema.String:
		return rapid.SampledFrom([]string{"", "a", "wörld", "12", "1.5", "(", "r1", "o", "a,b", strings.Repeat("é", 5000)}).Draw(t, "string")
	case schema.Integer:
		return rapid.SampledFrom([]int{0, 1, -1, 2, 3, 500, 1 << 62, -1 << 63, 1<<63 - 1}).Draw(t, "integer")
	case schema.Number:
		return rapid.SampledFrom([]float64{0, 0.5, -2, 1e308, -1e-300, 3}).Draw(t, "number")
	case schema.Boolean:
		return rapid.Bool().Draw(t, "boolean")
	case schema.Duration:
		return rapid.SampledFrom([]time.Duration{0, time.Second, 90 * time.Minute, 1<<63 - 1}).Draw(t, "duration")
	case schema.List:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			list = append(list, randomValue(t, itemOf(kind), depth-1))
		}
		return list
	case schema.Object:
		object := map[string]any{}
		for _, f := range kind.Fields {
			object[f.Name] = randomValue(t, f.Type, depth-1)
		}
		switch {
		case kind.Items != nil && rapid.Bool().Draw(t, "given"):
			object["team"] = randomValue(t, *kind.Items, depth-1)
		case kind.Open && kind.Items == nil:
			object["k"] = randomValue(t, schema.Of(schema.Any), depth-1)
		}
		return object
	}
	if depth <= 0 {
		return rapid.SampledFrom([]any{nil, 1, "x", 2.5, true}).Draw(t, "any")
	}
	shape := rapid.SampledFrom([]schema.Type{
		schema.Of(schema.String).OrNull(), schema.Of(schema.Integer), schema.Of(schema.Number), schema.Of(schema.Boolean), schema.Of(schema.List),
		{Kind: schema.Object, Open: true},
	}).Draw(t, "shape")
	return randomValue(t, shape, depth-1)
}
