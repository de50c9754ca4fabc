package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/virtual"
)

type runCommand struct {
	homeFlags
	inputs      inputFlags
	place       placeFlags
	decisions   decideFlags
	again       bool
	follow      followFlags
	output      output
	definitions definitions
}

func (c *runCommand) describe() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a workflow for a service request",
		ArgsUsage: "NAME|FILE",
		Description: "errand run start-instance --sandbox --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001\n" +
			"errand run my-workflow.yaml --request 100-291 --inputs inputs.yaml\n" +
			"errand run stop-instance --request 100-291 --input instance_id=i-0a1b2c3d4e5f60002 -o json",
		Flags: c.homeFlags.with(slices.Concat(
			c.inputs.flags("the service request's `ID`, such as 100-291", "an input as `NAME=VALUE`; can be repeated, and appends to an input that is a list"),
			c.place.flags("run against a simulated EC2 and ISM inside the process, with a clock that jumps over waits"),
			c.decisions.flags(),
			[]cli.Flag{
				&cli.BoolFlag{Name: "again", Usage: "start a new run, even if the request has one", Destination: &c.again},
			},
			c.follow.flags(),
			[]cli.Flag{c.output.flag(), c.definitions.flag()},
		)...),
	}
}

func (c *runCommand) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	name, err := a.one("the workflow to run")
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	place, err := c.place.place(&c.homeFlags)
	if err != nil {
		return err
	}
	p, err := c.definitions.load(c.terminal, name, place.registry)
	if err != nil {
		return err
	}
	if place.decider, err = c.decisions.decider(p); err != nil {
		return err
	}
	request := engine.Request{Run: newRunID()}
	if request.Inputs, err = c.inputs.collect(c.terminal, p, c.definitions.typed(c.terminal, name)); err != nil {
		return err
	}
	if request.Request, err = c.inputs.requestID(c.terminal, p); err != nil {
		return err
	}
	if err := checkCredentials(ctx, place.registry, p); err != nil {
		return err
	}
	if place.sandbox == nil {
		return c.durable(ctx, a.command, place, request, p, asJSON)
	}
	result, err := c.simulated(ctx, place, request, p)
	if err != nil {
		exit := &Exit{Code: ExitInternal, Message: err.Error(), Hint: "the sandbox ended with the run; nothing is on record"}
		if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
			exit.Code = wordingOf(trouble.Code).code
		}
		return exit
	}
	return finish(c.terminal, engine.View{Result: result, Waits: openWaits(result), Program: p}, asJSON, place)
}

// check returns an error for flags that cannot be combined.
func (c *runCommand) check() error {
	if err := c.place.check(); err != nil {
		return err
	}
	switch {
	case c.decisions.used() && !c.place.sandbox:
		return &Exit{Code: ExitUsage, Message: "--approve and --reject decide in the sandbox; add --sandbox", Hint: "outside the sandbox, a run waits for a person: errand runs approve RUN STEP --approve or --reject"}
	case c.place.sandbox && (c.follow.detach || c.follow.wait || c.again):
		return usage("--detach, --wait and --again do not apply to a sandbox, which ends with this process")
	}
	return nil
}

// durable runs the workflow with a journal in the home, so that the run survives the end of the
// process.
func (c *runCommand) durable(ctx context.Context, by string, place *place, r engine.Request, p *program.Program, asJSON bool) error {
	me, err := c.user()
	if err != nil {
		return err
	}
	o, err := c.homeFlags.open(ctx, by, place.registry)
	if err != nil {
		return err
	}
	defer o.close()
	order := engine.Order{Run: r.Run, Request: r.Request, StartedBy: me, Inputs: r.Inputs, Program: p, Again: c.again}
	if c.follow.detach {
		receipt, err := o.Accept(ctx, order)
		if err != nil {
			return runExit(err, receipt.Run)
		}
		return o.detach(ctx, receipt.Run, c.follow.wait)
	}
	v, err := o.show(ctx, r, c.listedProgram(ctx, o, order), c.follow.wait, func(ctx context.Context, f engine.Following) (engine.View, error) { return o.Start(ctx, order, f) })
	if err != nil {
		return o.workExit(v, err, v.Run, asJSON) // v.Run is empty if the run may not be on record
	}
	return finish(c.terminal, v, asJSON, nil)
}

// listedProgram returns the program whose steps are shown: that of the existing run of the request,
// or else that of the order.
func (c *runCommand) listedProgram(ctx context.Context, o *opened, order engine.Order) *program.Program {
	if order.Request == "" || order.Again {
		return order.Program
	}
	found, err := o.List(ctx, engine.Query{Workflow: order.Program.Name, Request: order.Request, Pruned: true, Limit: 1})
	if err != nil || len(found) == 0 {
		return order.Program
	}
	if v, err := o.Read(ctx, found[0].Run); err == nil && v.Program != nil {
		return v.Program
	}
	return order.Program
}

// simulated runs the workflow in a sandbox. The first interrupt cancels the run before its next
// effect; the second one ends the process.
func (c *runCommand) simulated(ctx context.Context, place *place, r engine.Request, p *program.Program) (engine.Result, error) {
	show := newProgress(c.terminal, p, r, place.clock.Now)
	defer show.end()
	open := calls{names: p.KeyNames()}
	ctx, done := interruptible(ctx, func() { show.note(open.interruptNote("cancelling before the next effect")) })
	defer done()
	if _, err := p.ConcurrencyKey(r.Request, r.Inputs); err != nil {
		return engine.Result{}, runExit(&engine.Refusal{Code: engine.RefusedKey, Run: r.Run, Reason: err.Error(), Err: err}, "")
	}
	host := &virtual.Host{Context: ctx, Clock: place.clock, Registry: place.registry, Watch: open.watch(show.event), Answer: place.decider.answer}
	result, err := engine.Run(host, r, p)
	if errors.Is(err, engine.ErrUndecided) {
		err = nil
	}
	return result, err
}

// openWaits returns the persons that a run in a sandbox waits for.
func openWaits(r engine.Result) []engine.Wait {
	var waits []engine.Wait
	for _, s := range r.Steps {
		if s.Status == engine.StepWaiting || s.Status == engine.StepUncertain {
			waits = append(waits, engine.Wait{For: engine.WaitPerson, Step: s.ID, Since: s.Started})
		}
	}
	return waits
}

// newRunID returns 16 random letters and digits.
func newRunID() string { return strings.ToLower(rand.Text()[:16]) }
