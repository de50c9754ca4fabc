package program_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/virtual"
)

// TestAcceptedDefinitionsDoNotFail makes definitions at random, of steps that are skipped, fail, are stood in for and refer to one
// another with guards and without. The lines that the check refuses are made harmless, and what is left is run with every
// combination of its inputs: no step of it may fail because a value is missing or of a wrong type.
func TestAcceptedDefinitionsDoNotFail(t *testing.T) {
	registry := hosttest.Registry(func() {})
	random := rand.New(rand.NewPCG(3, 4))
	refused, guarded := 0, 0
	for range 2000 {
		source := (&author{Rand: random}).definition()
		p, problems := program.Load("random.yaml", []byte(source), registry)
		for p == nil {
			source = disarm(t, source, problems)
			refused++
			p, problems = program.Load("random.yaml", []byte(source), registry)
		}
		guarded += strings.Count(source, "'t ${{")
		for bits := range 16 {
			inputs := map[string]any{"a": bits&1 != 0, "b": bits&2 != 0, "m": nil, "n": nil}
			if bits&4 != 0 {
				inputs["m"] = "m"
			}
			if bits&8 != 0 {
				inputs["n"] = bits - 8
			}
			if fault := faultOf(t, p, registry, inputs); fault != "" {
				t.Fatalf("accepted, and yet with %v: %s\n%s", inputs, fault, source)
			}
		}
	}
	t.Logf("%d definitions had to be changed; %d texts were accepted", refused, guarded)
	if refused < 500 || guarded < 500 {
		t.Error("what is refused, or what is accepted, is too little to prove anything")
	}
}

// disarm puts harmless values in the place of those that were refused. Only a value that may be missing is a reason to refuse one.
func disarm(t *testing.T, source string, problems []diag.Problem) string {
	t.Helper()
	lines := strings.Split(source, "\n")
	for _, p := range problems {
		if !p.IsError() {
			continue
		}
		key, _, _ := strings.Cut(lines[p.Range.Start.Line-1], ":")
		switch word := strings.Trim(key, " -"); {
		case p.Rule != "maybe-null":
			t.Fatalf("refused, and not for a missing value: %v\n%s", p, source)
		case word == "if":
			lines[p.Range.Start.Line-1] = key + ": inputs.a"
		default:
			lines[p.Range.Start.Line-1] = key + ": x"
		}
	}
	return strings.Join(lines, "\n")
}

// faultOf runs a program and tells of a failure that no task answered with.
func faultOf(t *testing.T, p *program.Program, registry *task.Registry, inputs map[string]any) string {
	t.Helper()
	fault := ""
	host := &virtual.Host{
		Context: t.Context(), Clock: virtual.NewClock(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)), Registry: registry,
		Watch: func(e engine.Event) {
			if e.Kind == engine.StepFailed && e.Failure.Code != "Refused" && fault == "" {
				fault = e.String()
			}
		},
	}
	result, err := engine.Run(host, engine.Request{Run: "r", Request: "100-291", Inputs: inputs}, p)
	if err != nil {
		t.Fatal(err)
	}
	if f := result.Failure; f != nil && f.Code != "Refused" && fault == "" {
		fault = f.Step + ": " + f.Code + ": " + f.Message
	}
	return fault
}

// An author writes definitions at random.
type author struct {
	*rand.Rand
	b     strings.Builder
	ids   []string // of the steps written so far
	ifs   []string // their conditions
	focus string   // the step of which the step that is written speaks most
	count int
}

func (a *author) definition() string {
	a.b.WriteString("workflow: random\ninputs:\n  a: {type: boolean}\n  b: {type: boolean}\n" +
		"  m: {type: string, required: false}\n  n: {type: integer, required: false}\nsteps:\n")
	a.steps("  ", 2+a.IntN(3), 0, false)
	if a.focus = ""; a.IntN(4) == 0 {
		a.b.WriteString("outputs:\n  one: " + a.text(false) + "\n  two: " + a.text(false) + "\n")
	}
	if a.IntN(3) == 0 {
		a.b.WriteString("on_failure:\n")
		a.steps("  ", 1+a.IntN(2), 1, true)
	}
	if a.IntN(3) == 0 {
		a.b.WriteString("finally:\n")
		a.steps("  ", 1+a.IntN(2), 1, true)
	}
	return a.b.String()
}

func (a *author) steps(indent string, n, depth int, handler bool) {
	for range n {
		a.count++
		id := fmt.Sprintf("s%d", a.count)
		fmt.Fprintf(&a.b, "%s- id: %s\n", indent, id)
		a.focus = ""
		if len(a.ids) > 0 {
			a.focus = "steps." + a.pick(a.ids...)
		}
		if a.IntN(2) == 0 {
			condition := a.condition(a.IntN(3), handler)
			switch {
			case len(a.ifs) > 0 && a.IntN(3) == 0:
				condition = a.pick(a.ifs...) + a.pick("", "", " && inputs.b", " && "+a.condition(0, handler))
			case a.focus != "" && a.IntN(2) == 0:
				condition = a.focus + a.pick(" != nil", ".success", ".maybe != nil", `.word != nil`) + a.pick("", "", " && inputs.b")
			}
			fmt.Fprintf(&a.b, "%s  if: '%s'\n", indent, condition)
			if !strings.Contains(condition, "failure") {
				a.ifs = append(a.ifs, "("+condition+")")
			}
		}
		fmt.Fprintf(&a.b, "%s  task: stub.pure\n%s  with:\n%s    script: %s\n", indent, indent, indent, a.script())
		if a.focus != "" && a.IntN(3) > 0 {
			fmt.Fprintf(&a.b, "%s    text: %s\n", indent, a.text(handler))
		}
		switch a.IntN(3) {
		case 0:
			fmt.Fprintf(&a.b, "%s  on_failure: continue\n", indent)
		case 1:
			if depth < 2 {
				fmt.Fprintf(&a.b, "%s  on_failure:\n", indent)
				a.ids = append(a.ids, id)
				a.steps(indent+"    ", 1+a.IntN(2), depth+1, true)
				continue
			}
		}
		a.ids = append(a.ids, id)
	}
}

func (a *author) pick(of ...string) string { return of[a.IntN(len(of))] }

func (a *author) script() string {
	return "'${{ " + a.pick("inputs.a", "inputs.b", "!inputs.a", "inputs.m == nil") + a.pick(` ? "ok w"`, ` ? "ok"`) + ` : "refused" }}'`
}

func (a *author) text(handler bool) string {
	e := a.pick(a.value(handler), a.value(handler), a.value(handler), a.value(handler),
		a.value(handler)+" ?? "+a.value(handler),
		"("+a.condition(1, handler)+") ? "+a.value(handler)+" : "+a.value(handler),
		"("+a.condition(1, handler)+") ? "+a.value(handler)+` : "x"`)
	return "'t ${{ " + e + " }}'"
}

// value is an expression whose value is a text, or null.
func (a *author) value(handler bool) string {
	if handler && a.IntN(6) == 0 {
		return "failure.message"
	}
	switch a.IntN(16) {
	case 0:
		return "inputs.m"
	case 1, 2:
		return `"x"`
	}
	if len(a.ids) == 0 {
		return "run.id"
	}
	return a.step() + a.pick(".", "?.") + a.pick("word", "word", "maybe", "result_message")
}

// step names a step, most often the one in focus.
func (a *author) step() string {
	if a.focus != "" && a.IntN(4) > 0 {
		return a.focus
	}
	return "steps." + a.pick(a.ids...)
}

func (a *author) condition(depth int, handler bool) string {
	if depth > 0 && a.IntN(2) == 0 {
		left, right := a.condition(depth-1, handler), a.condition(depth-1, handler)
		return a.pick("("+left+") && ("+right+")", "("+left+") || ("+right+")", "!("+left+")", "not ("+left+")", "("+left+") == false",
			"(("+left+") ? ("+right+") : false)")
	}
	simple := []string{"inputs.a", "inputs.b", "inputs.a", "inputs.b", "inputs.a == true", "inputs.m != nil", "nil == inputs.m",
		`inputs.m == "m"`, `(inputs.m ?? "") != ""`, "(inputs.n ?? 0) > 3", "inputs.n != nil && inputs.n > 2"}
	if len(a.ids) > 0 {
		step := a.step()
		simple = append(simple[a.IntN(len(simple)):], step+".success", step+".success == true", step+".success != false", step+" != nil", step+" == nil",
			step+".maybe != nil", step+".word == nil", step+`.word == "w"`, step+`.word in ["w", ""]`, step+".success ?? false",
			"("+step+".success ?? true) == false", step+".result_code == 0", step+".success == "+step+".success", step+".word == "+step+".maybe")
	}
	if handler {
		simple = append(simple, "failure != nil", `failure.code == "Refused"`)
	}
	return a.pick(simple...)
}
