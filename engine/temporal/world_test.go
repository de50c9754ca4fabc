package temporal

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/task"
)

// A world is what the tasks of worker processes act on. It lives in the process of the test and is
// spoken to over HTTP on loopback, so it survives what happens to workers. It knows every effect,
// whatever the record of a run says.
type world struct {
	testing.TB
	http  *httptest.Server
	seed  uint64
	calm  bool          // no request has a fault, except for those that first has
	first *fate         // of the first request for an effect of each step; may be nil
	think time.Duration // before a request has its effect, at most
	delay time.Duration // before an effect that comes late, at most

	mu     sync.Mutex
	steps  map[stepOfRun]*deeds
	counts tally
	gates  map[string]*barrier
	resets map[string]time.Time // when an operator has reset a run last
	wrong  []string
	late   sync.WaitGroup // effects that have not come yet
}

// A stepOfRun is the key of a step, with its run.
type stepOfRun struct{ run, step string }

// deeds are what the world knows of a step.
type deeds struct {
	task     string
	effects  []task.Call
	pending  map[string]bool // keys of effects that come late
	requests int             // that asked for an effect
	refused  bool            // a look was refused
	answered time.Time       // the latest Now of a call that was answered
	looks    int             // requests that looked
	cut      int             // requests without an answer
	gated    map[string]bool // the gates at which a call of the step has waited
}

// A tally has figures for the log.
type tally struct{ requests, effects, looks, late, cut, throttled, gaveUp, forgotten int }

// What a request to the world asks for.
const (
	wantsEffect = "effect"
	wantsLook   = "look"
)

// A request is what a task sends.
type request struct {
	Want string    `json:"want"`
	Call task.Call `json:"call"`
}

// An answered request has this body.
type worldAnswer struct {
	Found  bool   `json:"found"`
	Value  string `json:"value"`
	Number int    `json:"number"`
}

func newWorld(tb testing.TB, seed uint64) *world {
	w := &world{TB: tb, seed: seed, think: 60 * time.Millisecond, delay: 1500 * time.Millisecond, steps: map[stepOfRun]*deeds{}, gates: map[string]*barrier{}, resets: map[string]time.Time{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /request", w.serve)
	mux.HandleFunc("POST /gate/{name}", w.serveGate)
	mux.HandleFunc("POST /gave-up", func(http.ResponseWriter, *http.Request) { w.count(func(c *tally) { c.gaveUp++ }) })
	w.http = httptest.NewServer(mux)
	tb.Cleanup(func() {
		w.openAll()
		w.http.CloseClientConnections()
		w.http.Close()
	})
	return w
}

// of returns what is known of the step of a call. The caller holds the mutex.
func (w *world) of(c task.Call) *deeds {
	at := stepOfRun{c.Run, c.Step}
	if w.steps[at] == nil {
		w.steps[at] = &deeds{task: c.Type, pending: map[string]bool{}, gated: map[string]bool{}}
	}
	return w.steps[at]
}

func (w *world) count(add func(*tally)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	add(&w.counts)
}

// wasReset notes that an operator has just reset a run.
func (w *world) wasReset(run string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resets[run] = time.Now()
}

// note keeps what is wrong. The caller holds the mutex.
func (w *world) note(format string, of ...any) { w.wrong = append(w.wrong, fmt.Sprintf(format, of...)) }

// serve answers a request of a task.
func (w *world) serve(out http.ResponseWriter, in *http.Request) {
	var r request
	if err := json.NewDecoder(in.Body).Decode(&r); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	f := w.arrive(r)
	time.Sleep(f.before)
	if f.status != 0 {
		out.WriteHeader(f.status)
		return
	}
	if f.late > 0 {
		w.late.Go(func() {
			time.Sleep(f.late)
			w.act(r)
		})
	} else if !f.lost {
		w.act(r)
	}
	if r.Want == wantsEffect {
		var input visitIn
		_ = json.Unmarshal(r.Call.Input, &input)
		w.wait(r.Call, input.During)
	}
	time.Sleep(f.after)
	if f.late > 0 || f.cut {
		panic(http.ErrAbortHandler) // closes the connection
	}
	_ = json.NewEncoder(out).Encode(w.answer(r))
}

// arrive takes a request. It checks that no call sends anything after a later call of its step has been
// answered: that one has found out, or will, what the earlier one did.
func (w *world) arrive(r request) fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.of(r.Call)
	w.counts.requests++
	if d.task != "world.reads" && r.Call.Now.Before(d.answered) {
		w.note("%s of run %s: a request of the call at %s arrives after a call at %s was answered", r.Call.Step, r.Call.Run, r.Call.Now, d.answered)
	}
	var number int
	if r.Want == wantsEffect {
		d.requests++
		number = d.requests
	} else {
		w.counts.looks++
		d.looks++
		number = d.looks
	}
	f := w.fate(r, number)
	if f.late > 0 {
		d.pending[r.Call.Key()] = true
		w.counts.late++
	}
	if f.cut || f.late > 0 {
		d.cut++
		w.counts.cut++
	}
	if f.status == http.StatusForbidden && r.Want == wantsLook {
		d.refused = true
	}
	if f.status == http.StatusTooManyRequests {
		w.counts.throttled++
	}
	return f
}

// act performs the effect of a request: with a key that is known, none.
func (w *world) act(r request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.of(r.Call)
	if r.Want != wantsEffect || strings.HasSuffix(r.Call.Type, ".keyed") && d.did(r.Call.Key()) {
		return
	}
	w.counts.effects++
	d.effects = append(d.effects, r.Call)
	delete(d.pending, r.Call.Key())
}

func (d *deeds) did(key string) bool {
	for _, c := range d.effects {
		if c.Key() == key {
			return true
		}
	}
	return false
}

// answer returns what the world knows of the step.
func (w *world) answer(r request) worldAnswer {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.of(r.Call)
	if r.Call.Now.After(d.answered) {
		d.answered = r.Call.Now
	}
	n := len(d.effects)
	if r.Call.Type == "world.reads" {
		n = d.looks
	}
	return worldAnswer{Found: d.did(r.Call.Key()), Value: r.Call.Step + " of " + r.Call.Run, Number: n}
}

// did reports whether a step has had its effect.
func (w *world) did(run, step string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.steps[stepOfRun{run, step}]
	return d != nil && len(d.effects) > 0
}

// A fate is what happens to a request.
type fate struct {
	before, after time.Duration
	status        int           // of an answer that refuses the request; nothing is done
	late          time.Duration // the effect comes so long after the request, whose connection is closed
	lost          bool          // there is no effect
	cut           bool          // there is no answer
}

// fate decides what happens to a request. The caller holds the mutex.
func (w *world) fate(r request, number int) fate {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00%s\x00%d", r.Call.Run, r.Call.Step, r.Want, number)
	d := rand.New(rand.NewPCG(w.seed, h.Sum64()))
	f := fate{before: time.Duration(d.Int64N(int64(w.think)))}
	switch {
	case w.first != nil && r.Want == wantsEffect && number == 1:
		return *w.first
	case w.calm:
		return f
	case r.Want == wantsLook:
		if d.IntN(100) < 2 {
			f.status = http.StatusServiceUnavailable
		} else if r.Call.Recover && d.IntN(100) < 3 {
			f.status = http.StatusForbidden
		}
		return f
	}
	switch n := d.IntN(100); {
	case r.Call.Type == "busy.keyed" && n < 30:
		f.status = http.StatusTooManyRequests
	case n < 72:
	case n < 80:
		f.after = time.Second
	case n < 87:
		f.late = time.Duration(d.Int64N(int64(w.delay)))
	case n < 92:
		f.cut = true
	case n < 96:
		f.lost, f.cut = true, true
	default:
		f.status = http.StatusConflict // which can be tried again
	}
	return f
}

// figures returns how many requests have arrived, and how many effects there are.
func (w *world) figures() (requests, effects int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts.requests, w.counts.effects
}

// forget makes a poll of the world begin again.
func (w *world) forget(run, step string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.steps[stepOfRun{run, step}].looks = 0
}

// awaitLooks waits until a step has looked so many times.
func (w *world) awaitLooks(run, step string, looks int) {
	for {
		w.mu.Lock()
		d := w.steps[stepOfRun{run, step}]
		enough := d != nil && d.looks >= looks
		w.mu.Unlock()
		if enough {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
