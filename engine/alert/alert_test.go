package alert

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	_ "errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/tasktest"
	"errand/tasks/webhook"
)

var secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("canary", 5)))

// A receiver is a transport that answers messages as a test says.
type receiver struct {
	t      *testing.T
	status func(m Message) int // 0: the connection fails; nil: 200
	got    []string            // the messages that were accepted: "id kind step of run"
	asked  int
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	key, err := webhook.ParseKey(secret)
	if err != nil {
		return nil, err
	}
	id, err := key.Verify(req.Header, body)
	if err != nil || req.Method != "POST" || req.URL.String() != "https://hooks.example.com/errand" {
		r.t.Errorf("%s %s: %v", req.Method, req.URL, err)
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Type != messageType || !e.Timestamp.Equal(e.Data.Since) {
		r.t.Errorf("the message is %s, %v", body, err)
	}
	r.asked++
	status := http.StatusOK
	if r.status != nil {
		status = r.status(e.Data)
	}
	if status == 0 {
		return nil, errors.New("no route to https://kim:canary@hooks.example.com")
	}
	if status < 300 {
		r.got = append(r.got, fmt.Sprintf("%s %s %s of %s %s %s", id, e.Data.Kind, e.Data.Step, e.Data.Run, e.Data.Workflow, e.Data.Request))
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"120"}, "Location": {"https://elsewhere.example.com/"}}, Body: io.NopCloser(strings.NewReader("canary")), Request: req}, nil
}

// A homeOfRuns has runs that ask.
type homeOfRuns struct {
	t       *testing.T
	journal *journal.Memory
	runs    int
}

func (h *homeOfRuns) runner() *local.Runner {
	return &local.Runner{Journal: h.journal, Registry: h.registry(), About: "test"}
}

func (h *homeOfRuns) registry() *task.Registry {
	doubtful := task.Connector{Name: "far", Title: "Far", Description: "Loses its replies."}
	doubtful.Types = append(doubtful.Types, task.Define("far.once", "Loses its reply.", task.Once, func(context.Context, task.Call, struct{}) (struct{}, error) {
		return struct{}{}, &task.Failure{Code: task.CodeNoReply, Message: "no reply, canary", Unknown: true}
	}))
	return task.NewRegistry(append(tasks.Connectors(task.Environment{}), doubtful)...)
}

// start starts a run until it waits.
func (h *homeOfRuns) start(steps string) string {
	h.t.Helper()
	p, problems := program.Load("case.yaml", []byte("workflow: case\nsteps:\n"+steps), h.registry())
	if diag.HasErrors(problems) {
		h.t.Fatal(problems)
	}
	h.runs++
	run := fmt.Sprintf("run%013d", h.runs)
	_, err := h.runner().Start(h.t.Context(), engine.Order{Run: run, Request: fmt.Sprint("100-", h.runs), Inputs: map[string]any{}, Program: p}, engine.Following{})
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

const (
	approvalStep  = "  - {id: ok, approval: {ask: \"canary?\", by: [Kim]}}\n"
	uncertainStep = "  - {id: act, task: far.once}\n"
	bothSteps     = "  - id: both\n    parallel:\n      a:\n        - {id: ok, approval: {ask: \"canary?\", by: [Kim]}}\n      b:\n        - {id: act, task: far.once}\n"
)

func newSender(h *homeOfRuns, r *receiver) *Sender {
	return &Sender{Name: task.DefaultCredential, Runs: h.runner(), Environment: task.Environment{
		Transport: r, Credentials: tasktest.Store{"secret": secret, "url": "https://hooks.example.com/errand"},
	}}
}

// messages returns what was accepted, without the ids, sorted.
func (r *receiver) messages() string {
	var all []string
	for _, text := range r.got {
		_, rest, _ := strings.Cut(text, " ")
		all = append(all, rest)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// Each question is told once, also by another process.
func TestEachQuestionIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := &homeOfRuns{t: t, journal: journal.NewMemory()}, &receiver{t: t}
		h.start(approvalStep)
		uncertain := h.start(uncertainStep)
		h.start("  - {task: timer.delay, with: {duration: 1h}}\n")
		h.start(bothSteps)
		want := "approval ok of run0000000000001 case 100-1, approval ok of run0000000000004 case 100-4, uncertain act of run0000000000002 case 100-2, uncertain act of run0000000000004 case 100-4"
		for range 3 {
			s := newSender(h, r)
			for range 2 {
				if err := s.pass(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := r.messages(); got != want {
			t.Errorf("told     %s\nexpected %s", got, want)
		}
		for _, message := range r.got {
			if strings.Contains(message, "canary") {
				t.Errorf("a message contains a text: %s", message)
			}
		}
		// A decision ends a question, and a retry asks another one.
		r.got = nil
		time.Sleep(time.Second)
		if err := h.runner().Decide(t.Context(), uncertain, "act", engine.Decision{Verdict: engine.VerdictRetry, By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		s := newSender(h, r)
		if err := s.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told, err := s.told(t.Context()); err != nil || len(told) != 3 {
			t.Errorf("on record are %q, %v", told, err)
		}
		if _, err := h.runner().Follow(t.Context(), uncertain, engine.Following{}); err != nil {
			t.Fatal(err)
		}
		if err := s.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := r.messages(), "uncertain act of run0000000000002 case 100-2"; got != want {
			t.Errorf("told %s, expected %s", got, want)
		}
	})
}

// A message that fails is sent again, with the same id, later and later. One that the receiver does
// not want does not keep others from being told.
func TestMessagesThatFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		status func(minute int, m Message) int
		want   string // after ten minutes
		outage string
	}{
		{"a receiver that comes back", func(minute int, _ Message) int {
			if minute < 3 {
				return 0
			}
			return 200
		}, "run1 run2", "unreachable: the receiver of alerts cannot be reached, <nil>"},
		{"an error", func(minute int, _ Message) int {
			if minute < 3 {
				return 503
			}
			return 204
		}, "run1 run2", "http_503: the receiver of alerts answered 503 Service Unavailable, <nil>"},
		{"a redirect is not followed", func(int, Message) int { return 302 }, "", "http_302: the receiver of alerts answered 302 Found"},
		{"one that is not wanted", func(_ int, m Message) int {
			if m.Run == "run0000000000001" {
				return 400
			}
			return 200
		}, "run2", "http_400: the receiver of alerts answered 400 Bad Request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, r := &homeOfRuns{t: t, journal: journal.NewMemory()}, &receiver{t: t}
				start := time.Now()
				ids := map[string]string{}
				r.status = func(m Message) int {
					return c.status(int(time.Since(start).Minutes()), m)
				}
				h.start(approvalStep)
				h.start(approvalStep)
				s := newSender(h, r)
				var outages []string
				s.Outage = func(err error) {
					first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
					outages = append(outages, first)
				}
				s.Told = func(m Message) {
					if _, before := ids[m.ID]; before {
						t.Errorf("%s was told twice", m.ID)
					}
					ids[m.ID] = m.Run
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					s.Work(ctx)
				}()
				time.Sleep(10 * time.Minute)
				cancel()
				<-done
				var told []string
				for _, run := range ids {
					told = append(told, strings.ReplaceAll(run, "000000000000", ""))
				}
				slices.Sort(told)
				if got := strings.Join(told, " "); got != c.want {
					t.Errorf("told %s, expected %s", got, c.want)
				}
				if got := strings.Join(outages, ", "); got != c.outage || strings.Contains(got, "canary") {
					t.Errorf("outages %s, expected %s", got, c.outage)
				}
				if r.asked > 30 {
					t.Errorf("%d messages were sent", r.asked)
				}
			})
		})
	}
}

// If what was told cannot be put on record, the message is sent again with the same id.
func TestACrashAfterAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := &homeOfRuns{t: t, journal: journal.NewMemory()}, &receiver{t: t}
		h.start(approvalStep)
		s := newSender(h, r)
		s.Runs = &forgetful{Runs: s.Runs}
		if err := s.pass(t.Context()); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		for range 2 {
			if err := newSender(h, r).pass(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(r.got) != 2 || r.got[0] != r.got[1] {
			t.Errorf("told %q", r.got)
		}
	})
}

var errCrash = errors.New("killed")

type forgetful struct{ Runs }

func (*forgetful) Take(context.Context, engine.Taking) ([]engine.Taken, error) { return nil, errCrash }

// Without a secret or an address nothing is sent, and a copy of a home tells nothing.
func TestNothingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := &homeOfRuns{t: t, journal: journal.NewMemory()}, &receiver{t: t}
		h.start(approvalStep)
		for _, store := range []tasktest.Store{{}, {"secret": secret}, {"secret": "canary", "url": "https://hooks.example.com/errand"}, {"secret": secret, "url": "http://hooks.example.com/canary"}} {
			s := newSender(h, r)
			s.Environment.Credentials = store
			if err := s.pass(t.Context()); err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("with %v: %v", store, err)
			}
		}
		if _, err := h.runner().Suspect(t.Context(), engine.Person{Name: "Kim"}); err != nil {
			t.Fatal(err)
		}
		if err := newSender(h, r).pass(t.Context()); err != nil || r.asked > 0 {
			t.Errorf("%d messages, %v", r.asked, err)
		}
	})
}
