package service_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/local"
	"errand/engine/service"
)

// A deaf runner announces its commits, and its marks never change.
type deaf struct{ *local.Runner }

func (deaf) Mark(context.Context, string) (string, error) { return "", nil }

// A mute runner announces nothing.
type mute struct{ service.Runner }

// A stream gets the events of commits that the runner announces, and of those that only its marks show,
// such as those of other processes.
func TestStreamsGetEveryCommit(t *testing.T) {
	for name, change := range map[string]func(*service.Config){
		"announced": func(c *service.Config) { c.Runner = deaf{c.Runner.(*local.Runner)} },
		"marked":    func(c *service.Config) { c.Runner = mute{c.Runner} },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, change)
			kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "kim", Groups: []string{"deciders"}})
			run := b.start(b.as("desk", access.Requester), `{"workflow":"ask","request":"100-1"}`)
			b.settled(run, "waiting")
			live := b.stream(kim, run, "")
			hung := time.AfterFunc(30*time.Second, live.cancel)
			defer hung.Stop()
			for kind := ""; kind != "step_asks"; {
				_, next, ok := live.next()
				if !ok {
					t.Fatal("the stream ends before the question")
				}
				kind = next
			}
			time.Sleep(100 * time.Millisecond) // the look after the first one is over
			b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve"}`).want(http.StatusOK)
			rest := live.rest()
			if !slices.ContainsFunc(rest, func(e string) bool { return strings.HasSuffix(e, " step_decided") }) || !strings.HasSuffix(rest[len(rest)-1], " run_ended") {
				t.Errorf("after the question come %q", rest)
			}
		})
	}
}
