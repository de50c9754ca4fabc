package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/pattern"
	"errand/engine/plan"
	"errand/engine/program"
	"errand/engine/task"
)

func (c *Command) planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "tell what a run would call, in order, and what it must be permitted, with nothing called",
		ArgsUsage: "NAME|FILE",
		Description: "errand plan provision-instance\n" +
			"errand plan start-instance --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001 --read\n" +
			"errand plan stop-instance --region eu-west-1 -o policy > policy.json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "request", Usage: "the service request's `ID`, such as 100-291; where unsaid it is not known"},
			&cli.StringSliceFlag{Name: "input", Usage: "an input as `NAME=VALUE`; one that has no value is not known"},
			&cli.StringFlag{Name: "inputs", Usage: "take inputs from a YAML or JSON `FILE`"},
			&cli.BoolFlag{Name: "read", Usage: "carry out what only reads, and have EC2 say by dry runs what is permitted; nothing is changed"},
			&cli.BoolFlag{Name: "sandbox", Usage: "with --read: in an EC2 and an ISM that live in the process"},
			&cli.StringFlag{Name: "world", Usage: "what is in the sandbox, as a YAML or JSON `FILE`"},
			&cli.StringFlag{Name: "region", Usage: "restrict the policy to an AWS `REGION`, such as eu-west-1"},
			&cli.StringFlag{Name: "credential", Usage: "with -o policy: of the credential `NAME`, where several are used"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORMAT`: text, json, or policy (of AWS IAM, alone)"},
			c.definitionsFlag(),
			c.homeFlag(),
			keyFlags()[0],
			keyFlags()[1],
		},
		BashComplete: c.completeWorkflows,
		Action:       c.plan,
	}
}

// plan prints plan.Plan as it is for -o json: its fields are documented there. It exits with ExitCredentials where --read finds that a call
// is not permitted, or that there is no credential to ask with.
func (c *Command) plan(x *cli.Context) error {
	format := x.String("output")
	switch {
	case format != "text" && format != "json" && format != "policy":
		return usage("-o %s is not known; write -o text, -o json or -o policy", format)
	case x.IsSet("world") && !x.Bool("sandbox"):
		return usage("--world says what is in the sandbox; add --sandbox")
	case x.IsSet("credential") && format != "policy":
		return usage("--credential chooses between policies; add -o policy")
	}
	if region := x.String("region"); region != "" && !awsRegion.MatchString(region) {
		return usage("--region %s is not a region; it looks like eu-west-1", region)
	}
	name, err := oneName(x, "the workflow to plan")
	if err != nil {
		return err
	}
	o := plan.Options{Request: strings.TrimSpace(x.String("request")), Region: x.String("region"), Read: x.Bool("read"), Now: started(), Registry: c.registry()}
	if o.Read || x.Bool("sandbox") {
		place, err := c.place(x)
		if err != nil {
			return err
		}
		o.Registry = place.registry
	}
	p, err := c.load(x, name, o.Registry)
	if err != nil {
		return err
	}
	if o.Inputs, err = c.planned(x, p); err != nil {
		return err
	}
	made, err := plan.New(x.Context, p, o)
	if err != nil {
		return &Exit{Code: ExitUsage, Message: err.Error(), Hint: "plan it with fewer items in its lists"}
	}
	switch format {
	case "json":
		err = writeJSON(c.Stdout, made)
	case "policy":
		err = writePolicy(c.Stdout, made, x.String("credential"))
	default:
		_, err = io.WriteString(c.Stdout, made.Text())
	}
	if err != nil {
		return err
	}
	return refusedExit(made, name)
}

// refusedExit says in a line what is not permitted, or, where nothing is known to be, that there is no credential to ask with.
func refusedExit(made *plan.Plan, name string) error {
	refused := made.Refused()
	if len(refused) == 0 {
		return nil
	}
	var actions []string
	for _, r := range refused {
		if r.Verdict == task.Refused {
			actions = append(actions, r.Action)
		}
	}
	if actions == nil {
		return &Exit{Code: ExitCredentials, Message: "there is no credential to ask with: " + refused[0].Reason, Hint: "without --read nothing is asked; --sandbox needs no account"}
	}
	return &Exit{Code: ExitCredentials, Message: "not permitted: " + strings.Join(actions, ", "), Hint: "errand plan " + name + " -o policy prints what is needed"}
}

var awsRegion = pattern.New(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// planned are a plan's inputs: one that is needed and has no value is not known.
func (c *Command) planned(x *cli.Context, p *program.Program) (map[string]any, error) {
	given, wrong, err := c.given(x, p)
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, wrongInputs(p, wrong)
	}
	inputs, err := plan.Inputs(p, given)
	if err != nil {
		return nil, wrongInputs(p, misfits("", err))
	}
	return inputs, nil
}

// writePolicy writes the policy of a credential, alone.
func writePolicy(w io.Writer, p *plan.Plan, credential string) error {
	var found []plan.Need
	var names []string
	for _, n := range p.Needs {
		if n.Policy != nil {
			names = append(names, n.Credential)
			if credential == "" || n.Credential == credential {
				found = append(found, n)
			}
		}
	}
	switch {
	case len(names) == 0:
		return &Exit{Code: ExitNotFound, Message: p.Workflow + " needs nothing of AWS", Hint: "errand plan " + p.Workflow + " tells what it needs"}
	case len(found) == 0:
		return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("%s uses no credential %q that has a policy", p.Workflow, credential), Hint: "those that it uses are " + strings.Join(names, ", ")}
	case len(found) > 1:
		return usage("%s uses several credentials, each with a policy of its own: %s; choose one with --credential", p.Workflow, strings.Join(names, ", "))
	}
	_, err := io.WriteString(w, found[0].Policy.String())
	return err
}
