// Package tasktest tests task types: it calls them as the engine does, over loopback or in process.
// Only tests import it.
//
// In reading order: driver.go (a Driver takes one step to its end), store.go (credential stores),
// script.go (a transport with prepared answers), network.go (what every connector does when the
// network fails), size.go (and when an answer is too long), failure.go (what a remote system's
// answers become), check.go (what Validate finds out).
package tasktest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/task"
)

// Start is the time at which a driver's clock and step start.
var Start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// A Driver calls a task type as the engine does: once more after an Again, and once more after a
// failure that may pass, with Recover if the outcome is unknown. Its clock jumps over all waiting.
// After an unknown outcome, a call of an Evident type only looks, until it finds out the outcome.
type Driver struct {
	Connector task.Connector
	Call      task.Call // the first call of every step; Run sets its type, input, attempt and time
	Attempts  int       // how often a failing step is tried; if 1, nothing is looked for
	Replies   []string  // every reply in short: "again 2s", "absent", "failure no_reply", "output"
	Throttled int       // how many replies say that there were too many requests

	t       *testing.T
	secrets []string
	mu      sync.Mutex // servers read the clock in goroutines
	now     time.Time
}

// New returns a driver for a step called "start" of the run "run1". The caller sets its Connector.
// The test fails if a reply or a check contains one of the secrets.
func New(t *testing.T, secrets ...string) *Driver {
	return &Driver{
		Call: task.Call{Run: "run1", Step: "start", Started: Start}, Attempts: 5,
		t: t, secrets: secrets, now: Start,
	}
}

// Clock returns the driver's time. A simulated system takes it as its clock.
func (d *Driver) Clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// SetClock makes the driver's clock show a time after Start.
func (d *Driver) SetClock(sinceStart time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = Start.Add(sinceStart)
}

// Advance moves the driver's clock.
func (d *Driver) Advance(by time.Duration) { d.SetClock(d.Clock().Add(by).Sub(Start)) }

// Type returns a task type of the connector. The name may leave out the connector.
func (d *Driver) Type(name string) task.Type {
	d.t.Helper()
	i := slices.IndexFunc(d.Connector.Types, func(typ task.Type) bool {
		return typ.Name == name || typ.Name == d.Connector.Name+"."+name
	})
	if i < 0 {
		d.t.Fatalf("the connector %s has no task type %q", d.Connector.Name, name)
	}
	return d.Connector.Types[i]
}

// Run drives one step to its end and returns the last reply.
func (d *Driver) Run(name, input string) task.Reply {
	d.t.Helper()
	typ := d.Type(name)
	call := d.Call
	call.Type, call.Input, call.Attempt = typ.Name, json.RawMessage(input), 1
	var unsure task.Reply // the last one after which the outcome is unknown, of an Evident type
	for range 100 {
		call.Now = d.Clock()
		reply := typ.Run(d.t.Context(), call)
		d.inspect(typ, reply)
		looking := call.Recover && typ.Effect == task.Evident
		switch {
		case reply.Again != nil && reply.Again.Absent:
			if unsure.Failure != nil && (call.Attempt >= d.Attempts || !unsure.Failure.Transient) {
				return unsure
			}
			call.Attempt++
			call.Recover, call.Note, call.Sent = false, "", time.Time{}
		case reply.Again != nil:
			d.Advance(reply.Again.After)
			call.Note = reply.Again.Note
			call.Settled = call.Settled || reply.Again.Settled
		case reply.Failure != nil && reply.Failure.Unknown && typ.Effect == task.Evident && d.Attempts > 1 && !looking && !call.Settled:
			unsure = reply
			call.Recover, call.Note, call.Sent = true, "", call.Now
		case reply.Failure != nil && call.Attempt < d.Attempts && retried(typ, *reply.Failure):
			d.Advance(time.Second)
			call.Attempt++
			call.Recover = call.Recover || reply.Failure.Unknown
		default:
			return reply
		}
	}
	d.t.Fatalf("%s did not end after 100 calls", typ.Name)
	return task.Reply{}
}

// retried reports whether the engine tries again after a failure.
func retried(typ task.Type, f task.Failure) bool {
	return f.Transient && (!f.Unknown || typ.Effect.Repeatable())
}

// inspect checks what holds for every reply: exactly one member is set, an output fits its type,
// and no secret is in it.
func (d *Driver) inspect(typ task.Type, reply task.Reply) {
	d.t.Helper()
	text, err := json.Marshal(reply)
	if err != nil {
		d.t.Fatal(err)
	}
	d.CheckSecrets(string(text))
	members := 0
	if _, throttled := reply.Throttled(); throttled {
		d.Throttled++
	}
	if reply.Again != nil {
		members++
		short := "again " + reply.Again.After.String()
		if reply.Again.Absent {
			short = "absent"
		}
		d.Replies = append(d.Replies, short)
		d.inspectKnown(typ, reply.Again)
	}
	if reply.Failure != nil {
		members++
		d.Replies = append(d.Replies, "failure "+reply.Failure.Code)
	}
	if reply.Output != nil {
		members++
		d.Replies = append(d.Replies, "output")
		if _, err := typ.Output.Decode(reply.Output); err != nil {
			d.t.Errorf("the output %s does not fit its type: %v", reply.Output, err)
		}
	}
	if members != 1 {
		d.t.Errorf("the reply %s has %d members, want exactly 1", text, members)
	}
}

// inspectKnown checks the outputs that are known so far: a type that settles has them, all of them
// unless it reads its outputs later.
func (d *Driver) inspectKnown(typ task.Type, again *task.Again) {
	d.t.Helper()
	known := typ.Known(again.Output)
	if again.Settled && known == nil || again.Settled && !typ.Settles && !typ.Complete(known) {
		d.t.Errorf("the effect took place, and the outputs known so far are %s", again.Output)
	}
}

// CheckSecrets fails the test if a text contains a secret, as it is or escaped for a URL.
func (d *Driver) CheckSecrets(text string) {
	d.t.Helper()
	for _, secret := range d.secrets {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			d.t.Errorf("this contains the secret %q: %s", secret, text)
		}
	}
}

// CompareReplies fails the test unless these are the replies so far.
func (d *Driver) CompareReplies(want ...string) {
	d.t.Helper()
	if !slices.Equal(d.Replies, want) {
		d.t.Errorf("replies %q, want %q", d.Replies, want)
	}
}

// Ready calls the connector's Ready.
func (d *Driver) Ready(credential string) error {
	return d.Connector.Ready(d.t.Context(), credential)
}

// Outputs decodes the outputs of a reply. It ends the test if the reply is a failure.
func Outputs(t *testing.T, reply task.Reply) map[string]any {
	t.Helper()
	if reply.Failure != nil {
		t.Fatalf("failed: %+v", *reply.Failure)
	}
	var outputs map[string]any
	if err := json.Unmarshal(reply.Output, &outputs); err != nil {
		t.Fatal(err)
	}
	return outputs
}

// WithPrefix returns the requests that begin with a prefix, such as "GET ".
func WithPrefix(requests []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(r string) bool { return !strings.HasPrefix(r, prefix) })
}
