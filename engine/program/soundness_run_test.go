package program_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/generator"
	"errand/engine/task"
	"errand/engine/virtual"
)

// externalCodes are the codes of failures whose cause is a task, a person or the time.
var externalCodes = []string{"Refused", "Throttled", "Busy", task.CodeNoReply, task.CodeTimeout, "fail", "refused", "not_open"}

// valueFailures are the failures that depend on values, which no check can predict. The language
// reference permits them, under these codes.
var valueFailures = map[string][]string{
	task.CodeLimit: {
		"division by zero", "an integer is out of range", "a number is out of range", "a duration is out of range", "a duration would be negative",
		"a range is longer than 1000 elements", "a text is longer than 64 KiB",
	},
	// constraints of parameters
	task.CodeInput: {"is not one of ", "does not match the pattern", "is less than the minimum", "is more than the maximum"},
}

// run runs the accepted program once. It returns a failure that the check should have prevented, or
// "".
func (d *definitionUnderTest) run(t *testing.T, n int, inputs map[string]any) (fault string) {
	canonical, err := d.program.Inputs.Canonical(inputs)
	if err != nil {
		return "the inputs do not fit: " + err.Error()
	}
	r := rand.New(rand.NewPCG(d.seed, uint64(n)+2))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d.cancel = cancel
	until := 0 // cancel the run after this many events
	if r.IntN(6) == 0 {
		until = 2 + r.IntN(20)
	}
	say := func(words string) {
		if fault == "" {
			fault = words
		}
	}
	host := &virtual.Host{
		Context: ctx, Clock: virtual.NewClock(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)), Registry: d.registry,
		Answer: func(q engine.Question) (engine.Decision, time.Duration, bool) { return decides(r, q) },
		Watch: func(e engine.Event) {
			if until--; until == 0 {
				cancel()
			}
			d.counted.event(e)
			if e.Kind == engine.EventStepFailed && !d.isExcused(e.Failure.Code, e.Failure.Message) {
				say(e.String())
			}
		},
	}
	result, err := engine.Run(guarded{host, say}, engine.Request{Run: "r", Request: "100-291", Inputs: canonical.(map[string]any)}, d.program)
	if err != nil && !errors.Is(err, engine.ErrUndecided) {
		say(err.Error())
	}
	d.counted["runs"]++
	d.counted["runs "+string(result.Status)]++
	for _, f := range append(slices.Clone(result.Undone), deref(result.Failure)...) {
		if !d.isExcused(f.Code, f.Message) || f.Step == "outputs."+generator.WholeOutput {
			say(f.Step + ": " + f.Code + ": " + f.Message)
		}
	}
	if result.Status == engine.Succeeded {
		if kept, ok := result.Outputs[generator.KeptOutput]; ok && kept != true {
			say("a duration was passed on, and is not equal to itself")
		}
		if zero, ok := result.Outputs[generator.ZeroOutput]; ok && zero != "0" {
			say(fmt.Sprintf("a zero is written as %v", zero))
		}
		for _, o := range d.program.Outputs {
			if _, err := o.Type.Canonical(result.Outputs[o.Name]); err != nil {
				say("output " + o.Name + ": " + err.Error())
			}
		}
	}
	return fault
}

func deref(f *engine.Failure) []engine.Failure {
	if f == nil {
		return nil
	}
	return []engine.Failure{*f}
}

// isExcused reports whether a run of an accepted definition may fail in this way.
func (d *definitionUnderTest) isExcused(code, message string) bool {
	if slices.Contains(externalCodes, code) {
		return true
	}
	for _, words := range valueFailures[code] {
		if strings.Contains(message, words) {
			d.counted["failed, as it may: "+strings.TrimSpace(words)]++
			return true
		}
	}
	return false
}

// decides returns the answer of a person. ok is false if nobody answers.
func decides(r *rand.Rand, q engine.Question) (engine.Decision, time.Duration, bool) {
	verdicts := engine.VerdictsOn(q)
	d := engine.Decision{Verdict: verdicts[r.IntN(len(verdicts))], By: engine.Person{Name: "somebody"}, Comment: []string{"", "as said"}[r.IntN(2)]}
	after := time.Duration(r.IntN(60)) * time.Second
	return d, after, r.IntN(5) > 0
}

// A guarded host reports a panic in a branch. Without it, the panic would end the test without
// naming the definition.
type guarded struct {
	engine.Host
	say func(string)
}

var errPanic = errors.New("a branch panicked")

func (g guarded) Fork(n int, branch func(int, engine.Host) error) error {
	return g.Host.Fork(n, func(i int, h engine.Host) (err error) {
		defer func() {
			if p := recover(); p != nil {
				g.say(fmt.Sprint("panic: ", p))
				err = errPanic
			}
		}()
		return branch(i, guarded{h, g.say})
	})
}

// soundness counts events by name.
type soundness map[string]int

func (s soundness) add(other soundness) {
	for name, n := range other {
		s[name] += n
	}
}

const (
	featurePrefix = "with "
	eventPrefix   = "event "
)

func (s soundness) event(e engine.Event) {
	name := strings.ReplaceAll(string(e.Kind), "_", " ")
	switch e.Kind {
	case engine.EventStepDecided:
		name += " " + string(e.Verdict)
	case engine.EventHandlerBegins:
		name += " " + string(e.Handler)
	}
	s[eventPrefix+name]++
}

// requiredFeatures must occur in accepted definitions, often enough for a meaningful test.
var requiredFeatures = []string{
	" if: ", "until: ", "every: ", "for: ", "retry: ", "on_failure: continue", " on_failure:\n", "\non_failure:\n", "\nfinally:\n", "undo:\n", "parallel:\n",
	"for_each: ${{", "for_each: '${{", "for_each: [", "for_each:\n", "limit: ", "switch:\n", "else:\n", " workflow: callee", "approval:\n", "within: ",
	"otherwise: reject", "otherwise: approve", "otherwise: fail", "allow_requester: true", "\noutputs:\n", "defaults: ", "\ntimeout: ", "  timeout: ",
	"credential: ", "credentials: ",
	"{type: string", "{type: integer", "{type: number", "{type: boolean", "{type: duration", "{type: list", "{type: object", "enum: ", "pattern: ", "minimum: ",
	"maximum: ", "items: {type: integer}", "required: false", "default: ",
	"{type: object, properties: ", "items: {type: object, properties: ", ".sizes", ".note", ".place.zone", ".place.wait", ".names", ".host",
	"fail: ", "code: ", "timeout: 1d", "within: 2d", `duration("1d12h")`, " / duration(", ") * 1.5", "0.25 * (", "failure.name", "failure.done",
	" ?? ", "?.", " ? ", "let ", " in [", "in {", " == nil", " != nil", " < ", " >= ", " && ", " || ", " and ", "not (", " + ", " - ", " * ", " / ", " % ", " ** ", "}.m",
	"[0]", "[-1]", "[1:]", ".items", ".approved", "failure.", "result.", "request.id", "run.started_at", "${{ item", "${{ steps.s",
	"contains ", "startsWith ", "matches ", "map(", "filter(", "any(", "all(", "count(", "find(", "sum(", "len(", "string(", "int(", "float(", "toJSON(", "upper(",
	"trimPrefix(", "split(", "join(", "replace(", "repeat(", "indexOf(", "round(", "min(", "max(", "first(", "take(", "sort(", "uniq(", "concat(", "duration(",
	"#index", "kept: ", "whole: ", "zero: ", "id: exact",
}

// requiredEvents must occur in runs, often enough for a meaningful test.
var requiredEvents = []string{
	"runs succeeded", "runs failed", "runs cancelled", "runs waiting", "runs uncertain", "event step skipped", "event step retries", "event step waits",
	"event step failed", "event step asks", "event step uncertain", "event step decided approve", "event step decided reject", "event step decided expired",
	"event step decided done", "event step decided fail", "event handler begins undo", "event handler begins on_failure", "event handler begins finally",
}

// report logs the counts. It fails the test if they are too low.
func (s soundness) report(t *testing.T, definitions int) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		t.Logf("%8d %q", s[name], name)
	}
	if definitions < 500 {
		t.Log("so few definitions need not have everything")
		return
	}
	for _, name := range requiredFeatures {
		if n := s[featurePrefix+name]; n*150 < definitions {
			t.Errorf("%q is in %d accepted definitions: too few to prove anything", name, n)
		}
	}
	for _, name := range requiredEvents {
		if s[name]*50 < definitions {
			t.Errorf("%q was counted %d times: too few to prove anything", name, s[name])
		}
	}
	if accepted := s["accepted at once"] + s["accepted after lines were made harmless"]; accepted*10 < definitions*9 || s["refused for maybe-null"] < definitions {
		t.Errorf("of %d definitions %d were accepted, and %d values were refused: too few to prove anything", definitions, accepted, s["refused for maybe-null"])
	}
}
