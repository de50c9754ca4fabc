package cmd

import (
	"context"
	"fmt"

	"errand/engine/golden"
	"errand/engine/scaffold"
	"errand/engine/schema"
	"errand/engine/task"
)

// A first is a first workflow with test cases that pass.
type first struct {
	task              task.Type
	definition        []byte
	succeeds, refused []byte            // documents
	inputs            map[string][]byte // inputs of the cases, as JSON
	sandbox           bool              // the succeeding case runs on the sandbox
}

// sandboxValues returns values for a parameter that exist in the default world of the sandbox.
func sandboxValues(parameter string) []string {
	switch parameter {
	case "instance_id":
		return []string{"i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002"}
	case "ami_id":
		return []string{"ami-0a1b2c3d4e5f60000"}
	case "instance_type":
		return []string{"t3.micro"}
	case "identifier":
		return []string{"i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60001"}
	}
	return nil
}

// newFirst makes a workflow and its cases. It tries values of the sandbox until the workflow
// succeeds. If no value works, the case uses mocks.
func newFirst(ctx context.Context, connectors connectors, name string, t task.Type) (*first, error) {
	registry := connectors.registry()
	k := &first{task: t, definition: scaffold.Definition(registry, name, t)}
	for i := 0; i < 2 && !k.sandbox; i++ {
		k.inputs = map[string][]byte{}
		for _, f := range scaffold.Inputs(t) {
			k.inputs[f.Name] = scaffold.ExampleOf(f)
			if known := sandboxValues(f.Name); len(known) > 0 {
				k.inputs[f.Name] = schema.Encode(known[min(i, len(known)-1)])
			}
		}
		var err error
		if k.succeeds, err = k.try(ctx, connectors, name, scaffold.Succeeds, nil); err != nil {
			return nil, err
		}
		k.sandbox = k.succeeds != nil
	}
	var err error
	if !k.sandbox {
		if k.succeeds, err = k.try(ctx, connectors, name, scaffold.Succeeds, scaffold.Succeeds.Mocks(registry, t)); err != nil {
			return nil, err
		}
	}
	k.refused, err = k.try(ctx, connectors, name, scaffold.Refused, scaffold.Refused.Mocks(registry, t))
	if err == nil && (k.succeeds == nil || k.refused == nil) {
		err = fmt.Errorf("the cases of a first workflow of %s do not pass", t.Name)
	}
	return k, err
}

// try runs a case and returns its document with the trace. It returns nil if the case does not have
// the result that its kind expects.
func (k *first) try(ctx context.Context, connectors connectors, name string, kind scaffold.Kind, mocks []byte) ([]byte, error) {
	parsed, err := golden.Parse(name+golden.Ending, append(scaffold.Case(kind, name, firstRequest, k.inputs), mocks...))
	if err != nil {
		return nil, err
	}
	bench := golden.Bench{Connectors: connectors, Definition: k.definition}
	o, err := bench.Run(ctx, parsed)
	if err != nil || string(o.Result.Status) != kind.Status || len(o.Wrong) > 0 {
		return nil, err
	}
	return parsed.Complete(o), nil
}
