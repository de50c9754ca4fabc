package golden_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"errand/engine"
	"errand/engine/sample"
	"errand/tasks/sandbox"
)

// A request of a run takes effect and its reply is lost; then the reply to a later request is lost,
// too. The later requests are those of the disturbed run, so they include the lookups with which a
// step finds out the outcome of the first request.
func TestLostReplies(t *testing.T) {
	firsts, seconds := sample.Of(t, "lost replies", 4), sample.Of(t, "second losses after these", 4)
	for _, f := range workflows() {
		var points, pairs atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, i := range firsts.Choose(f.program.Name, len(calm.said)) {
				first := loses(calm.said, i-1)
				t.Run(first.name(), func(t *testing.T) {
					t.Parallel()
					points.Add(1)
					w := disturbed(t, f, calm, first.fault())
					w.checkLost(t, 1)
					for _, j := range seconds.Choose(f.program.Name+" "+first.name(), len(w.came.said)-i) {
						second := loses(w.came.said, i+j-1)
						t.Run("then "+second.name(), func(t *testing.T) {
							pairs.Add(1)
							disturbed(t, f, calm, first.fault()+","+second.fault()).checkLost(t, 2)
						})
					}
				})
			}
		})
		t.Logf("%s: %d lost replies, %d pairs", f.program.Name, points.Load(), pairs.Load())
	}
}

// The reply to a request that changes something is lost, and the process crashes at a commit
// before, during or after that.
func TestLostRepliesAndCrashes(t *testing.T) {
	crashes := sample.Of(t, "crashes beside a lost reply", 4)
	for _, f := range workflows() {
		var points atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for i, e := range calm.said {
				if reads(e) {
					continue
				}
				loss := loses(calm.said, i)
				t.Run(loss.name(), func(t *testing.T) {
					t.Parallel()
					w := disturbed(t, f, calm, loss.fault())
					for _, k := range deaths {
						for _, at := range crashes.Choose(f.program.Name+" "+loss.name()+" "+k.name, w.came.commits) {
							t.Run(fmt.Sprintf("%s at %d", k.name, at), func(t *testing.T) {
								points.Add(1)
								disturbed(t, f, calm, loss.fault(), journalFault{k, at}).checkLost(t, 1)
							})
						}
					}
				})
			}
		})
		t.Logf("%s: %d crashes beside a lost reply", f.program.Name, points.Load())
	}
}

// checkLost checks the number of lost replies, and that in a process that did not crash only a lost
// reply to a reboot needs a decision.
func (w *world) checkLost(t *testing.T, want int) {
	t.Helper()
	got, doubt := 0, false
	for _, e := range w.said {
		if e.Answer == lost {
			got++
			doubt = doubt || strings.HasPrefix(e.Request, "RebootInstances ")
		}
	}
	if got != want {
		t.Errorf("%d replies were lost, and %d were to be", got, want)
	}
	if w.started == 1 && doubt != slices.Contains(w.verdicts, engine.VerdictDone) {
		t.Errorf("a person had to say %q", w.verdicts)
	}
}

// A loss is a request whose reply is lost.
type loss struct {
	system, action string
	after          int // the number of requests of the same action before it
}

// loses returns the loss of the reply to a request, which is given by its index.
func loses(said []sandbox.Exchange, at int) loss {
	l := loss{system: said[at].System, action: action(said[at])}
	for _, e := range said[:at] {
		if e.System == l.system && action(e) == l.action {
			l.after++
		}
	}
	return l
}

func (l loss) name() string { return fmt.Sprintf("%s %s, number %d", l.system, l.action, l.after+1) }

func (l loss) fault() string {
	return fmt.Sprintf(`{"system":%q,"action":%q,"lose_reply":1,"after":%d}`, l.system, l.action, l.after)
}

// action returns the name of a request in the faults of the sandbox: for ISM the method and the
// path without the id of the ticket.
func action(e sandbox.Exchange) string {
	words := strings.Fields(e.Request)
	if e.System == "ec2" {
		return words[0]
	}
	path, _, _ := strings.Cut(words[1], "?")
	path = strings.TrimPrefix(path, "/csmconnector/")
	return words[0] + " " + strings.Replace(path, "/"+request, "", 1)
}
