package cmd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"errand/engine"
)

// Whoever waits for a turn reads how the run stands that has it.
func TestExplainTurn(t *testing.T) {
	of := func(request string, status engine.Status, waits ...engine.Wait) engine.View {
		v := engine.View{Waits: waits}
		v.Run, v.Workflow, v.Request, v.Status = "r1", "resize", request, status
		return v
	}
	at := &terminal{home: []string{"--home", "h"}}
	for _, c := range []struct {
		view engine.View
		want string
	}{
		{of("1", engine.Waiting, engine.Wait{For: engine.WaitPerson, Step: "ok"}), "(resize for request 1, waiting, step ok waits for a decision)"},
		{of("", engine.Uncertain, engine.Wait{For: engine.WaitPerson, Step: "ok"}), "(resize, uncertain, step ok is uncertain)"},
		{of("1", engine.Waiting, engine.Wait{For: engine.WaitProcess, Reason: "stopped by errand run"}), "(resize for request 1, waiting, stopped by errand run)"},
		{of("1", engine.Waiting, engine.Wait{For: engine.WaitTrouble, Reason: "the disk is full", Trouble: engine.TroubleStore}), "(resize for request 1, waiting, waits until this machine is mended: the disk is full)"},
	} {
		if got, want := at.explainTurn(c.view), "waits for its turn: run r1 has it "+c.want; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A run that waits for its turn may also be stopped or cancelled, and the time of a decision may be over.
func TestNoteOnATurn(t *testing.T) {
	turn := engine.Wait{For: engine.WaitTurn, Run: "r1"}
	stopped := engine.Wait{For: engine.WaitProcess, Reason: "stopped by errand run"}
	for _, c := range []struct {
		view engine.View
		want string
	}{
		{engine.View{Waits: []engine.Wait{turn}}, "waits for its turn: run r1 has it"},
		{engine.View{Waits: []engine.Wait{turn, stopped}}, "waits for its turn: run r1 has it; stopped by errand run"},
		{engine.View{Waits: []engine.Wait{turn}, Cancelling: true}, "is being cancelled"},
		{engine.View{Waits: []engine.Wait{{For: engine.WaitPerson, Step: "ok", Due: time.Now().Add(time.Hour)}}}, "step ok waits for a decision"},
		{engine.View{Waits: []engine.Wait{{For: engine.WaitPerson, Step: "ok", Due: time.Now().Add(-time.Hour)}}}, "is due"},
	} {
		if got := (&terminal{}).noteOn(c.view); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got, want := blockedNote([]string{"r2", "r3"}), "runs r2, r3 wait for their turn"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A decision is offered only while somebody can make it: not after its time, and not in a run that waits for
// adoption.
func TestShowOffersWhatCanBeDecided(t *testing.T) {
	const offer, resume, adopt = "errand runs approve r1 ok --approve or --reject", "errand runs resume r1 continues the run", "errand runs adopt r1 lets the run go on here"
	now := time.Now()
	for _, c := range []struct {
		name  string
		waits engine.Wait
		until time.Time
		want  string
	}{
		{"open", engine.Wait{For: engine.WaitPerson, Step: "ok"}, time.Time{}, offer},
		{"for an hour", engine.Wait{For: engine.WaitPerson, Step: "ok", Due: now.Add(time.Hour)}, now.Add(time.Hour), offer},
		{"late", engine.Wait{For: engine.WaitPerson, Step: "ok", Due: now.Add(-time.Hour)}, now.Add(-time.Hour), resume},
		{"isolated", engine.Wait{For: engine.WaitAdoption, Reason: "home.id is a copy"}, time.Time{}, adopt},
	} {
		v := engine.View{Waits: []engine.Wait{c.waits}, Due: c.waits.Due, Questions: []engine.Open{{Question: engine.Question{Step: "ok", Ask: "Go?", By: []string{"kim"}, Until: c.until}}}}
		v.Run, v.Status, v.Steps = "r1", engine.Waiting, []engine.StepResult{{ID: "ok", Status: engine.StepWaiting}}
		var out bytes.Buffer
		(&terminal{stdout: &out}).printRun(v, nil, nil)
		for _, text := range []string{offer, resume, adopt} {
			if strings.Contains(out.String(), text) != (text == c.want) {
				t.Errorf("%s: %q is wrong in\n%s", c.name, text, &out)
			}
		}
	}
}
