package local_test

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
)

// An author writes a definition over the task types of the simulated world: any that the language allows, and whose steps can be told
// apart by what the world sees of them.
type author struct {
	dice
	strings.Builder
	known   []knownStep // what an expression may name
	handler bool        // the steps written now run after a failure: nothing before them is certain
	final   bool        // they run in finally, where there may be no failure
	ids     int
}

type knownStep struct {
	id, task string
	maybe    bool // it may not have run, or have failed
}

// writeDefinition writes the definition with a number.
func writeDefinition(seed uint64, number int) string {
	a := &author{dice: roll(seed, "definition", number)}
	a.line(0, "workflow: sim")
	if a.percent(20) {
		a.line(0, "timeout: %s", oneOf(a.dice, "40s", "3m", "20m"))
	}
	if a.percent(15) {
		a.line(0, "defaults: {retry: {attempts: %d, backoff: 1s..20s}, timeout: 30m}", a.IntN(5)+2)
	}
	a.line(0, "inputs:")
	a.line(1, "who: {type: string}")
	a.line(1, "n: {type: integer, default: 3}")
	a.line(1, "flag: {type: boolean, default: false}")
	a.line(0, "steps:")
	for range a.IntN(5) + 1 {
		a.step(1, false)
	}
	a.line(0, "outputs:")
	a.line(1, "text: %q", a.text())
	a.line(1, "number: ${{ %s }}", a.number())
	a.handler = true
	for range a.IntN(3) {
		a.begin("on_failure:")
		a.step(1, false)
	}
	a.final = true
	for range max(0, a.IntN(4)-1) {
		a.begin("finally:")
		a.step(1, false)
	}
	return a.String()
}

func (a *author) line(depth int, format string, of ...any) {
	fmt.Fprintf(a, strings.Repeat("  ", depth)+format+"\n", of...)
}

// begin writes the key of a list of steps, once.
func (a *author) begin(key string) {
	if !strings.Contains(a.String(), "\n"+key) {
		a.line(0, "%s", key)
	}
}

// step writes one step. standIn says that it stands in for another one.
func (a *author) step(depth int, standIn bool) {
	task := oneOf(a.dice, "keyed", "keyed", "evident", "evident", "converges", "converges", "once", "restart", "reads", "pure", "delay")
	s := knownStep{task: task, maybe: standIn}
	a.line(depth, "- task: sim.%s", task)
	if a.percent(75) {
		a.ids++
		s.id = fmt.Sprintf("%s_%d", task, a.ids)
		a.line(depth+1, "id: %s", s.id)
	}
	if a.percent(15) {
		s.maybe = true
		a.line(depth+1, "if: %s", a.condition())
	}
	a.with(depth+1, task)
	a.policy(depth+1, task)
	polls := task != "once" && task != "restart" && task != "evident" && task != "delay" && a.percent(25)
	if task == "reads" && a.percent(50) || polls {
		a.line(depth+1, "until: result.number >= %d or %s", oneOf(a.dice, 0, 1, 2, 3, 100), a.condition())
		a.line(depth+1, "every: %s", oneOf(a.dice, "8s", "25s", "1m"))
		a.line(depth+1, "for: %s", oneOf(a.dice, "20s", "1m30s"))
	}
	switch how := a.IntN(10); {
	case how < 2:
		s.maybe = true
		a.line(depth+1, "on_failure: continue")
	case how < 3 && depth < 5:
		s.maybe = true
		before := a.handler
		known := len(a.known)
		a.line(depth+1, "on_failure:")
		a.handler = true
		for range a.IntN(2) + 1 {
			a.step(depth+2, true)
		}
		a.handler = before
		for i := range a.known[known:] {
			a.known[known+i].maybe = true
		}
	}
	if s.id != "" {
		a.known = append(a.known, s)
	}
}

// with writes what the task is given.
func (a *author) with(depth int, task string) {
	a.line(depth, "with:")
	if task == "delay" {
		a.line(depth+1, "duration: %s", oneOf(a.dice, "1ms", "3s", "20s", "2m", "10m"))
		return
	}
	a.line(depth+1, "text: %q", a.text())
	a.line(depth+1, "number: ${{ %s }}", a.number())
	for i := len(a.known) - 1; i >= 0; i-- {
		if a.known[i].task == "delay" {
			a.line(depth+1, "not_before: %q", "${{ "+a.output(a.known[i], "fired_at", "''")+" }}")
			break
		}
	}
}

// policy writes how long the step may take and how often it is tried.
func (a *author) policy(depth int, task string) {
	if a.percent(15) {
		a.line(depth, "timeout: %s", oneOf(a.dice, "2s", "15s", "2m", "10m"))
	}
	stated := 25
	if task == "once" || task == "restart" {
		stated = 15
	}
	if a.percent(stated) {
		a.line(depth, "retry: %s", oneOf(a.dice,
			"{attempts: 1}", "{attempts: 3, backoff: 100ms}", "{attempts: 6, backoff: 2s..2m}", "{attempts: 4, backoff: 5s..30s, for: 40s}"))
	}
}

// text is a text with one expression or several.
func (a *author) text() string {
	parts := []string{oneOf(a.dice, "", "v1 ", "of ", "<&> ")}
	for range a.IntN(2) + 1 {
		parts = append(parts, "${{ "+a.word()+" }}")
	}
	return strings.Join(parts, oneOf(a.dice, "", " ", "/"))
}

// word is an expression that is a text.
func (a *author) word() string {
	plain := oneOf(a.dice, "inputs.who", "request.id", "run.id", "run.started_at", "run.workflow", "upper(inputs.who)")
	if a.handler && a.percent(40) {
		if a.final {
			return "failure?.code ?? 'well'"
		}
		return oneOf(a.dice, "failure.code", "failure.message", "failure.step")
	}
	if k, ok := a.earlier(); ok && a.percent(70) {
		return a.output(k, "value", "'-'")
	}
	return plain
}

// number is an expression that is a whole number.
func (a *author) number() string {
	if k, ok := a.earlier(); ok && a.percent(50) {
		return a.output(k, "number", "0") + oneOf(a.dice, "", " + inputs.n", " + 1")
	}
	return oneOf(a.dice, "inputs.n", "inputs.n + 1", "inputs.n * 2")
}

// condition is an expression that is true or false.
func (a *author) condition() string {
	if k, ok := a.earlier(); ok && a.percent(60) {
		if a.percent(50) {
			return a.output(k, "success", "false")
		}
		return a.output(k, "number", "0") + oneOf(a.dice, " > 2", " % 2 == 0", " != 1")
	}
	return oneOf(a.dice, "inputs.flag", "inputs.n > 3", "inputs.who != 'bob'", "not inputs.flag")
}

// earlier is a step that an expression may name, of those that return a value and a number.
func (a *author) earlier() (knownStep, bool) {
	for range 4 {
		if len(a.known) == 0 {
			break
		}
		if k := oneOf(a.dice, a.known...); k.task != "delay" {
			return k, true
		}
	}
	return knownStep{}, false
}

// output names an output, with a default where it may be null.
func (a *author) output(k knownStep, name, otherwise string) string {
	if k.maybe || a.handler {
		return "(steps." + k.id + "?." + name + " ?? " + otherwise + ")"
	}
	return "steps." + k.id + "." + name
}

// load compiles a definition that an author wrote. That it has no errors is a part of the test.
func load(t testing.TB, source string) *program.Program {
	p, problems := program.Load("sim.yaml", []byte(source), simulated)
	if diag.HasErrors(problems) {
		t.Fatalf("the definition has problems: %v\n%s", problems, source)
	}
	return p
}

// correct writes another version of a definition: a comment more, which changes no step, or another text too, which does.
func correct(source string, also bool) string {
	if also {
		source = strings.ReplaceAll(source, `"v1 `, `"v2 `)
	}
	return source + "# corrected\n"
}
