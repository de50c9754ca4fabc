package temporal

import (
	"context"
	"encoding/json"

	"go.temporal.io/sdk/client"

	"errand/engine"
	"errand/engine/journal"
)

// A record that is longer than Temporal takes cannot be passed on, so that its run does not continue as
// new. Readers get it in pages.

// pageBytes is about how many bytes a page has, before it is compressed.
const pageBytes = 1 << 20

// base returns the record of a run as it is now, without its state.
func (l *ledger) base(began Record) Record {
	began.Entries, began.Messages, began.Cancel, began.Told = l.entries(), l.messages, l.cancel, l.toldSoFar
	began.Reset = l.resetSoFar()
	return began
}

// record returns the record of a run as it is now.
func (l *ledger) record(began Record) Record {
	r := l.base(began)
	if l.ended != nil {
		r.State = *l.ended
		return r
	}
	r.State = State{Status: l.status()}
	if r.State.Status != engine.Running {
		r.State.Waits = l.waits()
	}
	return r
}

// cut returns the record of a run that has ended without its entries. Readers of the run get them in
// pages. Lists read the result that is left; it has no steps if the whole one would be too long.
func (r Record) cut(result engine.Result) Record {
	r.Entries, r.Cut = nil, true
	for _, forget := range []func(){func() { result.Steps = []engine.StepResult{} }, func() { result.Outputs = engine.Values{} }} {
		if r.fits() {
			break
		}
		forget()
		r.State.Result, _ = json.Marshal(result) // the whole one was encoded before
	}
	return r
}

// queryRecord is the query that a workflow answers with a page of the record of its run.
const queryRecord = "record"

// A pageRequest asks for the part of a record after what the caller has.
type pageRequest struct {
	Header bool `json:"header"` // the caller has what does not change
	Skip   int  `json:"skip"`   // how many entries the caller has
	Folds  int  `json:"folds"`  // the Folds of the page before
	Result int  `json:"result"` // how many bytes of the result the caller has
}

// A page is a record with a part of its entries, or after the last of them with a part of its result.
type page struct {
	Record Record `json:"record"`
	First  int    `json:"first"` // how many entries come before
	Folds  int    `json:"folds"` // how often entries were folded; then those that the caller has are others
	Result []byte `json:"result,omitempty"`
	More   bool   `json:"more"`
}

// page answers the query for a page.
func (l *ledger) page(began Record, asked pageRequest) page {
	p := page{Record: l.record(began), Folds: l.folds}
	if asked.Folds == p.Folds {
		p.First = asked.Skip
	}
	size := 0
	if header := p.Record.Run; asked.Header {
		p.Record.Run, p.Record.Replaced = Header{ID: header.ID}, nil
	} else {
		size = len(header.Inputs) + len(header.Definition.Source)
	}
	rest, n := p.Record.Entries[p.First:], 0
	for n < len(rest) && (size == 0 || size < pageBytes) {
		size += sizeOf(rest[n])
		n++
	}
	result := p.Record.State.Result[asked.Result:]
	p.Record.Entries, p.Record.State.Result = rest[:n], nil
	if n == len(rest) {
		p.Result = result[:min(len(result), max(0, pageBytes-size))]
	}
	p.More = n < len(rest) || len(p.Result) < len(result)
	return p
}

// sizeOf estimates how many bytes the JSON of an entry has.
func sizeOf(e journal.Entry) int {
	n := 200 + len(e.Step) + len(e.Branch) + len(e.Comment)
	if e.Call != nil {
		n += 300 + len(e.Call.Input)
	}
	if e.Reply != nil {
		n += 100 + len(e.Reply.Output)
		if e.Reply.Failure != nil {
			n += 200 + len(e.Reply.Failure.Message)
		}
	}
	return n
}

// ask reads the record of a run from a worker, page by page.
func ask(ctx context.Context, c client.Client, flow, execution string) (Record, error) {
	var whole Record
	var result []byte
	for asked := (pageRequest{}); ; {
		p, err := askPage(ctx, c, flow, execution, asked)
		if err != nil {
			return whole, err
		}
		known := whole
		whole = p.Record
		if asked.Header {
			whole.Run, whole.Replaced = known.Run, known.Replaced
		}
		if p.First > 0 {
			whole.Entries = append(known.Entries, p.Record.Entries...)
		}
		if result = append(result, p.Result...); !p.More {
			whole.State.Result = result
			return whole, nil
		}
		asked = pageRequest{Header: true, Skip: len(whole.Entries), Folds: p.Folds, Result: len(result)}
	}
}

// askPage reads a page.
func askPage(ctx context.Context, c client.Client, flow, execution string, asked pageRequest) (p page, err error) {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	answer, err := c.QueryWorkflow(ctx, flow, execution, queryRecord, asked)
	if err != nil {
		return p, err
	}
	err = answer.Get(&p)
	return p, err
}
