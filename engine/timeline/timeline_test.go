package timeline_test

import (
	"testing"
	"time"

	"errand/engine"
)

var cases = []struct {
	name       string
	definition string
	happens    func(h *home)
}{
	{"poll", `steps:
  - {id: start, name: Start the machine, task: desk.change, with: {says: "ok 1s"}}
  - id: ready
    name: Wait until it is ready
    task: desk.read
    with: {says: "pending 200ms, pending 200ms, pending 200ms, pending 200ms, pending 200ms, pending 200ms, pending 200ms, ready 200ms"}
    every: 5s
    for: 10m
    until: result.state == "ready"
  - {id: tell, name: Tell the requester, task: desk.once, with: {says: "told 500ms"}}
`, func(h *home) { h.work("a worker", time.Hour) }},
	{"retry", `steps:
  - {id: act, name: Change the record, task: desk.change, with: {says: "throttled 300ms, throttled 300ms, ok 2s"}, retry: {attempts: 4}}
  - {id: fails, name: Close the ticket, task: desk.change, with: {says: "throttled 300ms, refused 1s"}, retry: {attempts: 4}}
`, func(h *home) { h.work("a worker", time.Hour) }},
	{"crash", `steps:
  - {id: first, name: Look at the record, task: desk.read, with: {says: "ok 2s"}}
  - {id: act, name: Change the record, task: desk.change, with: {says: "ok 5s"}}
  - {id: wait, name: Wait for the night, task: desk.delay, with: {hours: 1}}
  - {id: once, name: Tell the requester, task: desk.once, with: {says: "ok 4s"}}
`, func(h *home) {
		h.crash("errand run, process 4711 on host a", 4*time.Second)
		time.Sleep(90 * time.Second)
		h.work("errand serve, process 12 on host b", 20*time.Second)
		time.Sleep(2 * time.Hour)
		h.crash("errand serve, process 13 on host b", 2*time.Second)
		time.Sleep(40 * time.Second)
		h.work("errand serve, process 14 on host b", time.Minute)
		h.decide("once", engine.VerdictRetry, "the mail server has no such mail")
		h.work("errand serve, process 14 on host b", time.Minute)
	}},
	{"approval", `steps:
  - {id: ok, name: Approval of the owner, approval: {ask: "May web-1 be stopped?", by: [operators], within: 4h}}
  - {id: stop, name: Stop the machine, task: desk.change, with: {says: "ok 3s"}}
  - id: late
    name: Approval of the team
    approval: {ask: "Delete it too?", by: [operators], within: 2h, otherwise: reject}
  - {id: tell, name: Tell the requester, task: desk.change, with: {says: "ok 1s"}}
`, func(h *home) {
		h.work("a worker", 40*time.Minute)
		h.decide("ok", engine.VerdictApprove, "nobody uses it")
		h.work("a worker", 24*time.Hour)
	}},
	{"open-approval", `steps:
  - {id: look, name: Look at the machine, task: desk.read, with: {says: "ok 2s"}}
  - {id: ok, name: Approval of the owner, approval: {ask: "May web-1 be stopped?", by: [operators], within: 3d}}
`, func(h *home) { h.work("a worker", 40*time.Minute) }},
	{"retried", `steps:
  - {id: look, name: Look at the machine, task: desk.read, with: {says: "ok 1s"}}
  - id: both
    name: Both sides
    steps:
      - {id: one, name: The first side, task: desk.change, with: {says: "ok 2s"}}
      - {id: two, name: The second side, task: desk.once, with: {says: "refused 1s, ok 3s"}}
  - {id: ok, name: The owner's word, approval: {ask: "Go on?", by: [operators]}}
on_failure:
  - {id: tell, name: Tell the requester, task: desk.change, with: {says: "ok 1s"}}
`, func(h *home) {
		h.work("a worker", time.Minute)
		time.Sleep(time.Hour)
		h.must(nil, h.process("the command line").Retry(h.Context(), run, engine.Retry{From: "two", By: engine.Person{Name: "Kim"}}))
		h.work("a worker", time.Minute)
	}},
	{"loop", `steps:
  - id: fleet
    name: The fleet
    for_each: '${{ [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }}'
    as: n
    limit: 3
    steps:
      - {id: act, name: Restart it, task: desk.change, with: {says: "ok 2s"}, if: n != 5}
`, func(h *home) { h.work("a worker", time.Hour) }},
	{"parallel", `steps:
  - id: both
    name: Both sides
    parallel:
      left:
        - {id: l1, name: Left one, task: desk.change, with: {says: "ok 3s"}}
        - {id: l2, name: Left two, task: desk.change, with: {says: "ok 4s"}}
      right:
        - {id: r1, name: Right one, task: desk.change, with: {says: "ok 5s"}, undo: [{id: back, name: Right one back, task: desk.change, with: {says: "ok 1s"}}]}
        - {id: r2, name: Right two, task: desk.change, with: {says: "refused 1s"}}
finally:
  - {id: tidy, name: Tidy up, task: desk.change, with: {says: "ok 1s"}}
`, func(h *home) { h.work("a worker", time.Hour) }},
	{"three-days", `steps:
  - {id: before, name: Announce it, task: desk.change, with: {says: "ok 2s"}}
  - {id: wait, name: Three days of notice, task: desk.delay, with: {hours: 72}}
  - {id: after, name: Delete it, task: desk.change, with: {says: "throttled 1s, ok 3s"}, retry: {attempts: 3}}
`, func(h *home) { h.work("a worker", 80*time.Hour) }},
	{"running", `steps:
  - {id: before, name: Announce it, task: desk.change, with: {says: "ok 2s"}}
  - id: both
    name: Both sides
    parallel:
      left: [{id: l, name: Wait until it is stopped, task: desk.read, with: {says: "stopping 300ms"}, every: 1m, for: 5h, until: result.state == "stopped"}]
      right: [{id: r, name: Wait for the night, task: desk.delay, with: {hours: 5}}]
`, func(h *home) { h.work("a worker", 30*time.Minute+30*time.Second) }},
	{"cancelled", `steps:
  - {id: before, name: Announce it, task: desk.change, with: {says: "ok 2s"}}
  - {id: wait, name: Wait for the night, task: desk.delay, with: {hours: 5}}
finally:
  - {id: tidy, name: Tidy up, task: desk.change, with: {says: "ok 2s"}}
`, func(h *home) {
		h.work("a worker", 5*time.Minute)
		h.must(nil, h.process("the command line").Cancel(h.Context(), run, engine.Person{Name: "Kim"}))
		h.work("a worker", time.Minute)
	}},
	{"uncertain", `steps:
  - {id: sees, name: Write the comment, task: stub.evident, with: {script: "lost, ok", delay: 30s}, retry: {attempts: 3}}
  - {id: act, name: Reboot it, task: stub.once, with: {script: "lost, ok"}}
`, func(h *home) {
		h.work("a worker", 10*time.Minute)
		h.decide("act", engine.VerdictDone, "its uptime is short")
		h.work("a worker", time.Minute)
	}},
}

func TestTimeline(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inHome(t, func(h *home) {
				h.accept(run, c.definition)
				c.happens(h)
				check(t, c.name, h.timeline(run))
			})
		})
	}
}

// Of two runs with one concurrency key the second waits for its turn.
func TestTurn(t *testing.T) {
	inHome(t, func(h *home) {
		const definition = "concurrency: {key: web-1}\nsteps:\n  - {id: act, name: Change it, task: desk.change, with: {says: \"ok 20s\"}}\n"
		h.accept("R0", definition)
		h.accept(run, definition)
		ctx := h.Context()
		go func() { _ = h.process("a worker").Work(ctx, false, nil) }()
		time.Sleep(10 * time.Second)
		check(t, "turn-waits", h.timeline(run))
		time.Sleep(time.Minute)
		check(t, "turn", h.timeline(run))
	})
}
