package local_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// A metered system answers a number of calls a second with each credential, and refuses the others.
type metered struct {
	mu      sync.Mutex
	rate    map[string]float64 // calls a second, by credential; 0: no limit
	tokens  map[string]float64
	filled  map[string]time.Time
	silent  bool                   // a refusal does not say that it is one
	refused map[string]int         // by credential
	done    map[string][]time.Time // when calls succeeded, by credential
}

func newMetered() *metered {
	return &metered{rate: map[string]float64{}, tokens: map[string]float64{}, filled: map[string]time.Time{}, refused: map[string]int{}, done: map[string][]time.Time{}}
}

const burst = 5

func (m *metered) call(c task.Call) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, now := c.Credential, time.Now()
	if rate := m.rate[name]; rate > 0 {
		if m.filled[name].IsZero() {
			m.tokens[name] = burst
		} else {
			m.tokens[name] = min(burst, m.tokens[name]+rate*now.Sub(m.filled[name]).Seconds())
		}
		m.filled[name] = now
		if m.tokens[name] < 1 {
			m.refused[name]++
			return &task.Failure{Code: "Throttling", Message: "slow down", Status: 503, Transient: true, Throttled: !m.silent}
		}
		m.tokens[name]--
	}
	m.done[name] = append(m.done[name], now)
	return nil
}

// registry has the task types meter.set, which converges, and meter.read.
func (m *metered) registry() *task.Registry {
	c := task.Connector{
		Name: "meter", Title: "Meter", Description: "Answers so many calls a second.",
		Credential: []task.Parameter{{Name: "token", Title: "Token", Description: "Any text.", Encrypted: true}},
	}
	for name, effect := range map[string]task.Effect{"set": task.Keyed, "read": task.Reads} {
		c.Types = append(c.Types, task.Define("meter."+name, "Answers so many calls a second.", effect,
			func(ctx context.Context, c task.Call, _ struct{}) (struct{}, error) {
				if ctx.Err() != nil {
					return struct{}{}, &task.Failure{Code: task.CodeInternal, Message: "the call had no time"}
				}
				time.Sleep(20 * time.Millisecond)
				return struct{}{}, m.call(c)
			}))
	}
	slices.SortFunc(c.Types, func(a, b task.Type) int { return cmp.Compare(a.Name, b.Name) })
	return task.NewRegistry(c)
}

// setTwice calls twice with a credential.
func setTwice(credential, more string) string {
	return fmt.Sprintf(`
steps:
  - {id: first, task: meter.set, credential: %[1]s, retry: {attempts: 100, backoff: 1s..1m}%[2]s}
  - {id: second, task: meter.read, credential: %[1]s, retry: {attempts: 100, backoff: 1s..1m}%[2]s}
`, credential, more)
}

// carryOut carries out runs of workflows, by name, that many of each. It returns how long the runs of
// each workflow took.
func (m *metered) carryOut(t *testing.T, r *local.Runner, runs int, workflows map[string]string) (took map[string]time.Duration) {
	t.Helper()
	r.Registry = m.registry()
	begun := time.Now()
	for name, source := range workflows {
		p, problems := program.Load(name+".yaml", []byte("workflow: "+name+"\n"+source), r.Registry)
		if diag.HasErrors(problems) {
			t.Fatal(problems)
		}
		for i := range runs {
			if _, err := r.Accept(t.Context(), engine.Order{Run: fmt.Sprintf("%s%03d", name, i), Inputs: map[string]any{}, Program: p}); err != nil {
				t.Fatal(err)
			}
		}
	}
	took = map[string]time.Duration{}
	watch := func(e engine.Event) {
		if e.Kind != engine.EventRunEnded {
			return
		}
		if e.Status != engine.Succeeded {
			t.Errorf("run %s %s: %v", e.Run, e.Status, e.Failure)
		}
		took[e.Run[:len(e.Run)-3]] = time.Since(begun)
	}
	if err := r.Work(t.Context(), true, watch); err != nil {
		t.Fatal(err)
	}
	return took
}

// A throttle slows down all calls with its credential, so that few more are refused, and no others.
func TestAThrottleSlowsDownACredential(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		refused := map[bool]int{}
		for _, paced := range []bool{false, true} {
			m := newMetered()
			m.rate["busy"], m.silent = 2, !paced
			r := &local.Runner{Journal: journal.NewMemory(), About: "the worker"}
			took := m.carryOut(t, r, 50, map[string]string{"busy": setTwice("busy", ""), "idle": setTwice("idle", "")})
			if len(m.done["busy"]) != 100 || len(m.done["idle"]) != 100 {
				t.Errorf("%d and %d calls succeeded", len(m.done["busy"]), len(m.done["idle"]))
			}
			t.Logf("paced: %t; of 50 runs with two calls each, %d calls were refused, and the runs took %s; those with the other credential took %s",
				paced, m.refused["busy"], took["busy"], took["idle"])
			if took["idle"] > 2*time.Second {
				t.Errorf("the calls with the other credential took %s", took["idle"])
			}
			if took["busy"] > 3*time.Minute { // 50 s at the least
				t.Errorf("the calls took %s", took["busy"])
			}
			refused[paced] = m.refused["busy"]
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if refused[true] > refused[false]/2 || refused[true] > 100 {
			t.Errorf("with a pace %d calls were refused, without one %d", refused[true], refused[false])
		}
	})
}

// When the system refuses no more, the calls become as many as before, and then there is no pace.
func TestAPaceRecovers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		m := newMetered()
		m.rate["busy"] = 0.5
		r := &local.Runner{Journal: journal.NewMemory(), About: "the worker"}
		defer func() { _ = r.Close() }()
		time.AfterFunc(time.Minute, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.rate["busy"] = 0
		})
		took := m.carryOut(t, r, 300, map[string]string{"busy": setTwice("busy", "")})
		t.Logf("600 calls took %s, of which the system was busy for 1m; %d calls were refused", took["busy"], m.refused["busy"])
		if took["busy"] > 5*time.Minute {
			t.Errorf("600 calls took %s", took["busy"])
		}
		time.Sleep(10 * time.Minute)
		begun := time.Now()
		if took := m.carryOut(t, r, 40, map[string]string{"later": setTwice("busy", "")}); took["later"] > 2*time.Second {
			t.Errorf("40 runs took %s after %s", took["later"], time.Since(begun))
		}
	})
}

// A credential with a rate makes no more calls a second, from the first one on.
func TestARateOfACredential(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		m := newMetered()
		r := &local.Runner{Journal: journal.NewMemory(), About: "the worker", Paces: local.Paces{Rates: map[program.Credential]float64{{Connector: "meter", Name: "slow"}: 4}}}
		defer func() { _ = r.Close() }()
		took := m.carryOut(t, r, 30, map[string]string{"slow": setTwice("slow", ""), "free": setTwice("free", "")})
		if took["free"] > 2*time.Second {
			t.Errorf("the calls without a rate took %s", took["free"])
		}
		calls := m.done["slow"]
		for i := range calls[1:] {
			if gap := calls[i+1].Sub(calls[i]); gap < 250*time.Millisecond {
				t.Fatalf("the gap before call %d is %s", i+1, gap)
			}
		}
		t.Logf("60 calls took %s", took["slow"])
		if len(calls) != 60 || took["slow"] > 40*time.Second {
			t.Errorf("%d calls took %s, want 60 in little more than 15 s", len(calls), took["slow"])
		}
	})
}

// A step whose time is up while it waits for its pace fails as any other step whose time is up, and
// no call is made after that.
func TestAPaceAndATimeout(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		m := newMetered()
		r := &local.Runner{Journal: journal.NewMemory(), About: "the worker", Registry: m.registry(), Paces: local.Paces{Rates: map[program.Credential]float64{{Connector: "meter", Name: "slow"}: 0.1}}}
		defer func() { _ = r.Close() }()
		p, problems := program.Load("case.yaml", []byte("workflow: case\n"+setTwice("slow", ", timeout: 5s")), r.Registry)
		if diag.HasErrors(problems) {
			t.Fatal(problems)
		}
		begun := time.Now()
		v, err := r.Start(t.Context(), engine.Order{Run: "testrun000000000", Inputs: map[string]any{}, Program: p}, engine.Following{})
		if err != nil || v.Status != engine.Failed || v.Failure == nil || v.Failure.Code != task.CodeTimeout || v.Failure.Step != "second" {
			t.Fatalf("the run %s: %+v, %v", v.Status, v.Failure, err)
		}
		if calls := len(m.done["slow"]); calls != 1 || time.Since(begun) > 10*time.Second {
			t.Errorf("%d calls in %s", calls, time.Since(begun))
		}
		look, err := r.Look(t.Context(), v.Run)
		if err != nil || look.Result.Status != engine.Failed {
			t.Errorf("a replay %s: %v", look.Result.Status, err)
		}
	})
}

// A run that waits for its pace is on record as one that waits, and another process, which knows
// nothing of the pace, goes on with it.
func TestAPacedRunIsOnRecord(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		m := newMetered()
		j := journal.NewMemory()
		r := &local.Runner{Journal: j, About: "first", Registry: m.registry(), Paces: local.Paces{Rates: map[program.Credential]float64{{Connector: "meter", Name: "slow"}: 0.02}}}
		defer func() { _ = r.Close() }()
		p, problems := program.Load("case.yaml", []byte("workflow: case\n"+setTwice("slow", "")), r.Registry)
		if diag.HasErrors(problems) {
			t.Fatal(problems)
		}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan engine.View)
		go func() {
			v, err := r.Start(ctx, engine.Order{Run: "testrun000000000", Inputs: map[string]any{}, Program: p}, engine.Following{})
			if err != nil {
				t.Error(err)
			}
			ended <- v
		}()
		time.Sleep(time.Second)
		synctest.Wait()
		run, entries, err := j.Load(t.Context(), "testrun000000000")
		if err != nil || run.Holder != "" || len(run.Waits) != 1 || run.Waits[0].For != engine.WaitRetry || run.Waits[0].Step != "second" || run.Waits[0].Reason == "" {
			t.Errorf("held by %q, waits %+v, %v", run.Holder, run.Waits, err)
		}
		if len(entries) != 2 || len(m.done["slow"]) != 1 {
			t.Errorf("%d entries, %d calls", len(entries), len(m.done["slow"]))
		}
		end()
		<-ended
		other := &local.Runner{Journal: j, About: "second", Registry: m.registry()}
		defer func() { _ = other.Close() }()
		if err := other.Work(t.Context(), true, nil); err != nil || len(m.done["slow"]) != 2 {
			t.Errorf("%d calls, %v", len(m.done["slow"]), err)
		}
	})
}
