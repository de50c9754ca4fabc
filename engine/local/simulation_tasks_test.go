package local_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

type simIn struct {
	Text      string `json:"text" doc:"Any text."`
	Number    int    `json:"number" doc:"Any number."`
	NotBefore string `json:"not_before" doc:"When a delay before this step was over."`
}

type simOut struct {
	Value  string `json:"value" doc:"What was done."`
	Number int    `json:"number" doc:"How many calls the step has had."`
}

type delayIn struct {
	Duration schema.Span `json:"duration" required:"true" doc:"How long to wait."`
}

type delayOut struct {
	FiredAt string `json:"fired_at" doc:"When the delay was over."`
}

// simulated are the task types of the simulated world. A call has its world from the process that
// makes it.
var simulated = task.NewRegistry(task.Connector{
	Name: "sim", Title: "Simulation", Description: "A world in which everything fails now and then.",
	Types: []task.Type{
		task.Define("sim.pure", "Computes, or fails.", task.Pure, compute),
		task.Define("sim.delay", "Waits.", task.Pure, delay),
		simulate("sim.reads", task.Reads, look),
		simulate("sim.converges", task.Converges, converge),
		simulate("sim.keyed", task.Keyed, create),
		simulate("sim.evident", task.Evident, addOnce),
		simulate("sim.once", task.Once, actOnce),
		settling(simulate("sim.restart", task.Once, restart)),
	},
})

// acts reports whether a task type has effects.
func acts(name string) bool {
	t, found := simulated.Lookup(name)
	return found && t.Effect != task.Pure && t.Effect != task.Reads
}

// repeatable reports whether the effects of a task type can be repeated.
func repeatable(name string) bool {
	t, found := simulated.Lookup(name)
	return !found || t.Effect.Repeatable()
}

func settling(t task.Type) task.Type {
	t.Settles = true
	return t
}

// simulate returns a task type from what it does if nothing goes wrong.
func simulate(name string, effect task.Effect, act func(*visit) (simOut, error)) task.Type {
	return task.Define(name, "Acts on the world.", effect, func(ctx context.Context, c task.Call, in simIn) (simOut, error) {
		p := ctx.Value(processKey{}).(*process)
		v := p.sim.arrive(p, c, effect)
		defer v.leave()
		if due, err := time.Parse(time.RFC3339Nano, in.NotBefore); err == nil && time.Now().Before(due) {
			p.sim.lockAndNote("I5", v.sub, "%s is called at %s, before the delay that ends at %s", c.Step, time.Now(), due)
		}
		return v.carryOut(ctx, act)
	})
}

// carryOut carries out a call, with the fault that its fate says.
func (v *visit) carryOut(ctx context.Context, act func(*visit) (simOut, error)) (simOut, error) {
	noAnswer := &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
	if !v.wait(ctx, v.fate.before) {
		return simOut{}, noAnswer
	}
	switch v.fate.kind {
	case isThrottled:
		after := time.Duration(v.fate.d.IntN(3)) * 10 * time.Second
		return simOut{}, &task.Failure{Code: "Throttled", Message: "slow down", Status: 503, Transient: true, RetryAfter: after}
	case isRefused:
		return simOut{}, &task.Failure{Code: task.CodeUnreachable, Message: "nobody listens", Transient: true}
	case failsForGood:
		return simOut{}, &task.Failure{Code: "Forbidden", Message: "not like this", Status: 403}
	case hasTrouble:
		return simOut{}, &task.Failure{Code: task.CodeCredential, Message: "the key is lost", Local: true}
	case isLost:
		return simOut{}, noAnswer
	case processDies:
		if v.endEarly(v.fate.d); v.isDead() {
			return simOut{}, noAnswer
		}
	}
	out, err := act(v)
	switch v.fate.kind {
	case answerIsLost:
		return simOut{}, noAnswer
	case processDiesAt:
		v.crash()
		return simOut{}, noAnswer
	}
	if !v.wait(ctx, v.fate.after) {
		return simOut{}, noAnswer
	}
	return out, err
}

func (v *visit) out(value string) simOut { return simOut{Value: value, Number: v.number} }

// compute fails for some inputs, and for some only at first. It always answers alike, because a
// replay computes it again.
func compute(_ context.Context, c task.Call, in simIn) (simOut, error) {
	switch {
	case in.Number%7 == 6:
		return simOut{}, &task.Failure{Code: task.CodeInput, Message: "an unlucky number"}
	case c.Attempt < in.Number%4:
		return simOut{}, &task.Failure{Code: "Tired", Message: "once more", Transient: true}
	case in.Number%5 == 4 && len(c.Note) < 2:
		return simOut{}, &task.Again{After: time.Duration(len(c.Note)) * time.Second, Note: c.Note + "."}
	}
	return simOut{Value: strings.ToUpper(in.Text), Number: in.Number}, nil
}

// delay waits like timer.delay.
func delay(_ context.Context, c task.Call, in delayIn) (delayOut, error) {
	due := c.Started.Add(time.Duration(in.Duration))
	if left := due.Sub(c.Now); left > 0 {
		return delayOut{}, &task.Again{After: left}
	}
	return delayOut{FiredAt: due.UTC().Format(time.RFC3339Nano)}, nil
}

// look reads a value that changes.
func look(v *visit) (simOut, error) {
	if v.habit.once(4) && v.number%3 == 1 {
		return simOut{}, &task.Again{After: v.fate.d.between(0, 20*time.Second), Note: "pending"}
	}
	return v.out(fmt.Sprintf("%s saw %d", v.call.Step, v.number)), nil
}

// converge brings a thing into a state, which it reaches after a while. It looks before the first
// request, and again if an earlier attempt may have taken effect.
func converge(v *visit) (simOut, error) {
	under := v.habit.between(0, 30*time.Second)
	known := v.find(func(*deed) bool { return true })
	switch {
	case known != nil && !time.Now().Before(known.ready) && (v.call.Note != "absent" || v.call.Recover):
		return v.out(known.value), nil
	case v.call.Note == "" && known == nil:
		return simOut{}, &task.Again{Note: "absent"}
	case v.call.Note == "absent" && (known == nil || !v.call.Recover):
		known = v.do("state of " + v.call.Step)
		known.ready = time.Now().Add(under)
		if v.habit.once(2) {
			return simOut{}, &task.Again{After: under / 2, Note: "under way", Settled: true, Output: task.AllKnown(v.out(known.value))}
		}
		return simOut{}, &task.Again{After: under / 2, Note: "under way"}
	}
	return simOut{}, &task.Again{After: time.Second + under/3, Note: "under way"}
}

// create makes one thing for each key. It refuses the same key with another input.
func create(v *visit) (simOut, error) {
	key := v.call.Key()
	made := v.find(func(d *deed) bool { return d.call.Key() == key })
	if made != nil && string(made.call.Input) != string(v.call.Input) {
		return simOut{}, &task.Failure{Code: "IdempotentParameterMismatch", Message: "the key was used for something else", Status: 400}
	}
	if made == nil {
		made = v.do(fmt.Sprintf("%s made %d", v.call.Step, v.number))
		if v.habit.once(2) {
			return simOut{}, &task.Again{After: v.habit.between(0, 5*time.Second), Note: "made", Settled: true, Output: task.AllKnown(v.out(made.value))}
		}
	}
	return v.out(made.value), nil
}

// addOnce adds a thing that contains the reference of the call. If an earlier attempt may have
// added it, addOnce only looks for that reference.
func addOnce(v *visit) (simOut, error) {
	if v.call.Recover {
		return task.LookFor(v.call, task.EvidenceDelay, func() (simOut, bool, error) {
			v.sim.count(func(c *tally) { c.Lookups++ })
			reference := v.call.Reference()
			added := v.find(func(d *deed) bool { return d.call.Reference() == reference && !time.Now().Before(d.shown) })
			if added == nil {
				return simOut{}, false, nil
			}
			return v.out(added.value), true, nil
		})
	}
	return v.out(v.do(v.call.Step + " was added").value), nil
}

// actOnce has an effect that nobody can look up.
func actOnce(v *visit) (simOut, error) {
	return v.out(v.do(v.call.Step + " was done").value), nil
}

// restart has an effect that nobody can look up, but a later call can read its result.
func restart(v *visit) (simOut, error) {
	if v.call.Settled {
		return v.out(v.call.Step + " is back"), nil
	}
	v.do(v.call.Step + " was restarted")
	return simOut{}, &task.Again{After: v.habit.between(0, 10*time.Second), Settled: true, Output: task.NothingKnown}
}
