// Package golden runs cases: a definition, a request, a world with its faults, and as their outcome a readable trace of every
// request that left, every wait, and what came of it. A case is one document (golang.org/x/tools/txtar): prose, then the files
//
//	case.yaml    workflow: NAME, request: ID, inputs: {…}, decisions: {STEP: {after: 10m, verdict: approve, by: NAME}}
//	world.yaml   optional: top-level keys that replace those of the sandbox's default world
//	trace        what happened, in order
//	afterwards   what the sandbox holds at the end, as the people concerned would see it
//
// A run is carried out on a clock that jumps, against the sandbox over HTTP, through the real clients; nothing in a trace depends
// on the machine or the day.
package golden

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks/sandbox"
)

// Start is when every case begins.
var Start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// RunID is the run of every case.
const RunID = "goldenrun0000000"

// A Case is a document that was read.
type Case struct {
	archive  *txtar.Archive
	Workflow string                     `json:"workflow"`
	Request  string                     `json:"request"`
	Inputs   map[string]json.RawMessage `json:"inputs"`

	Decisions map[string]Decision `json:"decisions"` // by step
}

// A Decision is what a person decides who is asked, and how long after.
type Decision struct {
	After   string         `json:"after"` // a duration such as 10m
	Verdict engine.Verdict `json:"verdict"`
	By      string         `json:"by"`
	Comment string         `json:"comment"`
}

// answer decides as the case says.
func (c *Case) answer(q engine.Question) (engine.Decision, time.Duration, bool) {
	d, ok := c.Decisions[q.Step]
	after, err := time.ParseDuration(d.After)
	return engine.Decision{Verdict: d.Verdict, By: d.By, Comment: d.Comment}, after, ok && err == nil
}

// An Outcome is what a case came to.
type Outcome struct {
	Result     engine.Result
	State      sandbox.State
	Trace      string
	Afterwards string
}

// Parse reads a case.
func Parse(document []byte) (*Case, error) {
	c := &Case{archive: txtar.Parse(document)}
	data, err := c.data("case.yaml")
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, fmt.Errorf("there is no case.yaml in it")
	}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("case.yaml: %w", err)
	}
	return c, nil
}

// Format is the document with an outcome in it.
func (c *Case) Format(o Outcome) []byte {
	c.set("trace", o.Trace)
	c.set("afterwards", o.Afterwards)
	return txtar.Format(c.archive)
}

// Run carries the case out. source finds a definition by name.
func (c *Case) Run(ctx context.Context, connectors func(task.Environment) []task.Connector, source func(name string) ([]byte, error)) (Outcome, error) {
	world, err := c.world()
	if err != nil {
		return Outcome{}, err
	}
	clock := virtual.NewClock(Start)
	box, err := sandbox.New(world, clock.Now)
	if err != nil {
		return Outcome{}, fmt.Errorf("world.yaml: %w", err)
	}
	registry := task.NewRegistry(connectors(task.Environment{Credentials: sandbox.Credentials{}, Transport: box.Transport()})...)
	text, err := source(c.Workflow)
	if err != nil {
		return Outcome{}, err
	}
	loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		text, err := source(name)
		return name + ".yaml", text, err
	}}
	p, problems := loader.Load(c.Workflow+".yaml", text)
	if diag.HasErrors(problems) {
		return Outcome{}, problems[0]
	}
	inputs, err := c.inputs(p)
	if err != nil {
		return Outcome{}, err
	}
	t := &trace{clock: clock.Now}
	box.Observe(t.exchange)
	result, err := engine.Run(&virtual.Host{Context: ctx, Clock: clock, Registry: registry, Watch: t.event, Answer: c.answer},
		engine.Request{Run: RunID, Request: c.Request, Inputs: inputs}, p)
	if err != nil && !errors.Is(err, engine.ErrUndecided) {
		return Outcome{}, err
	}
	state := box.State()
	return Outcome{Result: result, State: state, Trace: t.String(), Afterwards: afterwards(result, state)}, nil
}

func (c *Case) inputs(p *program.Program) (map[string]any, error) {
	raw, err := json.Marshal(c.Inputs)
	if err != nil {
		return nil, err
	}
	if c.Inputs == nil {
		raw = []byte("{}")
	}
	value, err := p.Inputs.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	return value.(map[string]any), nil
}

// world is the default world with the case's keys over it.
func (c *Case) world() ([]byte, error) {
	changes, err := c.data("world.yaml")
	if err != nil || changes == nil {
		return sandbox.DefaultWorld(), err
	}
	var world, over map[string]json.RawMessage
	if err := json.Unmarshal(sandbox.DefaultWorld(), &world); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(changes, &over); err != nil {
		return nil, fmt.Errorf("world.yaml: %w", err)
	}
	maps.Copy(world, over)
	return json.Marshal(world)
}

// data is a YAML file of the document as JSON, or nil where it is not there.
func (c *Case) data(name string) ([]byte, error) {
	for _, f := range c.archive.Files {
		if f.Name != name {
			continue
		}
		data, problems := definition.Data(name, f.Data)
		if diag.HasErrors(problems) {
			return nil, problems[0]
		}
		return data, nil
	}
	return nil, nil
}

func (c *Case) set(name, text string) {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			c.archive.Files[i].Data = []byte(text)
			return
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(text)})
}

// afterwards tells what a run came to and what it left, for people.
func afterwards(result engine.Result, state sandbox.State) string {
	var b strings.Builder
	if result.Ended.IsZero() {
		fmt.Fprintf(&b, "run %s\n", result.Status)
	} else {
		fmt.Fprintf(&b, "run %s after %s\n", result.Status, schema.FormatDuration(result.Ended.Sub(result.Started)))
	}
	if f := result.Failure; f != nil {
		fmt.Fprintf(&b, "failure at %s: %s: %s\n", f.Step, f.Code, f.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(result.Outputs)) {
		fmt.Fprintf(&b, "output %s: %s\n", name, schema.Encode(result.Outputs[name]))
	}
	b.WriteString(state.Describe())
	return b.String()
}
