package tasktest

import (
	"strings"
	"testing"
	"time"
)

// A FailureCase is an answer of a remote system, and the failure that it becomes.
type FailureCase struct {
	Name      string
	Answer    Answer
	Code      string
	Status    int
	Transient bool
	Unknown   bool
	Throttled bool
	Message   string // a part of the failure's message
	Advice    string // a part of what operators read, which the message does not contain
}

// Scripted returns a driver whose transport is a script with answers.
type Scripted func(t *testing.T, answers ...Answer) (*Driver, *Script)

// TestFailures checks the failure that each answer becomes. A call with this note must send the
// request that the answer belongs to first.
func TestFailures(t *testing.T, scripted Scripted, cases []FailureCase, name, input, note string) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			d, s := scripted(t, c.Answer)
			d.Attempts, d.Call.Note = 1, note
			reply := d.Run(name, input)
			f := reply.Failure
			if f == nil {
				t.Fatalf("got %+v, want a failure", reply)
			}
			if f.Code != c.Code || f.Status != c.Status || f.Transient != c.Transient || f.Unknown != c.Unknown || f.Throttled != c.Throttled || !strings.Contains(f.Message, c.Message) {
				t.Errorf("got  %+v\nwant code %s, status %d, transient %v, unknown %v, throttled %v, %q", *f, c.Code, c.Status, c.Transient, c.Unknown, c.Throttled, c.Message)
			}
			if c.Advice != "" && (strings.Contains(f.Message, c.Advice) || !strings.Contains(f.ForOperators(), c.Advice)) {
				t.Errorf("got %+v, want %q in the details only", *f, c.Advice)
			}
			if strings.ContainsAny(f.Message, "\n\r") || len(f.Message) > 700 {
				t.Errorf("want one line of at most 700 bytes, got the message %q", f.Message)
			}
			if len(s.Bodies) != 1 {
				t.Errorf("%d requests were sent, want 1: only the engine tries again", len(s.Bodies))
			}
		})
	}
}

// TestRetryAfter checks that a failure has the wait of the header Retry-After, as a number of
// seconds and as a date.
func TestRetryAfter(t *testing.T, scripted Scripted, busy Answer, name, input string) {
	const year = 365 * 24 * time.Hour
	busy.Header = map[string]string{"Date": "Wed, 21 Oct 2026 07:28:00 GMT"}
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "": 0, "soon": 0, "-1": 0, "90000": 25 * time.Hour, "999999999": year,
		"Wed, 21 Oct 2026 07:28:06 GMT": 6 * time.Second, "Wed, 21 Oct 2026 07:27:00 GMT": 0,
	} {
		busy.RetryAfter = header
		d, _ := scripted(t, busy)
		d.Attempts = 1
		reply := d.Run(name, input)
		if reply.Failure == nil || reply.Failure.RetryAfter != want {
			t.Errorf("Retry-After: %s gave %+v, want %s", header, reply.Failure, want)
		}
		if wait, throttled := reply.Throttled(); want > 0 && (!throttled || wait != want) {
			t.Errorf("Retry-After: %s does not slow down other calls: %s, %t", header, wait, throttled)
		}
	}
}
