package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/home"
	"errand/engine/pattern"
	"errand/engine/plan"
	"errand/engine/program"
	"errand/engine/task"
)

type planCommand struct {
	homeFlags
	inputs      inputFlags
	read        bool
	place       placeFlags
	region      string
	credential  string
	format      string
	definitions definitions
}

func (c *planCommand) describe() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what a run would call, in order, and which permissions it needs, without calling anything",
		ArgsUsage: "NAME|FILE",
		Description: "errand plan provision-instance\n" +
			"errand plan start-instance --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001 --read\n" +
			"errand plan stop-instance --region eu-west-1 -o policy > policy.json",
		Flags: c.homeFlags.with(slices.Concat(
			c.inputs.flags("the service request's `ID`, such as 100-291; without it, the plan shows a placeholder", "an input as `NAME=VALUE`; without it, the plan shows a placeholder"),
			[]cli.Flag{
				&cli.BoolFlag{Name: "read", Usage: "make the calls that only read, and ask EC2 with dry runs what it permits; nothing is changed", Destination: &c.read},
			},
			c.place.flags("with --read: call a simulated EC2 and ISM inside the process"),
			[]cli.Flag{
				&cli.StringFlag{Name: "region", Usage: "restrict the policy to an AWS `REGION`, such as eu-west-1", Destination: &c.region},
				&cli.StringFlag{Name: "credential", Usage: "with -o policy: print the policy of the credential `NAME`, if the workflow uses several", Destination: &c.credential},
				&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORMAT`: text, json, or policy (only the AWS IAM policy)", Destination: &c.format},
				c.definitions.flag(),
			},
		)...),
	}
}

// run prints the plan; -o json prints plan.Plan, which documents its fields. The exit code is
// ExitCredentials if --read finds that a call is not permitted or that there is no credential.
func (c *planCommand) run(ctx context.Context, a arguments) error {
	if err := c.check(); err != nil {
		return err
	}
	name, err := a.one("the workflow to plan")
	if err != nil {
		return err
	}
	o := plan.Options{Request: strings.TrimSpace(c.inputs.request), Region: c.region, Read: c.read, Now: sandboxStart(), Registry: c.connectors.registry()}
	if c.read || c.place.sandbox {
		place, err := c.place.place(&c.homeFlags)
		if err != nil {
			return err
		}
		o.Registry = place.registry
	}
	p, err := c.definitions.load(c.terminal, name, o.Registry)
	if err != nil {
		return err
	}
	typed := c.definitions.typed(c.terminal, name)
	if o.Inputs, err = c.planInputs(p, typed); err != nil {
		return err
	}
	made, err := plan.New(ctx, p, o)
	if err != nil {
		return &Exit{Code: ExitUsage, Message: err.Error(), Hint: "plan it with shorter lists"}
	}
	switch c.format {
	case "json":
		err = c.writeJSON(made)
	case "policy":
		err = writePolicy(c.stdout, made, c.credential, typed)
	default:
		_, err = io.WriteString(c.stdout, made.Text())
	}
	if err != nil {
		return err
	}
	return refusedExit(made, typed)
}

// check returns an error for flags that cannot be combined.
func (c *planCommand) check() error {
	if !slices.Contains([]string{"text", "json", "policy"}, c.format) {
		return usage("unknown output format %q; expected text, json or policy", c.format)
	}
	if err := c.place.check(); err != nil {
		return err
	}
	if c.credential != "" && c.format != "policy" {
		return usage("--credential chooses between policies; add -o policy")
	}
	if c.region != "" && !awsRegion.MatchString(c.region) {
		return usage("--region %q: expected a region such as eu-west-1", c.region)
	}
	return nil
}

// refusedExit returns an error that lists the calls that are not permitted, or that says why
// permissions could not be asked for.
func refusedExit(made *plan.Plan, typed string) error {
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
		return &Exit{Code: ExitCredentials, Message: "cannot ask about permissions: " + refused[0].Reason, Hint: "leave out --read, or add --sandbox, which needs no account"}
	}
	return &Exit{Code: ExitCredentials, Message: "not permitted: " + strings.Join(actions, ", "), Hint: "errand plan " + typed + " -o policy prints the permissions that it needs"}
}

var awsRegion = pattern.New(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// planInputs returns the inputs of a plan. A required input without a value is unknown.
func (c *planCommand) planInputs(p *program.Program, typed string) (map[string]any, error) {
	given, err := c.inputs.read(c.terminal, p, typed)
	if err != nil {
		return nil, err
	}
	inputs, err := plan.Inputs(p, given.Given())
	if err != nil {
		return nil, c.wrongInputs(typed, inputLines(p, home.InputMisfits(err)))
	}
	return inputs, nil
}

// writePolicy writes only the policy of a credential. typed is the workflow as a person typed it.
func writePolicy(w io.Writer, p *plan.Plan, credential, typed string) error {
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
		return &Exit{Code: ExitNotFound, Message: p.Workflow + " needs no permissions of AWS", Hint: "errand plan " + typed + " shows what it needs"}
	case len(found) == 0:
		return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("%s uses no credential %q that has a policy", p.Workflow, credential), Hint: "credentials with a policy: " + strings.Join(names, ", ")}
	case len(found) > 1:
		return usage("%s uses several credentials, each with its own policy: %s; choose one with --credential", p.Workflow, strings.Join(names, ", "))
	}
	_, err := io.WriteString(w, found[0].Policy.String())
	return err
}
