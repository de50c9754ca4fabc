package cmd

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/diag"
)

// Texts of workflows and systems cannot do anything to a terminal: the list writes no other control
// characters than its own.
func TestLivePrintsNoControlCharacters(t *testing.T) {
	const hostile = `"\e]0;title\a\e[2J\x9b2J\u202e\x7f\r\n\u2028"`
	p, events := recordEvents(t, txtar.Parse([]byte(strings.ReplaceAll(`-- case.yaml --
workflow: case
title: HOSTILE
steps:
  - {id: a, name: HOSTILE, task: stub.reads, with: {text: HOSTILE, script: HOSTILE}, on_failure: continue}
  - for_each: [HOSTILE, other]
    as: box
    steps: [{name: HOSTILE, task: stub.reads, with: {script: "again 1s, ok ${{ box }}"}}]
  - {approval: {ask: HOSTILE, by: [operators]}}
`, "HOSTILE", hostile))))
	var out strings.Builder
	window := func() (int, int) { return 200, 40 }
	l := newLive(liveFrame{w: &out, size: window}, p, engine.Request{Request: "100\x1b[2J"}, func() time.Time { return recorded })
	for _, e := range events {
		l.event(e)
		l.draw()
	}
	l.note("a note\x1b[2J")
	l.end()
	if n := strings.Count(out.String(), "2J"); n < 6*len(events) {
		t.Fatalf("the hostile text is shown %d times only:\n%q", n, out.String())
	}
	for _, c := range regexp.MustCompile(`\n|\r\x1b\[[0-9]+A|\x1b\[[KJ]`).ReplaceAllString(out.String(), "") {
		if !diag.IsPrintable(c) {
			t.Fatalf("%q is written:\n%q", c, out.String())
		}
	}
}
