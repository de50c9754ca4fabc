package runnertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"errand/engine"
)

const greeting = `
inputs: {who: {type: string}}
steps:
  - {id: act, task: probe.evident, with: {text: "Hello ${{ inputs.who }}"}}
outputs:
  text: ${{ steps.act.text }}
`

var startCases = []testCase{
	{"an order is on record and due at once", func(b *bench) {
		o := b.order(greeting)
		o.Inputs = map[string]any{"who": "Dana"}
		receipt, err := b.first.Accept(b.ctx, o)
		if receipt != (engine.Receipt{Run: run, Started: receipt.Started}) || receipt.Started.IsZero() || err != nil {
			b.Fatalf("got %+v, %v", receipt, err)
		}
		v := b.read()
		if !b.isDue(v) || b.called() != "" {
			b.Errorf("the run is %+v; called: %s", v, b.called())
		}
		if v.Workflow != "case" || v.Request != "100-291" || v.StartedBy != "Dana" || string(v.Inputs) != `{"who":"Dana"}` || v.Started.IsZero() || !v.Ended.IsZero() {
			b.Errorf("the run is %+v", v)
		}
		v = b.follow(engine.Succeeded, "act succeeded")
		if v.Outputs["text"] != "Hello Dana" || b.called() != "act" {
			b.Errorf("outputs %v; called: %s", v.Outputs, b.called())
		}
	}},
	{"a run keeps the address of its page", func(b *bench) {
		o := b.order(`
steps:
  - {id: act, task: probe.evident, with: {text: "${{ run.url ?? 'no page' }}"}}
  - {id: ok, approval: {ask: "See ${{ run.url ?? 'nothing' }}", by: [operators]}}
  - parallel:
      left: [{id: more, task: probe.evident, with: {text: "${{ run.url ?? 'no page' }} again"}}]
  - {id: once, task: probe.once, with: {text: "${{ run.url ?? 'no page' }}"}}
`)
		for i, url := range []string{"", "https://errand.example.com/runs/one", "https://elsewhere.example.com/errand/runs/two"} {
			b.calls, b.answer = nil, failing("once")
			o.Run, o.Request, o.URL = runID(i), fmt.Sprint("100-", i), url
			receipt, err := b.first.Accept(b.ctx, o)
			b.must(err)
			if v := o.Accepted(receipt); v.URL != url {
				b.Errorf("the accepted run has the address %q, want %q", v.URL, url)
			}
			o.URL = "https://other.example.com/runs/x" // the same order, which comes to another process
			_, err = b.Open("another").Start(b.ctx, o, engine.Following{})
			b.must(err)
			b.must(b.first.Decide(b.ctx, o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim", Groups: []string{"operators"}}}))
			_, err = b.Open("a third").Follow(b.ctx, o.Run, engine.Following{})
			b.must(err)
			b.answer = nil
			b.must(b.first.Retry(b.ctx, o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}))
			v, err := b.Open("a fourth").Follow(b.ctx, o.Run, engine.Following{})
			b.must(err)
			page := cmp.Or(url, "no page")
			var texts []string
			for _, c := range b.calls {
				texts = append(texts, string(c.Input))
			}
			got, want := strings.Join(texts, " "), fmt.Sprintf(`{"text":%q} {"text":"%s again"} {"text":%[1]q} {"text":%[1]q}`, page, page)
			if got != want || v.URL != url {
				b.Errorf("with the address %q, it is %q, and the calls are %s\nwant %s", url, v.URL, got, want)
			}
		}
	}},
	{"the same request has one run", func(b *bench) {
		o := b.order(greeting)
		o.Inputs = map[string]any{"who": "Dana"}
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		o.Run = "testrun000000001"
		receipt, err := b.Open("another").Accept(b.ctx, o)
		if receipt != (engine.Receipt{Run: run, Existed: true}) || err != nil {
			b.Errorf("got %+v, %v", receipt, err)
		}
		for range 2 { // the first carries out the run, the second returns its result
			v, err := b.first.Start(b.ctx, o, engine.Following{})
			b.expect(v, err, engine.Succeeded, "act succeeded")
			if v.Run != run || b.called() != "act" {
				b.Errorf("run %s; called: %s", v.Run, b.called())
			}
		}
		receipt, err = b.first.Accept(b.ctx, o)
		if receipt != (engine.Receipt{Run: run, Existed: true}) || err != nil {
			b.Errorf("got %+v, %v", receipt, err)
		}
	}},
	{"an id is used once", func(b *bench) {
		o := b.order(greeting)
		o.Inputs, o.Request = map[string]any{"who": "Dana"}, ""
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		_, err = b.Open("another").Accept(b.ctx, o)
		b.expectRefusal(err, engine.RefusedMoved)
		_, err = b.Open("another").Start(b.ctx, o, engine.Following{})
		b.expectRefusal(err, engine.RefusedMoved)
		b.follow(engine.Succeeded, "act succeeded")
	}},
	{"orders without a request are different runs", func(b *bench) {
		o := b.order(greeting)
		o.Inputs, o.Request = map[string]any{"who": "Dana"}, ""
		for _, o.Run = range []string{run, "testrun000000001"} {
			v, err := b.first.Start(b.ctx, o, engine.Following{})
			b.expect(v, err, engine.Succeeded, "act succeeded")
			if v.Run != o.Run {
				b.Errorf("run %s, want %s", v.Run, o.Run)
			}
		}
	}},
	{"other inputs are a conflict, unless the order is for another run", func(b *bench) {
		o := b.order(greeting)
		o.Inputs = map[string]any{"who": "Dana"}
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		other := o
		other.Run, other.Inputs = "testrun000000001", map[string]any{"who": "Kim"}
		_, err = b.first.Accept(b.ctx, other)
		if r := b.expectRefusal(err, engine.RefusedConflict); string(r.Inputs) != `{"who":"Dana"}` {
			b.Errorf("the inputs are %s", r.Inputs)
		}
		_, err = b.first.Start(b.ctx, other, engine.Following{})
		if r := b.expectRefusal(err, engine.RefusedConflict); string(r.Inputs) != `{"who":"Dana"}` {
			b.Errorf("the inputs are %s", r.Inputs)
		}
		other.Again = true
		v, err := b.first.Start(b.ctx, other, engine.Following{})
		b.expect(v, err, engine.Succeeded, "act succeeded")
		if v.Run != other.Run {
			b.Errorf("run %s", v.Run)
		}
		other.Again, other.Run = false, "testrun000000002" // Accept returns the last run of the request
		receipt, err := b.first.Accept(b.ctx, other)
		if receipt != (engine.Receipt{Run: "testrun000000001", Existed: true}) || err != nil {
			b.Errorf("got %+v, %v", receipt, err)
		}
	}},
	{"a process that ends its work leaves the run to others", func(b *bench) {
		v := b.startAndEnd("steps:\n  - {id: act, task: probe.once}\n  - {id: next, task: probe.once}\n", nil)
		b.expect(v, nil, engine.Waiting, "act succeeded, next running")
		if v.Due.IsZero() || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitProcess {
			b.Errorf("due %s, waits %+v", v.Due, v.Waits)
		}
		b.must(b.Open("a worker").Work(b.ctx, true, nil))
		b.expect(b.read(), nil, engine.Succeeded, "act succeeded, next succeeded")
		if b.called() != "act next" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"a run that a person stops waits for a person", func(b *bench) {
		v := b.startAndEnd("steps:\n  - {id: act, task: probe.once}\n  - {id: next, task: probe.once}\n", engine.ErrStop)
		b.expect(v, nil, engine.Waiting, "act succeeded, next running")
		if !v.Due.IsZero() || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitProcess {
			b.Errorf("due %s, waits %+v", v.Due, v.Waits)
		}
		b.Pass(time.Hour)
		b.must(b.Open("a worker").Work(b.ctx, true, nil))
		if b.called() != "act" {
			b.Errorf("called: %s", b.called())
		}
		b.follow(engine.Succeeded, "act succeeded, next succeeded")
	}},
	{"a process whose context has ended accepts no order and does not act", func(b *bench) {
		ctx, end := context.WithCancel(b.ctx)
		end()
		o := b.order("steps:\n  - {id: act, task: probe.once}\n")
		if _, err := b.first.Accept(ctx, o); !errors.Is(err, context.Canceled) {
			b.Errorf("got %v", err)
		}
		if _, err := b.first.Start(ctx, o, engine.Following{}); !errors.Is(err, context.Canceled) {
			b.Errorf("got %v", err)
		}
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		v, err := b.first.Follow(ctx, run, engine.Following{})
		b.must(err)
		if b.called() != "" || !b.isDue(v) {
			b.Errorf("called: %s; due %s", b.called(), v.Due)
		}
		b.follow(engine.Succeeded, "act succeeded")
	}},
}
