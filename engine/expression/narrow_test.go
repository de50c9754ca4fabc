package expression

import (
	"slices"
	"testing"
	"time"

	"errand/engine/schema"
)

// The facts known before the evaluation decide which values may be null.
func TestFacts(t *testing.T) {
	for _, test := range []struct {
		name   string
		facts  []string
		source string
		ok     bool
	}{
		{"nothing is known", nil, `upper(steps.maybe.state)`, false},
		{"the step ran", []string{`steps.maybe != nil`}, `upper(steps.maybe.state)`, true},
		{"the step ran, spelt otherwise", []string{`not (nil==steps["maybe"])`}, `upper(steps.maybe.state)`, true},
		{"a member proves what it is a member of", []string{`steps.maybe.code != nil`}, `upper(steps.maybe.state)`, true},
		{"another step ran", []string{`steps.later != nil`}, `upper(steps.maybe.state)`, false},
		{"an output that is null itself", []string{`steps.maybe != nil`}, `upper(steps.maybe.address)`, false},
		{"a boolean that is true", []string{`steps.maybe.up`}, `steps.maybe.code + 1`, true},
		{"a boolean that is false or null", []string{`!steps.maybe.up`}, `steps.maybe.code + 1`, false},
		{"a boolean with a substitute", []string{`steps.maybe.up ?? false`}, `steps.maybe.code + 1`, true},
		{"a boolean with the other substitute", []string{`steps.maybe.up ?? true`}, `steps.maybe.code + 1`, false},
		{"equal to a literal", []string{`"x" == inputs.note`}, `upper(inputs.note)`, true},
		{"unlike a literal", []string{`inputs.note != "x"`}, `upper(inputs.note)`, false},
		{"equal to what may be null", []string{`inputs.note == steps.maybe.state`}, `upper(inputs.note)`, false},
		{"one of some", []string{`inputs.note in ["x", "y"]`}, `upper(inputs.note)`, true},
		{"one of some, null among them", []string{`inputs.note in ["x", nil]`}, `upper(inputs.note)`, false},
		{"both of two", []string{`inputs.note != nil && inputs.limit != nil`}, `upper(inputs.note) + string(inputs.limit)`, true},
		{"one of two", []string{`inputs.note != nil || inputs.limit != nil`}, `upper(inputs.note)`, false},
		{"neither of two", []string{`!(inputs.note == nil || inputs.limit == nil)`}, `upper(inputs.note) + string(inputs.limit)`, true},
		{"a proof of the scope", []string{`inputs.flag`}, `upper(steps.later.state)`, true},
		{"a proof, within a condition", []string{`inputs.flag == true and inputs.size > 1`}, `upper(steps.later.state)`, true},
		{"the opposite of a proof", []string{`!inputs.flag`}, `upper(steps.later.state)`, false},
		{"a longer name", []string{`inputs.flagged`}, `upper(steps.later.state)`, false},
		{"a place with a longer name", []string{`inputs.notes != nil`}, `upper(inputs.note)`, false},
		{"a proof inside the expression", nil, `inputs.flag ? upper(steps.later.state) : ""`, true},
		{"a proof in the wrong branch", nil, `inputs.flag ? "" : upper(steps.later.state)`, false},
		{"a proof does not leak", nil, `(inputs.flag && true) || steps.later.code > 1`, false},
		{"an element of the outer list", nil, `map(inputs.holes, # != nil && any(inputs.holes, # > 1))`, false},
		{"an element, within", nil, `map(inputs.holes, # != nil && any([1], # == 1) && # > 1)`, true},
		{"a condition does not outlive its closure", nil, `any(inputs.rows, .opt != nil) && all(inputs.rows, .opt startsWith "a")`, false},
		{"a variable does not outlive its name", nil, `(let a = inputs.tags[0]; a != nil) && (let a = inputs.tags[1]; a startsWith "x")`, false},
		{"an element", []string{`inputs.tags[0] != nil`}, `upper(inputs.tags[0])`, true},
		{"an element, as a variable", nil, `let a = inputs.tags[0]; a == "x" ? upper(inputs.tags[0]) : ""`, true},
		{"another element", []string{`inputs.tags[1] != nil`}, `upper(inputs.tags[0])`, false},
		{"an element of another list", []string{`inputs.rows[0] != nil`}, `upper(inputs.tags[0])`, false},
		{"an element that may be null", []string{`inputs.holes[1] == 3`}, `inputs.holes[1] + 1`, true},
		{"an element with a computed number", []string{`inputs.tags[inputs.size] != nil`}, `upper(inputs.tags[inputs.size])`, false},
		{"a member of an element", []string{`inputs.rows[0].opt != nil`}, `upper(inputs.rows[0].opt) + inputs.rows[0].name`, true},
		{"another member of an element", []string{`inputs.rows[0].name != nil`}, `upper(inputs.rows[0].opt)`, false},
		{"an element proves its list", []string{`inputs.more[0] != nil`}, `len(inputs.more)`, true},
		{"an element of an element", nil, `inputs.matrix[0] != nil && inputs.matrix[0][1] != nil && inputs.matrix[0][1] > len(inputs.matrix[0])`, true},
		{"the first one", []string{`first(inputs.tags) != nil`}, `upper(inputs.tags[0]) + first(inputs.tags)`, true},
		{"the last one", []string{`inputs.tags[-1] != nil`}, `upper(last(inputs.tags))`, true},
		{"the last one is not the first one", []string{`last(inputs.tags) != nil`}, `upper(first(inputs.tags))`, false},
		{"an element of #", nil, `map(inputs.matrix, #[0] != nil ? #[0] + 1 : 0)`, true},
		{"an element of another #", nil, `any(inputs.matrix, #[0] != nil) && all(inputs.matrix, #[0] > 1)`, false},
		{"a length with a substitute", []string{`len(inputs.more ?? []) > 1`}, `upper(inputs.more[1])`, true},
		{"a length with a substitute of its own", []string{`len(inputs.more ?? ["a"]) > 0`}, `len(inputs.more)`, false},
		{"a length that the substitute does not have", []string{`len(inputs.more ?? ["a"]) > 1`}, `len(inputs.more)`, true},
		{"more than the substitute", []string{`(inputs.limit ?? 0) > 0`}, `inputs.limit + 1`, true},
		{"no less than the substitute", []string{`(inputs.limit ?? 0) >= 0`}, `inputs.limit + 1`, false},
		{"not at most the substitute", []string{`not ((inputs.limit ?? 0) <= 0)`}, `inputs.limit + 1`, true},
		{"a text that is not the substitute", []string{`(inputs.note ?? "") startsWith "a"`}, `upper(inputs.note)`, true},
		{"a text that may be the substitute", []string{`(inputs.note ?? "ab") startsWith "a"`}, `upper(inputs.note)`, false},
		{"a text of a length", []string{`len(inputs.note ?? "") > 0`}, `upper(inputs.note)`, true},
		{"a changed text", []string{`lower(inputs.note ?? "") == "x"`}, `upper(inputs.note)`, true},
		{"one of some, with a substitute", []string{`(inputs.note ?? "") in ["a", "b"]`}, `upper(inputs.note)`, true},
		{"an element of a substitute", []string{`"a" in (inputs.more ?? [])`}, `len(inputs.more)`, true},
		{"a substitute, and another place", []string{`(inputs.note ?? "") != inputs.name`}, `upper(inputs.note)`, false},
		{"two substitutes", []string{`(inputs.note ?? "") != (inputs.more[0] ?? "")`}, `upper(inputs.note)`, false},
		{"a substitute within a closure", nil, `map(inputs.holes, any([1], (# ?? 0) > 0) && # > 1)`, false},
		{"a substitute, and a sum", []string{`(steps.start.owner.age ?? 9007199254740992) + 1 == 9007199254740992`}, `steps.start.owner.age + 1`, false},
		{"a fact that cannot be read", []string{`((`}, `upper(inputs.note)`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			scope := testScope()
			scope.Facts = test.facts
			p, problems := Compile(test.source, scope)
			if (p != nil) != test.ok {
				t.Errorf("accepted: %v, want %v%s", p != nil, test.ok, show(test.source, problems))
			}
			if p == nil && problems[0].Rule != RuleNull {
				t.Error(show(test.source, problems))
			}
		})
	}
}

func TestImpliesAndPaths(t *testing.T) {
	for _, test := range []struct {
		source         string
		implies, paths []string
	}{
		{`inputs.flag and steps.start.code==1`, []string{`inputs.flag`, `steps.start.code == 1`}, []string{"inputs.flag", "steps.start.code"}},
		{`not (inputs.note == nil or inputs.flag)`, []string{`inputs.note != nil`, `!inputs.flag`}, []string{"inputs.note", "inputs.flag"}},
		{`(steps.maybe?.up ?? false)`, []string{`steps.maybe.up`, `steps.maybe.up ?? false`}, []string{"steps.maybe.up"}},
		{`inputs.flag == true`, []string{`inputs.flag`, `inputs.flag == true`}, []string{"inputs.flag"}},
		{`inputs['odd-name'] == 'x' || inputs.flag`, []string{`(inputs["odd-name"] == "x") || inputs.flag`}, []string{`inputs["odd-name"]`, "inputs.flag"}},
		{`any(inputs.rows, .n > inputs.size)`, []string{`any(inputs.rows, {#.n > inputs.size})`}, []string{"inputs.rows", "inputs.size"}},
		{`let s = steps.start; s.code == 1`, []string{`let s = steps.start; s.code == 1`}, []string{"steps.start", "steps.start.code"}},
		{`inputs.tags[inputs.size] == inputs.tags[0]`, []string{`inputs.tags[inputs.size] == inputs.tags[0]`}, []string{"inputs.tags", "inputs.size"}},
		{`true`, []string{`true`}, nil},
	} {
		t.Run(test.source, func(t *testing.T) {
			p, problems := Compile(test.source, testScope())
			if p == nil {
				t.Fatal(show(test.source, problems))
			}
			if got := p.Implies(); !slices.Equal(got, test.implies) {
				t.Errorf("implies %q, want %q", got, test.implies)
			}
			if got := p.Paths(); !slices.Equal(got, test.paths) {
				t.Errorf("reads %q, want %q", got, test.paths)
			}
		})
	}
}

// Conditions with the same meaning have the same text; others have different texts.
func TestCanonical(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{`a.b==1`, ` ( a?.b ) == (1)`, true},
		{`a["b"] == 'x'`, `a.b == "x"`, true},
		{`a and not b`, `a && !b`, true},
		{`nil == a`, `a == null`, true},
		{`1 == a`, `a == 1`, true},
		{`a ^ 2`, `a ** 2`, true},
		{`a | len()`, `len(a)`, true},
		{`map(a, .b)`, `map(a, {#.b})`, true},
		{`(a + b) + c`, `a + b + c`, true},
		{`a + (b + c)`, `a + b + c`, false},
		{`(a ? b : c).d`, `a ? b : c.d`, false},
		{`!(a == b)`, `!a == b`, false},
		{`a == "1"`, `a == 1`, false},
		{`a["b.c"]`, `a.b.c`, false},
		{`a == 1 || b && c`, `(a == 1 || b) && c`, false},
	} {
		a, okA := Canonical(test.a)
		b, okB := Canonical(test.b)
		if !okA || !okB || (a == b) != test.same {
			t.Errorf("%s and %s become %q and %q", test.a, test.b, a, b)
		}
	}
	if text, ok := Canonical(`(`); ok {
		t.Errorf("a source that cannot be parsed becomes %q", text)
	}
}

func TestNull(t *testing.T) {
	for source, want := range map[string]string{
		`steps.maybe.state`:                      `steps.maybe.state may be null: step "maybe" may not have run`,
		`inputs.note`:                            `inputs.note may be null`,
		`inputs.tags[0]`:                         `inputs.tags[0] may be null: the list may be shorter`,
		`inputs.flag ? "a" : steps.later.state`:  `inputs.flag ? "a" : steps.later.state may be null: step "later" may not have run`,
		`steps.maybe.state ?? steps.later.state`: `steps.maybe.state ?? steps.later.state may be null: step "later" may not have run`,
		`inputs.name`:                            ``,
		`inputs.any`:                             ``,
		`nil`:                                    `nil is null`,
	} {
		p, problems := Compile(source, testScope())
		if p == nil {
			t.Fatal(show(source, problems))
		}
		if got := p.Null(); got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}

func TestConstant(t *testing.T) {
	for source, want := range map[string]any{`1 + 1`: 2, `"a" + "b"`: "ab", `let a = 2; a * a`: 4, `nil`: nil, `duration("1m")`: time.Minute} {
		p, _ := Compile(source, testScope())
		if v, ok := p.Constant(); !ok || v != want {
			t.Errorf("%s: %v, %v, want %v", source, v, ok, want)
		}
	}
	for _, source := range []string{`inputs.name`, `inputs.size * 0`} {
		p, _ := Compile(source, testScope())
		if v, ok := p.Constant(); ok {
			t.Errorf("%s is constant: %v", source, v)
		}
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		value any
		kind  schema.Type
		want  string
	}{
		{"a", schema.Of(schema.String), "a"},
		{-5, schema.Of(schema.Integer), "-5"},
		{1.50, schema.Of(schema.Number), "1.5"},
		{2.0, schema.Of(schema.Number), "2"},
		{true, schema.Of(schema.Boolean), "true"},
		{90 * time.Second, schema.Of(schema.Duration), "1m30s"},
	} {
		if got, err := Text(test.value); got != test.want || err != nil {
			t.Errorf("%v: %q, %v, want %q", test.value, got, err, test.want)
		}
		if message, _ := TextType(test.kind); message != "" {
			t.Errorf("%s: %s", test.kind, message)
		}
		if message, help := TextType(test.kind.OrNull()); message == "" || help == "" {
			t.Errorf("%s: allowed", test.kind.OrNull())
		}
	}
	for _, v := range []any{nil, []any{}, map[string]any{}, []string{}} {
		if got, err := Text(v); err == nil {
			t.Errorf("%v: %q", v, got)
		}
	}
	for _, kind := range []schema.Type{{Kind: schema.Null}, schema.Of(schema.List), schema.Of(schema.Object), schema.Of(schema.Any)} {
		if message, help := TextType(kind); message == "" || help == "" {
			t.Errorf("%s: allowed", kind)
		}
	}
}

// The list of functions is complete: each function can be called with the arguments in its
// signature.
func TestFunctionsAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Functions() {
		if seen[f.Name] || f.Doc == "" || len(f.Signature) < len(f.Name)+3 || f.Signature[:len(f.Name)+1] != f.Name+"(" {
			t.Errorf("%+v", f)
		}
		if _, ok := leftOut[f.Name]; ok {
			t.Errorf("%s is on both lists", f.Name)
		}
		seen[f.Name] = true
	}
}
