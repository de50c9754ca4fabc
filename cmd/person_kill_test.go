package cmd_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"errand/engine"
	"errand/engine/sample"
)

// besidePerson asks a person in one branch. Another branch has a restart whose reply is lost, so a
// person decides about it too. The third branch makes changes, the first of which a gate holds.
var besidePerson = workflow{
	name:  "testdata/kill/beside-a-person.yaml",
	world: lasting + "faults: [{system: ec2, action: RebootInstances, lose_reply: 1}]\n",
	effects: []string{
		"RebootInstances", "StartInstances", "PUT ConfigurationItem", "POST Worklog",
		"POST Ticket/100-291/ConfigurationItem", "PUT Ticket",
	},
	parallel: true,
	decides:  []string{"ok"},
	reboots:  map[string]string{"restart": "i-0a1b2c3d4e5f60002"},
	doubts:   []string{"restart"},
}

// A deciding is how other processes decide while the first process is in a call: at which point of
// its commit each of them is killed. "" means that it is not killed.
type deciding struct{ approve, resolve string }

var decidings = []deciding{
	{"", ""}, {"1 before", ""}, {"1 after", ""}, {"", "1 before"}, {"", "1 after"}, {"1 before", "1 before"}, {"1 after", "1 after"},
}

// onRecord reports whether a decision is on record although its process was killed at a point.
func onRecord(point string) bool { return point != "1 before" }

// decide lets other processes decide. With --detach they end once the decision is on record. Without
// it they wait a moment, so that the branches that ask read the inbox between two decisions. If the
// process that holds the run ends meanwhile, they go on with the run, and end with 4 because it waits
// for another decision.
func (d deciding) decide(t *testing.T, s *scene, detach bool) {
	t.Helper()
	for _, c := range []struct {
		point string
		args  []string
	}{{d.approve, besidePerson.part(1)}, {d.resolve, []string{"runs", "resolve", "100-291", "restart", "--done", "-o", "json"}}} {
		args := c.args
		if detach {
			args = append(slices.Clone(args), "--detach")
		}
		o := s.withVariable(killVariable+"="+c.point).errand(t, args...)
		if o.killed != (c.point != "") || !o.killed && o.code != 0 && (detach || o.code != 4) {
			t.Errorf("%q, killed at %q: exit code %d: %s%s", c.args, c.point, o.code, o.stdout, o.stderr)
		}
	}
}

// checkKept checks that the decisions on record are final: another person cannot decide again.
func (d deciding) checkKept(t *testing.T, s *scene) {
	t.Helper()
	for _, c := range []struct {
		point, said string
		args        []string
	}{
		{d.approve, `step "ok" is decided already: approve, says kim`, []string{"runs", "approve", "100-291", "ok", "--reject"}},
		{d.resolve, `step "restart" is decided already: done, says kim`, []string{"runs", "resolve", "100-291", "restart", "--retry"}},
	} {
		if !onRecord(c.point) {
			continue
		}
		if o := s.errand(t, c.args...); o.code != 6 || !strings.Contains(o.stderr, c.said) {
			t.Errorf("%q: exit code %d, and stderr does not contain %q: %s%s", c.args, o.code, c.said, o.stdout, o.stderr)
		}
	}
}

// waitUntilAsked waits until the run waits for both decisions. It returns false if the process ends
// before that.
func (s *scene) waitUntilAsked(t *testing.T, p *process) bool {
	t.Helper()
	for {
		asked := 0
		if o := s.errand(t, "runs", "show", "100-291", "-o", "json"); o.stdout != "" {
			for _, step := range o.result(t).Steps {
				if step.ID == "ok" && step.Status == engine.StepWaiting || step.ID == "restart" && step.Status == engine.StepUncertain {
					asked++
				}
			}
		}
		select {
		case <-p.over:
			return false
		default:
		}
		if asked == 2 {
			return true
		}
	}
}

// A person decides in other processes while the first process is in a call of another branch. Then
// the first process is killed in this call, or it goes on. The deciding processes are killed too,
// before or after their decision is on record. Another process ends the run. A decision on record
// counts once, and is final. One that is not on record can be given again.
func TestKilledInACallBesideAPerson(t *testing.T) {
	w := besidePerson
	calm := w.undisturbed(t)
	for _, n := range sample.Of(t, "ways to decide", 1).Choose("ways", len(decidings)) {
		d := decidings[n-1]
		for _, fate := range []struct {
			name             string
			answered, killed bool
		}{{"killed before the request arrives", false, true}, {"killed after it took effect", true, true}, {"not killed", true, false}} {
			t.Run(fmt.Sprintf("approve %q, resolve %q, %s", d.approve, d.resolve, fate.name), func(t *testing.T) {
				t.Parallel()
				s := newScene(t, w.world)
				first, gate := s.startBesidePerson(t, s, fate.answered)
				gate.wait(first.over)
				if !s.waitUntilAsked(t, first) {
					t.Fatalf("the first process ended: %+v", first.end(t))
				}
				d.decide(t, s, fate.killed)
				var o outcome
				if fate.killed {
					first.kill(t)
					d.checkKept(t, s)
					o = s.errand(t, "runs", "resume", "100-291", "-o", "json")
				} else {
					close(gate.open)
					o = first.end(t)
					d.checkKept(t, s)
				}
				d.checkEnd(t, s, calm, o)
			})
		}
	}
}

// startBesidePerson starts the first process in a scene like s. A gate holds its worklog. The gate
// expects that each request is answered, so EC2, which loses a reply, is not behind it.
func (s *scene) startBesidePerson(t *testing.T, like *scene, answered bool) (*process, *gate) {
	t.Helper()
	behind, gate := like.withGate(t, 1, answered)
	gate.only = "POST Worklog"
	return behind.withVariable("AWS_ENDPOINT_URL_EC2="+s.base+"/ec2").start(t, besidePerson.run()...), gate
}

// checkEnd ends the run, and checks that each decision counts once and that a person decides only
// what is not on record.
func (d deciding) checkEnd(t *testing.T, s *scene, calm ending, o outcome) {
	t.Helper()
	if asks := o.code == 4 && slices.ContainsFunc(o.result(t).Steps, func(step engine.StepResult) bool {
		return step.ID == "ok" && step.Status == engine.StepWaiting
	}); asks == onRecord(d.approve) {
		t.Errorf("the approval is on record: %t; it is asked for: %t: %s%s", onRecord(d.approve), asks, o.stdout, o.stderr)
	}
	o, doubts := s.finish(t, besidePerson, o)
	if onRecord(d.resolve) != (len(doubts) == 0) {
		t.Errorf("the verdict is on record: %t; uncertain at %q: %s%s", onRecord(d.resolve), doubts, o.stdout, o.stderr)
	}
	calm.check(t, s, o)
	checkDecisions(t, o)
}

// checkDecisions checks that one approval counts and one verdict that the restart was done. Before
// that verdict a person may have asked for another attempt.
func checkDecisions(t *testing.T, o outcome) {
	t.Helper()
	for _, step := range o.result(t).Steps {
		var said []engine.Verdict
		for _, d := range step.Decisions {
			said = append(said, d.Verdict)
		}
		var want []engine.Verdict
		switch step.ID {
		case "ok":
			want = []engine.Verdict{engine.VerdictApprove}
		case "restart":
			want = []engine.Verdict{engine.VerdictDone}
			if len(said) == 2 {
				want = []engine.Verdict{engine.VerdictRetry, engine.VerdictDone}
			}
		}
		if !slices.Equal(said, want) {
			t.Errorf("the decisions about step %s are %q, want %q", step.ID, said, want)
		}
	}
}

// The first process is killed at each of its commits. Those after the call are commits while the
// decisions of other processes, some of which are killed too, are on record or not. Those before it
// are commits before anybody decides. Another process ends the run, as it ends undisturbed.
func TestKilledAtEveryCommitBesideAPerson(t *testing.T) {
	const most = 9 // commits of the first process; their number depends on which branches share one
	calm := besidePerson.undisturbed(t)
	chosen := sample.Of(t, "commits", 1).Choose("commits", most)
	var played, killed, decided atomic.Int64
	t.Run("at", func(t *testing.T) {
		for _, at := range chosen {
			for i, when := range []string{"before", "after"} {
				d := decidings[(2*at+i)%len(decidings)]
				t.Run(fmt.Sprintf("%d %s, approve %q, resolve %q", at, when, d.approve, d.resolve), func(t *testing.T) {
					t.Parallel()
					played.Add(1)
					s := newScene(t, besidePerson.world)
					point := fmt.Sprint(at, " ", when)
					o, beside := s.decideUntilKilled(t, d, point)
					if !o.killed {
						d.checkEnd(t, s, calm, o)
						return
					}
					killed.Add(1)
					if beside {
						decided.Add(1)
						d.checkKept(t, s)
					}
					o, _ = s.finish(t, besidePerson, s.continueKilled(t, besidePerson, 0, point, o))
					calm.check(t, s, o)
					checkDecisions(t, o)
				})
			}
		}
	})
	t.Logf("killed at %d points, at %d of them after others had decided", killed.Load(), decided.Load())
	if played.Load() == 2*most && (killed.Load() < most || decided.Load() < 2) {
		t.Errorf("killed at %d points, at %d of them after others had decided; want at least %d and 2", killed.Load(), decided.Load(), most)
	}
}

// decideUntilKilled lets other processes decide while the first process is in a call, unless it is
// killed before that. It returns how the first process ended, and whether the others decided.
func (s *scene) decideUntilKilled(t *testing.T, d deciding, point string) (o outcome, decided bool) {
	t.Helper()
	first, gate := s.startBesidePerson(t, s.withVariable(killVariable+"="+point), true)
	select {
	case <-gate.held:
		if decided = s.waitUntilAsked(t, first); decided {
			d.decide(t, s, false)
		}
	case <-first.over:
	}
	close(gate.open)
	return first.end(t), decided
}
