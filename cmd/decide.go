package cmd

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
)

// decideFlags decide about approvals in a sandbox, where no person can be asked.
type decideFlags struct{ approve, reject cli.StringSlice }

func (f *decideFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "approve", Usage: "in the sandbox, approve `STEP`; in a loop, each[0].ok is one item and each.ok is all items; can be repeated", Destination: &f.approve},
		&cli.StringSliceFlag{Name: "reject", Usage: "in the sandbox, reject `STEP`, which has the forms that --approve has", Destination: &f.reject},
	}
}

// used reports whether a flag is set.
func (f *decideFlags) used() bool { return len(f.approve.Value())+len(f.reject.Value()) > 0 }

// A decider answers the approvals of a run in a sandbox.
type decider struct {
	approvals []program.Key             // the patterns of the steps that ask a person
	verdicts  map[string]engine.Verdict // by step, as on the command line
	undecided []string                  // the names of the approvals without a decision
}

// decider returns the decider for a program. It checks the names of the steps.
func (f *decideFlags) decider(p *program.Program) (*decider, error) {
	d := &decider{verdicts: map[string]engine.Verdict{}}
	for s := range p.AllPlaces() {
		if _, asks := s.Action.(*program.Approval); asks {
			d.approvals = append(d.approvals, s.Key)
		}
	}
	for _, given := range []struct {
		verdict engine.Verdict
		steps   []string
	}{{engine.VerdictApprove, f.approve.Value()}, {engine.VerdictReject, f.reject.Value()}} {
		verdict := given.verdict
		for _, step := range given.steps {
			if !slices.ContainsFunc(d.approvals, func(k program.Key) bool { return k.Name() == step || k.Matches(program.Key(step)) }) {
				return nil, d.unknown(p, "--"+string(verdict)+" "+diag.Printable(step), step)
			}
			if other, ok := d.verdicts[step]; ok && other != verdict {
				return nil, usage("step %q is both approved and rejected", step)
			}
			d.verdicts[step] = verdict
		}
	}
	return d, nil
}

func (d *decider) unknown(p *program.Program, flag, step string) error {
	if len(d.approvals) == 0 {
		return usage("%s: %s has no step that asks for an approval", flag, p.Name)
	}
	var names []string
	for _, k := range d.approvals {
		names = append(names, k.Name())
	}
	return &Exit{
		Code: ExitUsage, Message: fmt.Sprintf("%s: %s has no approval with this name", flag, p.Name),
		Hint: diag.DidYouMean(step, names),
	}
}

// sandboxPerson is who decides in a sandbox: it has no users, and a role is not a person.
var sandboxPerson = engine.Person{Name: "sandbox"}

// answer decides at once.
func (d *decider) answer(q engine.Question) (engine.Decision, time.Duration, bool) {
	at := slices.IndexFunc(d.approvals, func(k program.Key) bool { return k.Matches(program.Key(q.Step)) })
	if at < 0 {
		return engine.Decision{}, 0, false
	}
	name := d.approvals[at].Name()
	for _, written := range []string{q.Step, name} {
		if verdict, ok := d.verdicts[written]; ok {
			return engine.Decision{Verdict: verdict, By: sandboxPerson}, 0, true
		}
	}
	if !slices.Contains(d.undecided, name) {
		d.undecided = append(d.undecided, name)
	}
	return engine.Decision{}, 0, false
}

// hint returns how to decide about the open approvals. It returns "" if there are none.
func (d *decider) hint() string {
	if len(d.undecided) == 0 {
		return ""
	}
	return fmt.Sprintf("nobody in the sandbox decides about %s; add --approve %s or --reject %s", strings.Join(d.undecided, ", "), d.undecided[0], d.undecided[0])
}
