package temporal

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"errand/engine"
	"errand/engine/hosttest"
)

// queried is a client that asks the workflow of a test environment.
type queried struct {
	client.Client
	t     *testing.T
	env   *testsuite.TestWorkflowEnvironment
	pages int
}

// QueryWorkflow implements client.Client.
func (q *queried) QueryWorkflow(_ context.Context, _, _, name string, args ...any) (converter.EncodedValue, error) {
	q.pages++
	answer, err := q.env.QueryWorkflow(name, args...)
	if err != nil {
		return nil, err
	}
	var p page
	must(q.t, answer.Get(&p))
	if packed, err := p.Record.pack(); err != nil || len(packed)+len(p.Result) > mostBytes*3/4 {
		q.t.Errorf("page %d has %d and %d bytes, %v", q.pages, len(packed), len(p.Result), err)
	}
	return answer, nil
}

// The pages of a record make the whole one, also if its inputs or its result are long.
func TestPages(t *testing.T) {
	for _, c := range []struct{ inputs, items, pages int }{{0, 1, 1}, {1300, 1, 2}, {500, 30, 6}} {
		t.Run(fmt.Sprintf("%d items", c.items), func(t *testing.T) {
			registry := blobs()
			p := compile(t, registry, fmt.Sprintf("inputs: {text: {type: string}}\nsteps: [{id: all, for_each: \"${{ 1..%d }}\", as: item, steps: [{task: blob.keyed, with: {kib: 90}}]}]\n", c.items))
			synctest.Test(t, func(t *testing.T) {
				d := newDriver(hosttest.Setup{T: t, Context: t.Context(), Registry: registry, Watch: func(engine.Event) {}})
				q := requestOf(p)
				q.Inputs["text"] = blob("inputs", c.inputs)
				_, err := d.run(q, p)
				must(t, err)
				asked := &queried{t: t, env: d.env}
				whole, err := ask(t.Context(), asked, "", "")
				must(t, err)
				if asked.pages < c.pages {
					t.Errorf("the record has %d pages, expected at least %d", asked.pages, c.pages)
				}
				expected := d.ledger.record(recordOfRequest(q, p))
				expected.Run.Started = whole.Run.Started
				if !bytes.Equal(plain(t, whole), plain(t, expected)) {
					t.Errorf("the record of %d pages is another one: %d bytes, expected %d", asked.pages, len(plain(t, whole)), len(plain(t, expected)))
				}
			})
		})
	}
}
