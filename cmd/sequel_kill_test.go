package cmd_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/sample"
)

// A sequel is what persons do about a run that one command does not end: they retry, cancel, resolve
// or adopt it. Its effects are those of the whole, in order.
type sequel struct {
	title string
	workflow
	before   func(t *testing.T, s *scene, w workflow) *scene // carries the run to where the commands begin
	commands [][]string
}

// begins carries a run to where it fails, waits for a decision or is uncertain.
func begins(code int, more ...[]string) func(*testing.T, *scene, workflow) *scene {
	return func(t *testing.T, s *scene, w workflow) *scene {
		t.Helper()
		var o outcome
		for _, args := range append([][]string{w.run()}, more...) {
			o = s.errand(t, args...)
		}
		if o.code != code {
			t.Fatalf("exit code %d, want %d: %s%s", o.code, code, o.stdout, o.stderr)
		}
		return s
	}
}

// retriedElsewhere carries a run to where it fails, and restores a backup of the home. The first home
// retries the run to its end.
func retriedElsewhere(t *testing.T, s *scene, w workflow) *scene {
	t.Helper()
	again := begins(1)(t, s, w).copied(t)
	if o := s.errand(t, retryIt...); o.code != 0 {
		t.Fatalf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	return again
}

// copied returns a scene whose home is restored from a backup of this one.
func (s *scene) copied(t *testing.T) *scene {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup")
	quicker := s.withVariable("ERRAND_ISM_EVIDENCE_DELAY=50ms") // no request is under way any more
	again := &scene{quicker.served, filepath.Join(t.TempDir(), "again")}
	for _, o := range []outcome{s.errand(t, "backup", backup), again.errand(t, "restore", backup)} {
		if o.code != 0 {
			t.Fatalf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
		}
	}
	return again
}

// restored carries a run to a change, the answer to which is held, and kills its process. Then it
// restores a backup of the home. The first home goes on to the end of the run if goesOn is set.
func restored(change int, goesOn bool) func(*testing.T, *scene, workflow) *scene {
	return func(t *testing.T, s *scene, w workflow) *scene {
		t.Helper()
		behind, gate := s.withGate(t, change, true)
		p, _ := behind.runUntilHeld(t, w, gate)
		p.kill(t)
		again := s.copied(t)
		if goesOn {
			s.finish(t, w, s.errand(t, "runs", "resume", "100-291", "-o", "json"))
		}
		return again
	}
}

var (
	retryIt  = []string{"runs", "retry", "100-291", "-o", "json"}
	cancelIt = []string{"runs", "cancel", "100-291", "-o", "json"}
	adoptIt  = []string{"runs", "adopt", "100-291"}
	adoptAll = []string{"runs", "adopt", "--all"}
	resolve  = []string{"runs", "resolve", "100-291", "restart", "--done", "-o", "json"}
	resumeIt = []string{"runs", "resume", "100-291", "-o", "json"}
)

// once makes a world of ISM refuse a change once.
func once(action string) string {
	return strings.ReplaceAll(strings.Replace(neverCloses, "times: 99", "times: 1", 1), "PUT Ticket", action)
}

var sequels = []sequel{
	{
		title: "a retry after undo in a called workflow beside a switch", before: begins(1), commands: [][]string{retryIt},
		workflow: workflow{
			name: "testdata/kill/side-by-side.yaml", parallel: true,
			inputs: []string{"start=i-0a1b2c3d4e5f60001", "stop=i-0a1b2c3d4e5f60002", "mode=start"},
			world:  lasting + once("POST Worklog"),
			effects: []string{
				"StartInstances", "POST ConfigurationItem", "StopInstances", "PUT ConfigurationItem", "POST Ticket/100-291/ConfigurationItem",
				"POST Worklog", "PUT ConfigurationItem", "PUT Ticket",
				"PUT ConfigurationItem", "POST Worklog",
			},
		},
	},
	{
		title: "a retry in a switch in a loop", before: begins(1), commands: [][]string{retryIt},
		workflow: workflow{
			name:   "testdata/kill/restart-each.yaml",
			inputs: []string{`instances=["i-0a1b2c3d4e5f60002","i-0a1b2c3d4e5f60003","i-0a1b2c3d4e5f60004"]`},
			world:  fleet + strings.Replace(once("POST ConfigurationItem"), "action", "after: 1, action", 1),
			effects: []string{
				"RebootInstances", "POST ConfigurationItem", "RebootInstances", "POST ConfigurationItem",
				"POST ConfigurationItem", "RebootInstances", "POST ConfigurationItem", "PUT Ticket",
			},
			reboots: map[string]string{"each[2].restart": "i-0a1b2c3d4e5f60004"},
		},
	},
	{
		title: "a retry after approvals and undo in a loop", commands: [][]string{retryIt},
		before: begins(1, approve("each[0].ok"), approve("each[1].ok")),
		workflow: workflow{
			name: "testdata/kill/retire-assets.yaml", inputs: []string{`assets=["one","two"]`}, world: assets + once("PUT Ticket"),
			effects: []string{
				"PUT ConfigurationItem", "PUT ConfigurationItem", "PUT Ticket", "PUT ConfigurationItem", "PUT ConfigurationItem", "POST Worklog",
				"POST Worklog", "PUT ConfigurationItem", "PUT ConfigurationItem", "PUT Ticket", "POST Worklog",
			},
			parallel: true,
		},
	},
	{
		title: "a cancellation while a person is asked", commands: [][]string{cancelIt, resumeIt}, // whose exit code is that of the run
		before: begins(4, approve("each[0].ok")),
		workflow: workflow{
			name: "testdata/kill/retire-assets.yaml", inputs: []string{`assets=["one","two","three"]`}, world: assets, code: 5,
			effects: []string{"PUT ConfigurationItem", "PUT ConfigurationItem", "POST Worklog"},
		},
	},
	{
		title: "a verdict on an uncertain step", before: begins(4),
		commands: [][]string{resolve},
		workflow: workflow{
			name: "restart-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60002"},
			world:   lasting + "faults: [{system: ec2, action: RebootInstances, lose_reply: 1}]\n",
			effects: []string{"RebootInstances", "POST Worklog", "PUT Ticket"},
		},
	},
	{
		title: "an adoption of a run that its home cannot continue", before: restored(2, false), commands: [][]string{adoptIt, resumeIt},
		workflow: shipped[3],
	},
	{
		// The second check finds that the home has closed the request, and operators are told.
		title: "an adoption of a run that its home continued", before: restored(1, true), commands: [][]string{adoptAll, resumeIt},
		workflow: workflow{
			name: shipped[4].name, inputs: shipped[4].inputs, world: shipped[4].world, code: 1,
			effects: append(slices.Clone(shipped[4].effects), "POST Worklog"),
		},
	},
	{
		title: "an adoption of a restart that its home continued", before: restored(1, true), workflow: shipped[2],
		commands: [][]string{adoptIt, resumeIt, resolve},
	},
	{
		title: "a retry of a run that its home retried", before: retriedElsewhere, commands: [][]string{adoptAll, retryIt},
		workflow: workflow{
			name: "start-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60001"}, world: lasting + once("PUT Ticket"),
			effects: []string{"StartInstances", "POST Worklog", "PUT Ticket", "POST Worklog", "POST Worklog", "PUT Ticket"},
		},
	},
}

func approve(step string) []string {
	return []string{"runs", "approve", "100-291", step, "--approve", "-o", "json"}
}

const assets = `
tickets: [{id: 100-291, status: New}]
assets: [{identifier: one}, {identifier: two}, {identifier: three}]
`

// play carries out a sequel. It kills the process of one command, counted from 0, at a point, if the
// process makes so many commits. It returns the scene, how the last process ended, and whether a
// process was killed.
func (q sequel) play(t *testing.T, command int, point string) (s *scene, o outcome, doubts []string, killed bool) {
	t.Helper()
	s = q.before(t, newScene(t, q.world), q.workflow)
	for i, args := range q.commands {
		if i != command {
			o = s.errand(t, args...)
			continue
		}
		o = s.withVariable(killVariable+"="+point).errand(t, args...)
		if killed = o.killed; !killed {
			continue
		}
		if point == "1 before" || slices.Equal(args, adoptAll) || slices.Equal(args, resumeIt) { // the two can always be given again
			o = s.errand(t, args...)
		} else if i == len(q.commands)-1 {
			o = s.errand(t, resumeIt...)
		}
	}
	o, doubts = s.finish(t, q.workflow, o)
	return s, o, doubts, killed
}

// The processes that carry out a sequel are killed at each of their commits, before and after it is
// written. Then the command is given again, unless it is on record, or the run is resumed. It ends as
// it does undisturbed, and each request was made once.
func TestKilledInSequels(t *testing.T) {
	some := sample.Of(t, "sequels", 1)
	for _, n := range some.Choose("sequels", len(sequels)) {
		q := sequels[n-1]
		t.Run(q.title, func(t *testing.T) {
			t.Parallel()
			s, o, doubts, _ := q.play(t, -1, "")
			if o.code != q.code || !slices.Equal(doubts, q.doubts) {
				t.Fatalf("exit code %d, and uncertain at %q: %s%s", o.code, doubts, o.stdout, o.stderr)
			}
			calm := s.ending(t, q.workflow, o)
			if !slices.Equal(q.order(calm.effects), q.order(q.effects)) {
				t.Fatalf("the effects are %q, want %q\n%s", calm.effects, q.effects, o.stderr)
			}
			points := 0
			for command := range q.commands {
				for at, more := 1, true; more && at < 50; at++ {
					more = false
					for _, when := range []string{"before", "after"} {
						t.Run(fmt.Sprintf("%s %d %s", strings.Join(q.commands[command][:2], " "), at, when), func(t *testing.T) {
							s, o, doubts, killed := q.play(t, command, fmt.Sprint(at, " ", when))
							if killed {
								more = true
								points++
							}
							q.checkDoubts(t, doubts)
							calm.check(t, s, o)
						})
					}
				}
			}
			t.Logf("killed at %d points", points)
			if least := 2 * (len(q.commands) + 1); points < least {
				t.Errorf("killed at %d points, want at least %d", points, least)
			}
		})
	}
}

// checkDoubts checks that only a reboot became uncertain because of a crash.
func (q sequel) checkDoubts(t *testing.T, doubts []string) {
	t.Helper()
	for _, step := range doubts {
		if q.reboots[step] == "" {
			t.Errorf("uncertain at %q", doubts)
		}
	}
}
