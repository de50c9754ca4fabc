package cmd

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
	"errand/engine/virtual"
)

func (c *Command) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "carry out a workflow for a service request",
		ArgsUsage: "NAME|FILE",
		Description: "errand run start-instance --sandbox --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001\n" +
			"errand run my-workflow.yaml --request 100-291 --inputs inputs.yaml\n" +
			"errand run stop-instance --request 100-291 --input instance_id=i-0a1b2c3d4e5f60002 -o json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "request", Usage: "the service request's `ID`, such as 100-291"},
			&cli.StringSliceFlag{Name: "input", Usage: "an input as `NAME=VALUE`; may be given again for others"},
			&cli.StringFlag{Name: "inputs", Usage: "take inputs from a YAML or JSON `FILE`"},
			&cli.BoolFlag{Name: "sandbox", Usage: "run against an EC2 and an ISM that live in the process, on a clock that jumps over waits"},
			&cli.StringFlag{Name: "world", Usage: "what is in the sandbox, as a YAML or JSON `FILE`"},
			decideFlags()[0],
			decideFlags()[1],
			&cli.BoolFlag{Name: "again", Usage: "ask for a new run, although the request has one"},
			detachFlag(),
			outputFlag(),
			c.definitionsFlag(),
			c.homeFlag(),
			keyFlags()[0],
			keyFlags()[1],
		},
		BashComplete: c.completeWorkflows,
		Action:       c.run,
	}
}

// outputFlag chooses between text for people and JSON for programs.
func outputFlag() cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORMAT`: text or json"}
}

// wantsJSON reads outputFlag.
func wantsJSON(x *cli.Context) (bool, error) {
	switch format := x.String("output"); format {
	case "text":
		return false, nil
	case "json":
		return true, nil
	default:
		return false, usage("-o %s is not known; write -o text or -o json", format)
	}
}

func (c *Command) run(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	name, err := oneName(x, "the workflow to run")
	if err != nil {
		return err
	}
	switch sandboxed := x.Bool("sandbox"); {
	case x.IsSet("world") && !sandboxed:
		return usage("--world says what is in the sandbox; add --sandbox")
	case (x.IsSet("approve") || x.IsSet("reject")) && !sandboxed:
		return &Exit{Code: ExitUsage, Message: "--approve and --reject decide in the sandbox; add --sandbox", Hint: "outside it a run waits for a person: errand runs approve RUN STEP --approve|--reject"}
	case sandboxed && (x.Bool("detach") || x.Bool("again")):
		return usage("a sandbox and its run end with this process; --detach and --again are for runs outside it")
	}
	place, err := c.place(x)
	if err != nil {
		return err
	}
	p, err := c.load(x, name, place.registry)
	if err != nil {
		return err
	}
	if place.decider, err = deciderOf(x, p); err != nil {
		return err
	}
	inputs, err := c.inputs(x, p)
	if err != nil {
		return err
	}
	request := engine.Request{Run: newRunID(), Request: x.String("request"), Inputs: inputs}
	if request.Request, err = c.requestID(p, request.Request); err != nil {
		return err
	}
	if err := ready(x.Context, place.registry, p); err != nil {
		return err
	}
	if place.sandbox == nil {
		result, err := c.durable(x, place, request, p)
		if err != nil || x.Bool("detach") {
			return err
		}
		return c.finish(result, asJSON, nil)
	}
	result, err := c.simulated(x.Context, place, request, p)
	if err != nil {
		return &Exit{Code: ExitInternal, Message: err.Error()}
	}
	return c.finish(result, asJSON, place)
}

// finish prints what a run came to. place is nil outside a sandbox.
func (c *Command) finish(result engine.Result, asJSON bool, place *place) error {
	if asJSON {
		if err := writeJSON(c.Stdout, result); err != nil {
			return err
		}
	} else {
		c.report(result, place)
	}
	return statusExit(result.Status)
}

// load finds a definition and checks it.
func (c *Command) load(x *cli.Context, name string, registry *task.Registry) (*program.Program, error) {
	src, err := c.find(x, name)
	if err != nil {
		return nil, err
	}
	p, problems := c.loader(x, src.file, registry).Load(src.file, src.text)
	if len(problems) > 0 {
		texts := func(string) []byte { return src.text }
		if err := diag.Render(c.Stderr, problems, texts, diag.Style{Color: c.colors(c.Stderr)}); err != nil {
			return nil, err
		}
	}
	if diag.HasErrors(problems) {
		return nil, &Exit{Code: ExitProblems, Message: fmt.Sprintf("%s: %s; nothing was run", src.file, diag.Summary(problems))}
	}
	return p, nil
}

// ready asks each connector that the program uses whether its credential can be used, before anything is done.
func ready(ctx context.Context, registry *task.Registry, p *program.Program) error {
	for _, used := range p.Credentials {
		connector, _ := registry.Connector(used.Connector)
		if connector.Ready == nil {
			continue
		}
		if err := connector.Ready(ctx, used.Name); err != nil {
			return &Exit{Code: ExitCredentials, Message: readyMessage(err), Hint: "nothing was run; --sandbox needs no account"}
		}
	}
	return nil
}

func readyMessage(err error) string {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		return f.Message
	}
	return err.Error()
}

// simulated runs the program in its sandbox. An interrupt cancels the run before its next effect; a second one ends the process.
func (c *Command) simulated(ctx context.Context, place *place, r engine.Request, p *program.Program) (engine.Result, error) {
	show := c.progress(p, r)
	defer show.close()
	ctx, done := interruptible(ctx, func() { show.note("cancelling before the next effect; interrupt again to end at once") })
	defer done()
	host := &virtual.Host{Context: ctx, Clock: place.clock, Registry: place.registry, Watch: show.event, Answer: place.decider.answer}
	result, err := engine.Run(host, r, p)
	if errors.Is(err, engine.ErrUndecided) {
		err = nil
	}
	return result, err
}

// report prints what a run came to: its outputs are data, the rest is talk.
func (c *Command) report(result engine.Result, place *place) {
	if f := result.Failure; f != nil && result.Status != engine.Succeeded {
		fmt.Fprintf(c.Stderr, "%s at step %s: %s (%s)\n", result.Status, f.Step, diag.Printable(f.Message), f.Code)
	}
	hint := unfinished(result)
	if result.Status == engine.Waiting {
		why := "has stopped"
		if slices.ContainsFunc(result.Steps, func(s engine.StepResult) bool { return s.Status == engine.StepAsking }) {
			why = "waits for a person"
		}
		if place == nil {
			why += "; it is on record as far as it came"
		}
		fmt.Fprintf(c.Stderr, "run %s %s\n", result.Run, why)
	}
	switch {
	case place != nil && result.Status == engine.Uncertain:
		hint = "look whether it took effect; nothing more was done, and the request is open"
	case place != nil:
		hint = place.decider.hint()
	}
	if hint != "" {
		fmt.Fprintln(c.Stderr, "  hint:", hint)
	}
	for _, name := range slices.Sorted(maps.Keys(result.Outputs)) {
		fmt.Fprintf(c.Stdout, "%s: %s\n", name, plainText(result.Outputs[name]))
	}
	if place != nil {
		c.showSandbox(place.sandbox)
	}
}

func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		return diag.Printable(v)
	case time.Duration:
		return schema.FormatDuration(v)
	}
	return string(schema.Encode(v))
}

func statusExit(s engine.Status) error {
	code := map[engine.Status]int{
		engine.Succeeded: ExitSucceeded, engine.Failed: ExitFailed, engine.Uncertain: ExitUncertain,
		engine.Waiting: ExitUncertain, engine.Cancelled: ExitCancelled,
	}[s]
	if code == ExitSucceeded {
		return nil
	}
	return &Exit{Code: code}
}

// newRunID is 16 letters and digits that nobody can guess.
func newRunID() string { return strings.ToLower(rand.Text()[:16]) }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// oneName is the command's only argument.
func oneName(x *cli.Context, what string) (string, error) {
	names := x.Args().Slice()
	switch {
	case len(names) == 0:
		return "", &Exit{Code: ExitUsage, Message: "name " + what, Hint: "errand " + x.Command.Name + " --help shows examples"}
	case len(names) > 1:
		return "", usage("one name is wanted, and there are %d: %s", len(names), strings.Join(names, " "))
	}
	return names[0], nil
}

// requestID makes sure that a workflow which works on a service request gets one.
func (c *Command) requestID(p *program.Program, id string) (string, error) {
	id = strings.TrimSpace(id)
	if id == "" && p.NeedsRequest {
		if c.asks() {
			return c.ask("request (the service request's id, such as 100-291)", schema.Of(schema.String))
		}
		return "", &Exit{Code: ExitUsage, Message: p.Name + " works on a service request; none was named", Hint: "add --request ID, such as --request 100-291"}
	}
	return id, nil
}

// started is the time at which a sandbox's clock begins: now, in whole seconds.
func started() time.Time { return time.Now().UTC().Truncate(time.Second) }
