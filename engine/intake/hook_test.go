package intake

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/journal"
	"errand/engine/library"
	"errand/engine/task"
	"errand/tasks/tasktest"
	"errand/tasks/webhook"
)

var hookSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("canary", 5)))

// A hookRig is a rig with a webhook.
type hookRig struct {
	*rig
	env task.Environment
	key webhook.Key
}

func newHookRig(t *testing.T) *hookRig {
	key, err := webhook.ParseKey(hookSecret)
	if err != nil {
		t.Fatal(err)
	}
	return &hookRig{rig: newRig(t), env: task.Environment{Credentials: tasktest.Store{"secret": hookSecret}}, key: key}
}

// hook is the source, whose credential is the default one.
var hook = Hook{Name: task.DefaultCredential, Judge: judgeStub}

// send sends a message, as a new process receives it, and shows the reply.
func (r *hookRig) send(id, body string) string {
	r.t.Helper()
	header := http.Header{}
	if err := r.key.Sign(header, id, time.Now(), []byte(body)); err != nil {
		r.t.Fatal(err)
	}
	return r.receive(header, body)
}

func (r *hookRig) receive(header http.Header, body string) string {
	reply, err := r.clerk().Receive(r.t.Context(), r.env, hook, header, []byte(body))
	if err != nil {
		return "error: " + err.Error()
	}
	words := strings.Fields(fmt.Sprint(reply.Result, " ", reply.Request, " ", reply.Run))
	if reply.Existed {
		words = append(words, "existed")
	}
	if reply.Again {
		words = append(words, "again")
	}
	return strings.Join(append([]string{strings.Join(words, " ")}, reply.Misfits...), "; ")
}

func ticketJSON(id, kind, who string) string {
	data, err := json.Marshal(stubTicket{ID: id, Kind: kind, Who: who})
	if err != nil {
		panic(err)
	}
	return string(data)
}

func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t)
		byHand := engine.Order{Run: "byhand0000000000", Request: "9", Inputs: map[string]any{"who": "Kim"}, Program: workflows()["start"]}
		if _, err := r.runner().Accept(t.Context(), byHand); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ name, id, body, want string }{
			{"a new one", "m1", ticketJSON("1", "start", "Dana"), "started 1 run0000000000001"},
			{"the same message", "m1", ticketJSON("1", "start", "Dana"), "started 1 run0000000000001 again"},
			{"its id with another body", "m1", ticketJSON("2", "start", "Dana"), "started 1 run0000000000001 again"},
			{"the same ticket in another message", "m2", ticketJSON("1", "start", "Dana"), "started 1 run0000000000001 existed"},
			{"the ticket after an edit", "m3", ticketJSON("1", "stop", "Dana"), "conflict 1 run0000000000001; the request has the run run0000000000001 of the workflow start"},
			{"the ticket with other values", "m12", ticketJSON("1", "start", "Kim"), "conflict 1 run0000000000001; the request has the run run0000000000001 with other inputs"},
			{"the ticket as it was", "m3", ticketJSON("1", "start", "Dana"), "started 1 run0000000000001 existed"},
			{"no rule", "m4", ticketJSON("3", "lunch", "Dana"), "ignored"},
			{"no rule, again", "m4", ticketJSON("3", "start", "Dana"), "ignored again"},
			{"values that do not fit", "m5", ticketJSON("4", "start", ""), `unfit 4; who: "" is too short`},
			{"and again", "m5", ticketJSON("4", "start", "Dana"), `unfit 4 again; who: "" is too short`},
			{"mended", "m6", ticketJSON("4", "start", "Dana"), "started 4 run0000000000006"},
			{"a payload that cannot be read", "m7", `{`, "failed; the ticket is broken"},
			{"a person has started it", "m8", ticketJSON("9", "start", "Kim"), "started 9 byhand0000000000 existed"},
			{"what a person has started, otherwise", "m9", ticketJSON("9", "start", "Dana"), "conflict 9 byhand0000000000; the request has the run byhand0000000000 with other inputs"},
			{"too long", "m10", strings.Repeat(" ", LongestMessage+1), "error: the message is longer than 64 KiB"},
			{"as long as it may be", "m11", strings.Repeat(" ", LongestMessage), "failed; the ticket is broken"},
		} {
			if got := r.send(c.id, c.body); got != c.want {
				t.Errorf("%s: %s, expected %s", c.name, got, c.want)
			}
		}
		r.expect(" failed,  failed,  ignored, 1 conflict, 1 conflict, 1 ignored, 1 ignored, 1 started, 4 started, 4 unfit, 9 conflict, 9 ignored", "1 start, 4 start, 9 start")
	})
}

// A conflict with a run that a person has started is told, and not kept.
func TestAConflictOfAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t)
		byHand := engine.Order{Run: "byhand0000000000", Request: "9", Inputs: map[string]any{"who": "Kim"}, Program: workflows()["start"]}
		if _, err := r.runner().Accept(t.Context(), byHand); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := r.send("m1", ticketJSON("9", "start", "Dana")); got != "conflict 9 byhand0000000000; the request has the run byhand0000000000 with other inputs" {
				t.Errorf("got %s", got)
			}
		}
		r.expect("9 conflict, 9 conflict", "9 start")
	})
}

// A replay is answered like the first message, or is too old.
func TestReplays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t)
		body := ticketJSON("3", "lunch", "Dana")
		header := http.Header{}
		if err := r.key.Sign(header, "m1", time.Now().Add(5*time.Minute), []byte(body)); err != nil { // its clock is ahead
			t.Fatal(err)
		}
		if got := r.receive(header, body); got != "ignored" {
			t.Fatalf("got %s", got)
		}
		for minute := 1; minute <= 12; minute++ {
			time.Sleep(time.Minute)
			_ = r.send(fmt.Sprint("other", minute), body) // which makes the journal forget old ones
			want := "ignored again"
			if minute > 10 {
				want = "error: the message is older than five minutes"
			}
			if got := r.receive(header, body); got != want {
				t.Errorf("after %d minutes: %s, expected %s", minute, got, want)
			}
		}
	})
}

// What cannot be believed, or may not start anything, leaves no trace.
func TestRefusedMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t)
		good := ticketJSON("1", "start", "Dana")
		header := http.Header{}
		if err := r.key.Sign(header, "m1", time.Now(), []byte(good)); err != nil {
			t.Fatal(err)
		}
		refused := func(name, got, want string) {
			t.Helper()
			if got != "error: "+want {
				t.Errorf("%s: %s, expected %s", name, got, want)
			}
			if strings.Contains(got, "canary") {
				t.Errorf("%s: the answer contains the secret", name)
			}
			r.expect("", "")
		}
		refused("another body", r.receive(header, good+" "), "no signature fits the message")
		refused("no signature", r.receive(http.Header{}, good), "the message needs one header webhook-id")
		r.pauses.set(access.PausedIntake)
		refused("during a pause", r.receive(header, good), "intake is paused")
		r.pauses.set("start")
		refused("during a pause of the workflow", r.receive(header, good), "start is paused")
		r.pauses.set()
		for _, store := range []task.Credentials{nil, tasktest.Store{}, tasktest.Store{"secret": "canary"}, tasktest.Store{"secret": "whsec_"}, tasktest.ClosedStore{}} {
			before := r.env
			r.env.Credentials = store
			if got := r.receive(header, good); !strings.HasPrefix(got, "error: credential: ") || strings.Contains(got, "canary") {
				t.Errorf("with the store %v: %s", store, got)
			}
			r.env = before
		}
		if _, err := r.runner().Suspect(t.Context(), engine.Person{Name: "Kim"}); err != nil {
			t.Fatal(err)
		}
		if got := r.receive(header, good); !strings.Contains(got, "copy") {
			t.Errorf("in a copy: %s", got)
		}
		if _, err := r.runner().AdoptAll(t.Context(), engine.Person{Name: "Kim"}); err != nil {
			t.Fatal(err)
		}
		if got := r.receive(header, good); !strings.HasPrefix(got, "started 1 ") {
			t.Errorf("in the end: %s", got)
		}
	})
}

// The same message comes to several processes at once, and starts one run. All get the same reply.
func TestAMessageThatComesManyTimes(t *testing.T) {
	home := t.TempDir()
	r := newHookRig(t)
	body := ticketJSON("1", "start", "Dana")
	header := http.Header{}
	if err := r.key.Sign(header, "m1", time.Now(), []byte(body)); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	runs := map[string]int{}
	var work sync.WaitGroup
	for range 4 {
		j, err := journal.Open(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = j.Close() }()
		r.journal = j
		c := r.clerk()
		for range 4 {
			work.Go(func() {
				reply, err := c.Receive(t.Context(), r.env, hook, header, []byte(body))
				mu.Lock()
				defer mu.Unlock()
				if runs[reply.Run]++; err != nil || reply.Result != Started {
					t.Errorf("got %+v, %v", reply, err)
				}
			})
		}
	}
	work.Wait()
	if len(runs) != 1 {
		t.Errorf("the replies name the runs %v", runs)
	}
	if got := r.onRecord(); got != "1 start" {
		t.Errorf("on record: %s", got)
	}
}

// A message whose outcome is lost is sent again, and gets the reply of the first time.
func TestALostReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for calls := range 3 {
			for _, after := range []bool{false, true} {
				r := newHookRig(t)
				body := ticketJSON("1", "start", "Dana")
				header := http.Header{}
				if err := r.key.Sign(header, "m1", time.Now(), []byte(body)); err != nil {
					t.Fatal(err)
				}
				c := r.clerk()
				c.Taker = &crashing{Taker: r.runner(), left: calls, after: after}
				_, err := c.Receive(t.Context(), r.env, hook, header, []byte(body))
				if err != nil && !errors.Is(err, errCrash) {
					t.Fatal(err)
				}
				for range 2 {
					if got := r.receive(header, body); !strings.HasPrefix(got, "started 1 run") {
						t.Errorf("after %d calls: %s", calls, got)
					}
				}
				if got := r.onRecord(); got != "1 start" {
					t.Errorf("after %d calls: on record %s", calls, got)
				}
			}
		}
	})
}

// A message goes to the source that it names. One to a source that does not exist, or to the desk, is
// refused as if it were signed by somebody else.
func TestReceiver(t *testing.T) {
	schemaFile := filepath.Join(t.TempDir(), "portal.json")
	if err := os.WriteFile(schemaFile, []byte(`{"type":"object","required":["ticket","who"],"properties":{"ticket":{"type":"string"},"who":{"type":"string"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	load := func(source string) *Source {
		s, problems := Loader{Registry: registry(), Library: library.Library{Shipped: fstest.MapFS{
			"greet.yaml": {Data: []byte(greetWorkflow)},
		}}}.Load(filepath.Join(filepath.Dir(schemaFile), "x.intake.yaml"), []byte(source))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return s
	}
	sources := []*Source{
		load(greetRules),
		load("version: 1\nsource: default\nschema: portal.json\nrules:\n  - {name: greet, workflow: greet, request: \"${{ payload.ticket }}\", with: {who: \"${{ payload.who }}\"}}\n"),
	}
	synctest.Test(t, func(t *testing.T) {
		r := newHookRig(t)
		receiver := Receiver{Clerk: r.clerk(), Environment: r.env, Sources: func() []*Source { return sources }}
		header := http.Header{}
		body := `{"ticket":"A-1","who":"Dana"}`
		if err := r.key.Sign(header, "m1", time.Now(), []byte(body)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, source, body string
			header             http.Header
			want               string
		}{
			{"the webhook", "default", body, header, "started greet A-1"},
			{"the desk", "ism", body, header, "no signature fits the message"},
			{"nobody", "nobody", body, header, "no signature fits the message"},
			{"nobody, unsigned", "nobody", body, http.Header{}, "the message needs one header webhook-id"},
			{"unsigned", "default", body, http.Header{}, "the message needs one header webhook-id"},
			{"too long", "nobody", strings.Repeat(" ", LongestMessage+1), header, "the message is longer than 64 KiB"},
		} {
			reply, err := receiver.Receive(t.Context(), c.source, c.header, []byte(c.body))
			got := fmt.Sprintf("%s %s %s", reply.Result, reply.Workflow, reply.Request)
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s: %s, expected %s", c.name, got, c.want)
			}
		}
		for id, c := range map[string]struct{ body, want string }{
			"m2": {`{"ticket":"A-2"}`, "unfit"}, "m5": {`{`, "unfit"}, "m3": {`{"ticket":" ","who":"Dana"}`, "unfit"}, "m4": {`{"ticket":"A-4","who":"dana"}`, "unfit"},
		} {
			header := http.Header{}
			if err := r.key.Sign(header, id, time.Now(), []byte(c.body)); err != nil {
				t.Fatal(err)
			}
			if reply, err := receiver.Receive(t.Context(), "default", header, []byte(c.body)); err != nil || string(reply.Result) != c.want || len(reply.Misfits) != 1 {
				t.Errorf("%s: %+v, %v", c.body, reply, err)
			}
		}
		r.expect(" unfit,  unfit,  unfit, A-1 started, A-4 unfit", "A-1 greet")
	})
	if f, ok := DeskOf(registry(), func() []*Source { return sources })(); !ok || f.Name != "ism" || f.Every != time.Second {
		t.Errorf("the feed is %+v, %t", f, ok)
	}
	if _, ok := DeskOf(registry(), func() []*Source { return sources[1:] })(); ok {
		t.Error("a webhook is asked for tickets")
	}
}
