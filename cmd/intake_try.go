package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/intake"
	"errand/engine/schema"
)

// intakeTest says what the rules of intake would start for a ticket or a payload. It starts nothing.
type intakeTest struct {
	*terminal
	connectors  connectors
	choice      intakeChoice
	output      output
	definitions definitions
}

func (c *intakeTest) describe() *cli.Command {
	return &cli.Command{
		Name:        "test",
		Usage:       "say which rule matches a ticket, and what it would start",
		ArgsUsage:   "FILE",
		Description: "errand intake test ticket.json\nerrand intake test ticket.json --definitions workflows/ -o json\nerrand intake test payload.json --intake portal/portal.intake.yaml",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Usage: "use the rules of the source `NAME`", Destination: &c.choice.source},
			&cli.StringFlag{Name: "intake", Usage: "use the rules in the intake file `FILE`", Destination: &c.choice.file},
			c.output.flag(),
			&cli.StringFlag{
				Name: "definitions", Usage: "look for intake files and workflows in `DIR`; it defaults to this folder", EnvVars: []string{"ERRAND_DEFINITIONS"},
				Destination: &c.definitions.folder,
			},
		},
	}
}

func (c *intakeTest) words(_ context.Context, p *partial) []candidate {
	return p.first([]candidate{files})
}

func (c *intakeTest) values(_ context.Context, p *partial) []candidate {
	if p.flag != "source" {
		return nil
	}
	return c.choice.sources(&c.definitions, c.connectors.registry())
}

// A tried ticket or payload is the result of errand intake test -o json:
// {"version":1,"source","file","matches","rule","workflow","request","inputs","fits","fault",
// "problems":[{"input","code","message"}],"ticket"}.
type tried struct {
	Version  int             `json:"version"`
	Source   string          `json:"source"`
	File     string          `json:"file"`
	Matches  bool            `json:"matches"`
	Rule     *string         `json:"rule"`
	Workflow *string         `json:"workflow"`
	Request  *string         `json:"request"`
	Inputs   json.RawMessage `json:"inputs"` // null unless the workflow would start
	Fits     bool            `json:"fits"`
	Fault    *string         `json:"fault"` // why the rule could not be evaluated, or why no rule was tried
	Problems []triedProblem  `json:"problems"`
	Ticket   any             `json:"ticket"` // as rules see it, without "attributes"; null for a payload
}

// A triedProblem is an input that does not fit, or a place in a payload that does not fit its schema.
type triedProblem struct {
	Input   string `json:"input"`
	Code    string `json:"code"` // unknown, missing, misfit, or payload
	Message string `json:"message"`
}

func (c *intakeTest) run(_ context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	name, err := a.one("the file of a ticket or a payload; - is standard input")
	if err != nil {
		return err
	}
	if c.choice.source != "" && c.choice.file != "" {
		return usage("--source chooses among the intake files of a folder; leave it out with --intake")
	}
	source, err := c.choice.load(c.terminal, &c.definitions, c.connectors.registry())
	if err != nil {
		return err
	}
	data, err := readTicket(c.terminal, name)
	if err != nil {
		return err
	}
	t := &trial{source: source, result: tried{Version: 1, Source: source.Name, File: source.File, Inputs: json.RawMessage("null"), Problems: []triedProblem{}}}
	if err := t.try(data); err != nil {
		if name == "-" {
			name = "standard input"
		}
		return usage("%s: %v", name, err)
	}
	if asJSON {
		err = c.writeJSON(t.result)
	} else {
		c.print(t)
	}
	if err == nil && !t.result.Fits {
		return &Exit{Code: ExitFailed}
	}
	return err
}

// A trial is a ticket or a payload with what the rules say about it.
type trial struct {
	source *intake.Source
	ticket intake.Ticket
	match  intake.Match
	result tried
}

// try finds the rule that matches. The error says why the data is not a ticket.
func (t *trial) try(data []byte) error {
	var v intake.Values
	if t.source.IsDesk() {
		ticket, err := intake.ParseTicket(data)
		if err != nil {
			return err
		}
		t.ticket, v = ticket, ticket.Values()
		t.result.Ticket = seen(v)
		if !t.source.LooksAt(ticket.Status) {
			fault := fmt.Sprintf("tickets with the status %s are not looked at, only those with %s", schema.Show(ticket.Status), strings.Join(t.source.Statuses, ", "))
			t.result.Fault = &fault
			return nil
		}
	} else {
		var err error
		if v, err = t.source.ReadPayload(data); err != nil {
			misfit, ok := errors.AsType[*intake.PayloadError](err)
			if !ok {
				return err
			}
			fault := "the payload does not fit its schema"
			t.result.Fault = &fault
			for _, m := range misfit.Misfits {
				t.result.Problems = append(t.result.Problems, triedProblem{m.Path, "payload", m.Message})
			}
			return nil
		}
	}
	t.match, t.result.Matches = t.source.Match(v)
	if t.result.Matches {
		t.record()
	}
	return nil
}

// record puts the match into the result.
func (t *trial) record() {
	m, r := t.match, &t.result
	r.Rule, r.Workflow, r.Fits = &m.Rule, &m.Workflow.Name, m.Fits()
	if m.Request != "" {
		r.Request = &m.Request
	}
	if m.Fault != "" {
		r.Fault = &m.Fault
	}
	if r.Fits {
		r.Inputs = schema.Encode(m.Inputs)
	}
	for _, p := range m.Problems {
		r.Problems = append(r.Problems, triedProblem{p.Input, string(p.Code), inputMessage(p)})
	}
}

// seen returns the ticket as rules see it, without all that the desk sent.
func seen(v intake.Values) map[string]any {
	ticket := map[string]any{}
	for name, value := range v["ticket"].(map[string]any) {
		if name != "attributes" {
			ticket[name] = value
		}
	}
	return ticket
}

func inputMessage(p home.InputProblem) string {
	if p.Code == home.InputMissing {
		return "a value is missing; want " + p.Field.Type.NotNull().Article()
	}
	return p.Message
}

// print says for people what would start, or why nothing would.
func (c *intakeTest) print(t *trial) {
	r := t.result
	switch {
	case r.Fits:
		fmt.Fprintf(c.stdout, "the rule %s matches: it would start %s for the request %s\n", t.match.Rule, t.match.Workflow.Name, diag.Printable(t.match.Request))
		printInputs(c.stdout, t.match)
		return
	case r.Matches:
		fmt.Fprintf(c.stdout, "the rule %s matches, and the %s does not fit: nothing would start\n", t.match.Rule, t.noun())
	case r.Fault == nil:
		fmt.Fprintf(c.stdout, "no rule matches: nothing would start\n")
	default:
		fmt.Fprintln(c.stdout, "no rule was tried: nothing would start")
	}
	if r.Fault != nil {
		fmt.Fprintln(c.stdout, "  "+diag.Printable(*r.Fault))
	}
	for _, p := range r.Problems {
		line := p.Message
		if p.Input != "" {
			line = p.Input + ": " + line
		}
		if p.Code != "payload" {
			line = "input " + line
		}
		fmt.Fprintln(c.stdout, "  "+diag.Printable(line))
	}
	if t.source.IsDesk() {
		c.printTicket(t.ticket)
	}
}

func (t *trial) noun() string {
	if t.source.IsDesk() {
		return "ticket"
	}
	return "payload"
}

// printInputs prints the inputs in the order in which the workflow declares them.
func printInputs(w io.Writer, m intake.Match) {
	width := 0
	for _, f := range m.Workflow.Inputs.Fields {
		width = max(width, diag.Width(f.Name))
	}
	for _, f := range m.Workflow.Inputs.Fields {
		if v := m.Inputs[f.Name]; v != nil {
			fmt.Fprintf(w, "  %-*s  %s\n", width, f.Name, diag.Printable(plainText(v)))
		}
	}
}

// printTicket prints on standard error what rules see of a ticket.
func (c *intakeTest) printTicket(t intake.Ticket) {
	fmt.Fprintln(c.stderr, "\nwhat rules see of the ticket:")
	value := t.Values()["ticket"].(map[string]any)
	for _, f := range intake.TicketType.Fields {
		switch f.Name {
		case "attributes":
		case "custom_attributes":
			custom := value[f.Name].(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(custom)) {
				fmt.Fprintln(c.stderr, "  ticket.custom_attributes["+schema.Show(name)+"] = "+schema.Show(custom[name].(string)))
			}
		default:
			fmt.Fprintln(c.stderr, "  ticket."+f.Name+" = "+schema.Show(value[f.Name].(string)))
		}
	}
}
