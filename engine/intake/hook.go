package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/task"
	"errand/tasks/webhook"
)

// A Hook is a source that sends its messages, signed, as it is at one time.
type Hook struct {
	Name  string // of the source, and of the credential with the secret
	Judge Judge
}

// LongestMessage is the size of the largest message of a webhook, in bytes.
const LongestMessage = 64 << 10

// ErrTooLong is the error of a message that is too long.
var ErrTooLong = errors.New("the message is longer than 64 KiB")

// A PausedError says that a message starts nothing because of a pause. The sender sends it again.
type PausedError struct{ Name string }

func (e *PausedError) Error() string { return e.Name + " is paused" }

// A Reply is what became of a message. It is the same if the message comes again, as long as it is
// kept.
type Reply struct {
	Result   Result   `json:"result"`
	Rule     string   `json:"rule,omitempty"`
	Workflow string   `json:"workflow,omitempty"` // that of Run if there is one, otherwise the rule's
	Request  string   `json:"request,omitempty"`
	Run      string   `json:"run,omitempty"`     // of Started and Conflict
	Existed  bool     `json:"existed,omitempty"` // the request had the run before this message
	Misfits  []string `json:"misfits,omitempty"` // of Unfit, Conflict and Failed: why nothing starts
	Again    bool     `json:"-"`                 // the message came before
}

// Receive verifies a message of a webhook and starts its run. A message that comes again within ten
// minutes gets the same reply, also from another process and after a restart.
//
// The error is ErrTooLong, a *webhook.SignatureError, a *PausedError, a local *task.Failure if the
// secret cannot be used, a *engine.Refusal if nobody can say whether the run may start, or the
// runner's. Nothing is on record then. A conflict is a reply, and is not kept.
func (c *Clerk) Receive(ctx context.Context, env task.Environment, h Hook, header http.Header, body []byte) (Reply, error) {
	if len(body) > LongestMessage {
		return Reply{}, ErrTooLong
	}
	credential, err := webhook.Find(ctx, env, h.Name)
	if err != nil {
		return Reply{}, err
	}
	id, err := credential.Key.Verify(header, body)
	if err != nil {
		return Reply{}, err
	}
	if reply, ok, err := c.replied(ctx, h.Name, id); ok || err != nil {
		return reply, err
	}
	reply, err := c.reply(ctx, h, id, body)
	if errors.Is(err, engine.ErrAnswered) { // the same message came twice at once
		reply, _, err = c.replied(ctx, h.Name, id)
	}
	if err == nil && !reply.Again {
		o := reply.outcome()
		o.Source, o.Message = h.Name, id
		c.Watch.outcome(o)
	}
	return reply, err
}

// A Receiver takes the messages of all webhooks.
type Receiver struct {
	Clerk       *Clerk
	Environment task.Environment // has the credentials
	Sources     func() []*Source // returns the present sources
}

// Receive is Clerk.Receive for the source with a name. A message to a webhook that does not exist is
// refused like one that somebody else has signed.
func (r Receiver) Receive(ctx context.Context, name string, header http.Header, body []byte) (Reply, error) {
	for _, s := range r.Sources() {
		if !s.IsDesk() && s.Name == name {
			return r.Clerk.Receive(ctx, r.Environment, s.Hook(), header, body)
		}
	}
	if len(body) > LongestMessage {
		return Reply{}, ErrTooLong
	}
	_, err := webhook.Key{}.Verify(header, body)
	return Reply{}, err
}

// outcome returns what a log and metrics show of a reply. What has a run already is not counted as
// started once more.
func (r Reply) outcome() Outcome {
	o := Outcome{Result: r.Result, Ticket: r.Request, Rule: r.Rule, Workflow: r.Workflow, Run: r.Run}
	switch {
	case r.Result == Failed || r.Result == Conflict || r.Result == Unfit && r.Rule == "":
		o.Err = errors.New(r.Misfits[0])
	case r.Existed:
		o.Result = Ignored
	}
	return o
}

// replied returns the reply to a message that came before.
func (c *Clerk) replied(ctx context.Context, source, id string) (r Reply, ok bool, err error) {
	stored, ok, err := c.Taker.Answer(ctx, source, id)
	if err != nil || !ok {
		return Reply{}, false, err
	}
	err = json.Unmarshal([]byte(stored), &r)
	r.Again = true
	return r, true, err
}

// reply judges a new message and puts on record what becomes of it.
func (c *Clerk) reply(ctx context.Context, h Hook, id string, body []byte) (Reply, error) {
	paused, err := c.paused(ctx)
	if err != nil {
		return Reply{}, err
	}
	if paused[access.PausedIntake] {
		return Reply{}, &PausedError{Name: access.PausedIntake}
	}
	ruling, ok, err := h.Judge(body)
	reply := Reply{Result: Started, Rule: ruling.Rule, Request: ruling.Request, Misfits: shortened(ruling.Misfits)}
	if ruling.Workflow != nil {
		reply.Workflow = ruling.Workflow.Name
	}
	taking := engine.Taking{Source: h.Name}
	switch {
	case err != nil:
		reply.Result, reply.Misfits = reasonsOf(err)
	case !ok:
		reply.Result = Ignored
	case paused[reply.Workflow]:
		return Reply{}, &PausedError{Name: reply.Workflow}
	case !ruling.fits():
		reply.Result = Unfit
	default:
		taking.Tickets = []engine.TicketOrder{{Desk: h.Name, Ticket: ruling.Request, Order: c.order(ruling)}}
	}
	taking.Message = &engine.Message{ID: id, Answer: func(taken []engine.Taken) string { return reply.after(taken).encode() }}
	taken, err := c.Taker.Take(ctx, taking)
	if err != nil {
		return Reply{}, err
	}
	if len(taken) > 0 && taken[0].Refusal != nil && taken[0].Refusal.Code != engine.RefusedConflict {
		return Reply{}, taken[0].Refusal
	}
	return reply.after(taken), nil
}

// reasonsOf returns what an error of a Judge makes of a message: a payload that does not fit its schema is
// unfit, and the reasons are everything that does not fit.
func reasonsOf(err error) (Result, []string) {
	payload, ok := errors.AsType[*PayloadError](err)
	if !ok {
		return Failed, shortened([]string{err.Error()})
	}
	var reasons []string
	for _, m := range payload.Misfits {
		reasons = append(reasons, m.Error())
	}
	return Unfit, shortened(reasons)
}

// after returns the reply with what became of the message's ticket.
func (r Reply) after(taken []engine.Taken) Reply {
	if len(taken) == 0 {
		return r
	}
	t := taken[0]
	r.Run, r.Existed = t.Run, t.Existed || t.Before
	if t.Refusal != nil {
		r.Result, r.Run, r.Workflow = Conflict, t.Refusal.Run, cmp.Or(t.Refusal.Workflow, r.Workflow)
		r.Misfits = []string{conflictReason(t.Refusal)}
	}
	return r
}

// conflictReason says with which run something is in conflict. It does not tell the run's inputs, which may
// be for other readers.
func conflictReason(r *engine.Refusal) string {
	if r.Workflow != "" {
		return r.Error()
	}
	return "the request has the run " + r.Run + " with other inputs"
}

func (r Reply) encode() string {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // it has nothing that could not be encoded
	}
	return string(data)
}
