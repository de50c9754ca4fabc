package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// atOnce makes calls at the same time, and returns how many had each answer.
func (b *bench) atOnce(calls ...func() reply) map[string]int {
	b.Helper()
	counts, begin := map[string]int{}, make(chan struct{})
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, call := range calls {
		all.Go(func() {
			<-begin
			r := call()
			answer := fmt.Sprint(r.status)
			if r.status >= 400 {
				answer += " " + r.member("code")
			}
			mu.Lock()
			defer mu.Unlock()
			counts[answer]++
		})
	}
	close(begin)
	all.Wait()
	return counts
}

// only fails if there were other answers than these.
func (b *bench) only(counts map[string]int, allowed ...string) {
	b.Helper()
	for answer := range counts {
		if !slices.Contains(allowed, answer) {
			b.Errorf("the answers are %v; expected only %q", counts, allowed)
		}
	}
}

// Of many who decide one question at once, one decides, and all others are told who.
func TestDecideAtOnce(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	secrets := make([]string, 8)
	for i := range secrets {
		secrets[i] = b.token(access.Token{Name: fmt.Sprintf("person-%d", i), Roles: []access.Role{access.Approver}, Person: fmt.Sprintf("person-%d", i), Groups: []string{"deciders"}})
	}
	for round := range 5 {
		run := b.start(desk, fmt.Sprintf(`{"workflow":"ask","request":"100-%d"}`, round))
		b.settled(run, engine.Waiting)
		etag := b.questions(secrets[0])[0]["etag"].(string)
		winners := make([]string, len(secrets))
		calls := make([]func() reply, len(secrets))
		for i, secret := range secrets {
			calls[i] = func() reply {
				var headers []string
				if i%2 == 0 {
					headers = []string{"If-Match", etag}
				}
				r := b.ask(secret, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"`+[]string{"approve", "reject"}[i%2]+`"}`, headers...)
				if r.status == http.StatusConflict && r.member("code") == "decided" {
					winners[i] = into[struct {
						Decision struct{ By struct{ Name string } }
					}](r).Decision.By.Name
				} else if r.status == http.StatusOK {
					winners[i] = fmt.Sprintf("person-%d", i)
				}
				return r
			}
		}
		counts := b.atOnce(calls...)
		b.only(counts, "200", "409 decided", "409 nothing_to_decide", "412 changed", "409 ended", "409 not_asked", "409 wrong_verdict")
		v := b.settled(run, engine.Succeeded)
		if counts["200"] != 1 || len(v.Steps[0].Decisions) != 1 {
			t.Fatalf("the answers are %v, and the decisions %+v", counts, v.Steps[0].Decisions)
		}
		for i, winner := range winners {
			if winner != "" && winner != v.Steps[0].Decisions[0].By.Name {
				t.Errorf("person-%d is told that %s decided; it was %s", i, winner, v.Steps[0].Decisions[0].By.Name)
			}
		}
	}
}

// A run that is cancelled while people decide ends once, in one of the two ways, and acts at most once.
func TestCancelWhileDeciding(t *testing.T) {
	b := newBench(t)
	desk, ops := b.as("desk", access.Requester), b.as("ops", access.Operator)
	kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "robin"})
	for round := range 10 {
		run := b.start(desk, fmt.Sprintf(`{"workflow":"ask","request":"100-%d"}`, round))
		b.settled(run, engine.Waiting)
		before := b.callsMade()
		counts := b.atOnce(
			func() reply { return b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "") },
			func() reply { return b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "{}") },
			func() reply {
				return b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve"}`)
			},
		)
		b.only(counts, "200", "409 ended", "409 nothing_to_decide", "409 moved")
		v := b.ended(run)
		if made := b.callsMade() - before; made > 1 || v.Status == engine.Succeeded && made != 1 || v.Status != engine.Succeeded && v.Status != engine.Cancelled {
			t.Errorf("the run %s after %d calls", v.Status, made)
		}
	}
}

func (b *bench) callsMade() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.calls)
}

// ended waits until a run has ended.
func (b *bench) ended(run string) engine.View {
	b.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		v, err := b.runner.Read(b.Context(), run)
		if err != nil {
			b.Fatal(err)
		}
		if !v.Ended.IsZero() {
			return v
		}
		if time.Now().After(deadline) {
			b.Fatalf("run %s is %s and waits for %+v", run, v.Status, v.Waits)
		}
	}
}

// Starts of one request by many tokens at once make one run, which only its owner learns of.
func TestStartAtOnce(t *testing.T) {
	b := newBench(t)
	secrets := make([]string, 8)
	for i := range secrets {
		secrets[i] = b.as(fmt.Sprintf("desk-%d", i), access.Requester)
	}
	ops := b.as("ops", access.Operator)
	for round := range 10 {
		request := fmt.Sprintf("100-%d", round)
		calls := make([]func() reply, 0, 3*len(secrets))
		for i, secret := range secrets {
			for _, key := range []string{"", "a", "b"} {
				calls = append(calls, func() reply {
					var headers []string
					if key != "" {
						headers = []string{"Idempotency-Key", request + key}
					}
					return b.ask(secret, http.MethodPost, "/v1/runs", fmt.Sprintf(`{"workflow":"greet","request":%q,"inputs":{"who":"Kim","times":%d}}`, request, 1+i%2), headers...)
				})
			}
		}
		counts := b.atOnce(calls...)
		b.only(counts, "201", "200", "409 conflict")
		listed := into[struct{ Runs []engine.Result }](b.ask(ops, http.MethodGet, "/v1/runs?request="+request, "").want(http.StatusOK))
		if counts["201"] != 1 || counts["200"] != 2 || len(listed.Runs) != 1 {
			t.Fatalf("the answers are %v, and there are %d runs", counts, len(listed.Runs))
		}
		b.settled(listed.Runs[0].Run, engine.Succeeded)
	}
	if b.callsMade() != 10 {
		t.Errorf("there were %d calls for 10 requests", b.callsMade())
	}
}

// While runs are started, decided, retried and cancelled, readers and streams see whole answers, and
// tokens come and go.
func TestEverythingAtOnce(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	admin := b.token(access.Token{Name: "admin", Roles: []access.Role{access.Admin}, Person: "robin"})
	var calls []func() reply
	for i := range 6 {
		run := b.start(desk, `{"workflow":"slow"}`)
		calls = append(calls,
			func() reply { return b.ask(desk, http.MethodGet, "/v1/runs?limit=2", "") },
			func() reply { return b.ask(admin, http.MethodGet, "/v1/questions", "") },
			func() reply {
				return b.ask(desk, http.MethodPost, "/v1/runs", fmt.Sprintf(`{"workflow":"ask","request":"100-%d"}`, i))
			},
			func() reply { return b.ask(admin, http.MethodPost, "/v1/runs/"+run+"/cancel", "") },
			func() reply { return b.ask(admin, http.MethodPost, "/v1/runs/"+run+"/retry", "") },
			func() reply {
				b.stream(desk, run, "").next()
				return b.ask(desk, http.MethodGet, "/v1/runs/"+run, "")
			},
			func() reply {
				secret := b.as(fmt.Sprintf("guest-%d", i), access.Monitor)
				if err := b.store.RevokeToken(t.Context(), fmt.Sprintf("guest-%d", i), time.Now()); err != nil {
					t.Error(err)
				}
				return b.ask(secret, http.MethodGet, "/v1/openapi.json", "")
			},
		)
	}
	b.only(b.atOnce(calls...), "200", "201", "401 no_token", "409 not_ended", "409 moved", "409 busy", "409 held", "409 ended")
}
