package golden

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/task"
)

// ErrUnderWay is the error of recording a run that has not ended and waits for no person.
var ErrUnderWay = errors.New("the run is still under way; it can be recorded when it has ended or waits for a person")

// Record makes a case from a run on record. Replies become mocks, with the time that the calls
// took, and decisions become decisions. The trace is made by running the case with the definition
// of the run. If definition is true, the document holds this definition; otherwise the case uses
// the definition that is found by the name of the workflow. If the run was retried, the case has
// only the entries that the retry kept and those after it.
func (b Bench) Record(ctx context.Context, record engine.Record, definition bool) ([]byte, error) {
	c, err := recorded(record)
	if err != nil {
		return nil, err
	}
	if definition {
		c.set(record.Workflow+".yaml", string(record.Program.Own()))
	}
	b.Definition = record.Definition
	o, err := b.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	return c.Format(o), nil
}

// recorded returns the case of a run, without a trace.
func recorded(record engine.Record) (*Case, error) {
	if record.Ended.IsZero() && len(record.Questions) == 0 {
		return nil, ErrUnderWay
	}
	r := &recorder{record: record, last: map[string]time.Time{"": record.Started}, latest: map[string]*answered{}}
	for _, m := range record.Moments {
		r.moment(m)
	}
	start := record.Started.Round(time.Millisecond)
	head := map[string]any{"workflow": record.Workflow, "run": record.Run, "request": record.Request, "start": start.Format(time.RFC3339Nano)}
	keys := []string{"workflow", "run", "request", "start"}
	if record.URL != "" {
		head["url"], keys = record.URL, append(keys, "url")
	}
	var inputs map[string]any
	if err := exact(record.Inputs, &inputs); err != nil {
		return nil, err
	}
	head["inputs"], keys = inputs, append(keys, "inputs")
	if len(r.decisions) > 0 {
		decisions := map[string]any{}
		for step, all := range r.decisions {
			decisions[step] = decisionsOf(all)
		}
		head["decisions"], keys = decisions, append(keys, "decisions")
	}
	if record.Status == engine.Cancelled && !r.cancelled.IsZero() {
		head["cancel"], keys = map[string]any{"after": span(r.cancelled.Sub(start))}, append(keys, "cancel")
	}
	document := &txtar.Archive{Comment: []byte(r.prose()), Files: []txtar.File{
		{Name: caseFile, Data: writeYAML(ordered(head, keys...))},
		{Name: mocksFile, Data: writeYAML(r.mocks())},
	}}
	return Parse(record.Run+Ending, txtar.Format(document))
}

// A recorder turns the moments of a run into the keys of a case.
type recorder struct {
	record    engine.Record
	answers   []*answered
	latest    map[string]*answered // by branch: its last moment, if that was a reply
	decisions map[string][]any
	cancelled time.Time
	last      map[string]time.Time // by branch: the time of its last moment
}

func (r *recorder) moment(m engine.Moment) {
	at := m.At.Round(time.Millisecond)
	before, ok := r.last[m.Branch]
	if !ok {
		before = at
	}
	latest := r.latest[m.Branch]
	r.latest[m.Branch] = nil
	switch {
	case m.Reply != nil && m.Reply.Failure != nil && m.Reply.Failure.Local: // nothing was sent
	case m.Reply != nil:
		a := &answered{step: m.Step, reply: m.Reply, took: at.Sub(before)}
		r.answers = append(r.answers, a)
		r.latest[m.Branch] = a
	case m.Decision != nil:
		r.decided(m, at)
	case m.Cancelled:
		if r.cancelled.IsZero() {
			r.cancelled = at
		}
		if latest != nil { // so that the branch is cancelled before it acts again
			latest.took += at.Sub(before) + time.Millisecond
		}
	}
	r.last[m.Branch] = at
}

// An answered is a call on record, with its reply.
type answered struct {
	step  string
	reply *task.Reply
	took  time.Duration
}

func (r *recorder) mocks() []any {
	all := make([]any, 0, len(r.answers))
	for _, a := range r.answers {
		all = append(all, a.mock())
	}
	return all
}

// mock returns the mock that replies as the call on record.
func (a *answered) mock() any {
	m := map[string]any{"step": a.step}
	switch reply := a.reply; {
	case reply.Failure != nil:
		f := reply.Failure
		fails := map[string]any{"code": f.Code, "message": f.Message}
		for key, value := range map[string]any{"status": f.Status, "transient": f.Transient, "unknown": f.Unknown} {
			if value != 0 && value != false {
				fails[key] = value
			}
		}
		if f.RetryAfter > 0 {
			fails["retry_after"] = span(f.RetryAfter)
		}
		m["fails"] = ordered(fails, "code", "message", "status", "transient", "unknown", "retry_after")
	case reply.Again != nil:
		again := map[string]any{"after": span(reply.Again.After)}
		if reply.Again.Note != "" {
			again["note"] = reply.Again.Note
		}
		if reply.Again.Settled {
			again["settled"] = true
		}
		if reply.Again.Absent {
			again["absent"] = true
		}
		if known := outputsOf(reply.Again.Output); len(known) > 0 {
			again["returns"] = known
		}
		m["again"] = ordered(again, "after", "note", "settled", "absent", "returns")
	default:
		m["returns"] = outputsOf(reply.Output)
	}
	if a.took > 0 {
		m["takes"] = span(a.took)
	}
	return ordered(m, "step", "returns", "fails", "again", "takes")
}

// outputsOf returns the outputs of a mock, without nulls and without the values that every task has
// when it succeeds.
func outputsOf(output json.RawMessage) map[string]any {
	var outputs map[string]any
	_ = exact(output, &outputs) // it was checked when it was recorded
	for name, value := range outputs {
		if value == nil || name == "success" && value == true || name == "result_code" && value == json.Number("0") {
			delete(outputs, name)
		}
	}
	return outputs
}

// exact decodes JSON and keeps numbers as they are written.
func exact(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

// decided notes a person's decision and how long after the question it was made. It ignores the
// verdict "expired", which no person gives.
func (r *recorder) decided(m engine.Moment, at time.Time) {
	if m.Decision.Verdict == engine.VerdictExpired {
		return
	}
	var asked time.Time
	for _, event := range r.record.Events {
		if event.Step == m.Step && (event.Kind == engine.EventStepAsks || event.Kind == engine.EventStepUncertain) && !event.At.After(m.At) {
			asked = event.At.Round(time.Millisecond)
		}
	}
	d := map[string]any{"after": span(max(0, at.Sub(asked))), "verdict": string(m.Decision.Verdict), "by": m.Decision.By.Name}
	if m.Decision.By.EnteredBy != "" {
		d["entered_by"] = m.Decision.By.EnteredBy
	}
	if m.Decision.Comment != "" {
		d["comment"] = m.Decision.Comment
	}
	if r.decisions == nil {
		r.decisions = map[string][]any{}
	}
	r.decisions[m.Step] = append(r.decisions[m.Step], ordered(d, "after", "verdict", "by", "entered_by", "comment"))
}

// decisionsOf returns the decisions on a step. The first one contains the later ones.
func decisionsOf(all []any) any {
	first := all[0].([]member)
	if len(all) > 1 {
		first = append(first, member{"then", all[1:]})
	}
	return first
}

// prose returns the text at the top of the document.
func (r *recorder) prose() string {
	run := r.record
	of := "without a request"
	if run.Request != "" {
		of = "of request " + diag.Printable(run.Request)
	}
	return fmt.Sprintf("The run %s %s, begun on %s: %s.\n\n", run.Run, of, run.Started.Format(time.DateOnly), run.Status)
}
