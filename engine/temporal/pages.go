package temporal

import (
	"context"

	"go.temporal.io/sdk/client"

	"errand/engine"
	"errand/engine/journal"
)

// Temporal takes payloads of up to 2 MiB. A record that is longer cannot be passed on, so that its run
// does not continue as new; readers get it in pages.
const (
	mostBytes = 1800 << 10 // of a payload
	pageBytes = 1 << 20    // of a page, before it is compressed
)

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

// fits reports whether Temporal takes the record as one payload.
func (r Record) fits() bool {
	packed, err := r.pack()
	return err == nil && len(packed)/3*4 <= mostBytes // it is encoded in base64
}

// queryRecord is the query that a workflow answers with a page of the record of its run.
const queryRecord = "record"

// A pageRequest asks for the entries after those that the caller has.
type pageRequest struct {
	Skip  int `json:"skip"`  // how many entries the caller has
	Folds int `json:"folds"` // the Folds of the page before
}

// A page is a record with a part of its entries.
type page struct {
	Record Record `json:"record"`
	First  int    `json:"first"` // how many entries come before
	Folds  int    `json:"folds"` // how often entries were folded; then those that the caller has are others
	More   bool   `json:"more"`
}

// page answers the query for a page.
func (l *ledger) page(began Record, asked pageRequest) page {
	p := page{Record: l.record(began), Folds: l.folds}
	if asked.Folds == p.Folds {
		p.First = asked.Skip
	}
	rest := p.Record.Entries[p.First:]
	size, n := 0, 0
	for n < len(rest) && (n == 0 || size < pageBytes) {
		size += sizeOf(rest[n])
		n++
	}
	p.Record.Entries, p.More = rest[:n], n < len(rest)
	if p.First > 0 { // the caller has them
		p.Record.Run, p.Record.Replaced = Header{ID: p.Record.Run.ID}, nil
	}
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
	for asked := (pageRequest{}); ; {
		answer, err := c.QueryWorkflow(ctx, flow, execution, queryRecord, asked)
		if err != nil {
			return whole, err
		}
		var p page
		if err := answer.Get(&p); err != nil {
			return whole, err
		}
		if p.First == 0 {
			whole = p.Record
		} else {
			known := whole
			whole = p.Record
			whole.Run, whole.Replaced = known.Run, known.Replaced
			whole.Entries = append(known.Entries, p.Record.Entries...)
		}
		if !p.More {
			return whole, nil
		}
		asked = pageRequest{Skip: len(whole.Entries), Folds: p.Folds}
	}
}
