package golden_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/sample"
)

// A noAnswer is a way in which a request stays without an answer although it takes effect.
type noAnswer struct {
	name  string
	fault string // of the sandbox
	loses func(*world, *process, *http.Request) error
}

var noAnswers = []noAnswer{
	{"a gateway gives up", `"error":"Gateway Time-out","status":504`, nil},
	{"the connection is reset", `"lose_reply":1`, nil},
	{"the request times out", `"lose_reply":1`, func(_ *world, _ *process, r *http.Request) error {
		<-r.Context().Done()
		return r.Context().Err()
	}},
	{"the process is killed", `"lose_reply":1`, func(w *world, p *process, _ *http.Request) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.struck = faultKind{name: "killed", lasts: true, dies: true, err: errDead}
		p.store.broken = errDead
		_ = p.store.session.Close()
		return errDead
	}},
}

// evidentRequests are the requests of provision-instance whose tasks look for evidence.
var evidentRequests = []string{"POST ConfigurationItem", "POST Ticket/ConfigurationItem", "POST Worklog"}

// A request is not answered, or its process dies, and it takes effect up to a minute later. With
// the default evidence delay, it takes effect once.
func TestEffectsThatComeLate(t *testing.T) {
	f := provision(t)
	calm := undisturbed(t, f)
	lags := sample.Of(t, "times after which a request takes effect", 5)
	var runs atomic.Int32
	for _, way := range noAnswers {
		for _, request := range evidentRequests {
			for _, seconds := range lags.Choose(way.name+" "+request, 60) {
				t.Run(fmt.Sprintf("%s, %s, after %d s", way.name, request, seconds), func(t *testing.T) {
					t.Parallel()
					runs.Add(1)
					w := late(t, f, way, request, time.Duration(seconds)*time.Second)
					if difference := goldenfile.Difference(calm.state, w.came.state); difference != "" {
						t.Errorf("the sandbox is not as after the undisturbed run:\n%s", difference)
					}
					if n := w.sent(request); n != 1 {
						t.Errorf("the request was sent %d times", n)
					}
					if w.came.status != engine.Succeeded {
						t.Errorf("the run %s: %s", w.came.status, w.came.result)
					}
				})
			}
		}
	}
	t.Cleanup(func() { t.Logf("%d runs", runs.Load()) })
}

// With an evidence delay that is shorter than a request takes, the same request is sent twice:
// TestEffectsThatComeLate can fail. The sandbox refuses a second asset with the same identifier.
func TestShortDelaysActTwice(t *testing.T) {
	f := provision(t)
	f.evidenceDelay = "1s"
	calm := undisturbed(t, f)
	for _, way := range noAnswers {
		for _, request := range evidentRequests {
			t.Run(way.name+", "+request, func(t *testing.T) {
				w := late(t, f, way, request, 40*time.Second)
				if n := w.sent(request); n < 2 || request == "POST Worklog" && w.came.state == calm.state {
					t.Errorf("the request was sent %d times", n)
				}
			})
		}
	}
}

func provision(t *testing.T) workflow {
	t.Helper()
	for _, f := range workflows() {
		if f.program.Name == "provision-instance" {
			return f
		}
	}
	t.Fatal("there is no such workflow")
	return workflow{}
}

// late runs a workflow whose first request of a kind stays without an answer, and takes effect
// after a time.
func late(t *testing.T, f workflow, way noAnswer, action string, after time.Duration) (w *world) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, f, fmt.Sprintf(`{"system":"ism","action":%q,%s,"takes_effect":"%s"}`, action, way.fault, after), nil)
		w.loses = way.loses
		w.end()
	})
	return w
}

// sent returns how often an action of ISM was requested.
func (w *world) sent(wanted string) (n int) {
	for _, e := range w.came.said {
		if e.System == "ism" && action(e) == wanted {
			n++
		}
	}
	return n
}

// lost ends a request whose answer is lost in the way that the case chose.
func (w *world) lost(p *process, r *http.Request, answer *http.Response, err error) (*http.Response, error) {
	if err == nil || w.loses == nil || strings.HasPrefix(r.URL.Path, "/ec2") {
		return answer, err
	}
	return nil, w.loses(w, p, r)
}
