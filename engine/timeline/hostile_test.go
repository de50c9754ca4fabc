package timeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"errand/engine"
	"errand/engine/task"
	"errand/engine/timeline"
)

var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// mostBytes is more than any picture has: 2000 spans with words of 300 code points.
const mostBytes = 6 << 20

var hostile = []string{
	"", "<script>alert(1)</script>", "]]><svg onload=alert(1)>", "\u202Etxt.exe\u202C \u2066isolated\u2069", "a\x00b\x1b[31mred\r\nnext\tline",
	"\xff\xfe not UTF-8", "\uFFFE\uFDD0", strings.Repeat("w\u0301\u0302\u0303\u0304\u0305\u0306", 40), strings.Repeat("漢字", 200), strings.Repeat("x", 64<<10), `"quotes' &amp; style="`,
}

// checkTexts expects that no text of a timeline can do harm or is too long.
func checkTexts(t testing.TB, made *timeline.Timeline) {
	t.Helper()
	var texts []string
	for _, m := range made.Marks {
		texts = append(texts, m.Word, m.By, m.Words)
	}
	for _, r := range made.Rows {
		texts = append(texts, r.Label, r.Task, r.In, r.Words)
		for _, s := range r.Spans {
			texts = append(texts, s.Words)
			if s.To.Before(s.From) || s.From.Before(made.Begin) || s.To.After(made.End) {
				t.Fatalf("a span from %v to %v in a timeline from %v to %v", s.From, s.To, made.Begin, made.End)
			}
		}
	}
	for _, text := range texts {
		if len([]rune(text)) > 300 || strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }) {
			t.Fatalf("the text %q", text)
		}
	}
}

// Names and messages of other systems change neither the form of the picture nor its size much.
func TestHostileTexts(t *testing.T) {
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			kim := engine.Person{Name: text}
			failure := &task.Failure{Code: text, Message: text}
			events := []engine.Event{
				{Kind: engine.EventRunStarted, Name: text, Request: text},
				{Kind: engine.EventStepStarted, Step: "act", Name: text, Task: "desk.change"},
				{Kind: engine.EventStepRetries, Step: "act", Name: text, Attempt: 1, Wait: time.Second, For: engine.WaitRetry, Failure: failure},
				{Kind: engine.EventStepFailed, Step: "act", Name: text, Failure: failure},
				{Kind: engine.EventStepStarted, Step: "ok", Name: text, Ask: text},
				{Kind: engine.EventStepAsks, Step: "ok", Name: text, Ask: text, Wait: time.Hour},
				{Kind: engine.EventRunResumed, Process: text, Before: &engine.Ending{Kind: engine.EndedByCrash, Process: text}},
				{Kind: engine.EventStepDecided, Step: "ok", Name: text, Verdict: engine.VerdictApprove, By: kim},
				{Kind: engine.EventStepSucceeded, Step: "ok", Name: text, Message: text},
				{Kind: engine.EventStepSkipped, Step: text, Name: text},
				{Kind: engine.EventRunStopped, Process: text},
				{Kind: engine.EventRunAdopted, By: kim},
				{Kind: engine.EventRunEnded, Status: engine.Cancelled, By: kim, Cause: text, Failure: failure},
				{Kind: engine.EventRunRetried, Step: text, By: kim},
			}
			for i := range events {
				events[i].At = began.Add(time.Duration(i) * time.Minute)
			}
			made := timeline.New(engine.View{Result: engine.Result{Run: text, Workflow: text, Started: began, Status: engine.Waiting}}, events, began.Add(time.Hour))
			checkTexts(t, made)
			svg := made.SVG()
			checkPicture(t, svg)
			if len(svg) > 80<<10 {
				t.Errorf("the picture has %d bytes", len(svg))
			}
			if i == 1 {
				check(t, "hostile", made)
			}
		})
	}
}

// A long run is cut, in the data and in the picture, and both say so.
func TestLongRun(t *testing.T) {
	events := []engine.Event{{At: began, Kind: engine.EventRunStarted}}
	at := began
	for i := range 3000 {
		at = at.Add(time.Second)
		step := fmt.Sprintf("all[%d].act", i)
		events = append(events, engine.Event{At: at, Kind: engine.EventStepStarted, Step: step, Task: "desk.change"})
		for attempt := 1; i == 5 && attempt < 500; attempt++ {
			at = at.Add(time.Second)
			events = append(events, engine.Event{At: at, Kind: engine.EventStepRetries, Step: step, Attempt: attempt, Wait: time.Millisecond, For: engine.WaitRetry})
		}
		events = append(events, engine.Event{At: at.Add(time.Second), Kind: engine.EventStepSucceeded, Step: step, Message: "done"})
	}
	for range 300 {
		events = append(events, engine.Event{At: at, Kind: engine.EventRunStopped, Process: "a process"})
	}
	made := timeline.New(engine.View{Result: engine.Result{Run: run, Started: began, Ended: at.Add(time.Second), Status: engine.Succeeded}}, events, at)
	if len(made.Rows) != 2000 || made.MoreRows != 1000 || len(made.Marks) != 200 || made.MoreMarks != 100 {
		t.Errorf("%d rows and %d more, %d marks and %d more", len(made.Rows), made.MoreRows, len(made.Marks), made.MoreMarks)
	}
	if r := made.Rows[5]; len(r.Spans) != 200 || r.MoreSpans != 799 || r.Spans[0].Words != "attempt 1 failed" || r.Spans[199].Words != "attempt 500 succeeded: done" {
		t.Errorf("%d spans and %d more, from %q to %q", len(r.Spans), r.MoreSpans, r.Spans[0].Words, r.Spans[199].Words)
	}
	svg := made.SVG()
	checkPicture(t, svg)
	if !strings.Contains(string(svg), ">and 2800 more steps<") {
		t.Error("the picture does not say how many steps it leaves out")
	}
}

// A source chooses from bytes, and then always the first choice.
type source struct{ bytes []byte }

func (s *source) n(n int) int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := int(s.bytes[0])
	s.bytes = s.bytes[1:]
	return b % n
}

func pick[T any](s *source, of ...T) T { return of[s.n(len(of))] }

// anyRun returns a view and events that no runner has to make.
func anyRun(data []byte) (engine.View, []engine.Event, time.Time) {
	s := &source{data}
	steps := []string{"a", "b", "all[0].a", "all[1].a", "", "all"}
	jump := func() time.Duration {
		return pick(s, 0, time.Millisecond, time.Second, 5*time.Minute, time.Hour, 100*time.Hour, -time.Minute, 200*365*24*time.Hour)
	}
	failure := func() *task.Failure {
		return pick(s, nil, &task.Failure{Code: "Busy", Message: "later"}, &task.Failure{Code: task.CodeInterrupted})
	}
	var events []engine.Event
	at := began
	for len(s.bytes) > 0 && len(events) < 400 {
		if at = at.Add(jump()); s.n(50) == 49 {
			at = time.Time{}
		}
		items := s.n(4)
		events = append(events, engine.Event{
			At: at, Step: pick(s, steps...), Task: pick(s, "", "desk.change"), Ask: pick(s, "", "Go?"), Name: pick(s, "", hostile[s.n(len(hostile))]),
			Kind: pick(s, engine.EventRunStarted, engine.EventStepStarted, engine.EventStepStarted, engine.EventStepSkipped, engine.EventStepWaits, engine.EventStepWaits,
				engine.EventStepRetries, engine.EventStepSucceeded, engine.EventStepFailed, engine.EventStepAsks, engine.EventStepUncertain, engine.EventStepDecided,
				engine.EventStepInterrupted, engine.EventHandlerBegins, engine.EventRunEnded, engine.EventRunResumed, engine.EventRunStopped, engine.EventRunRetried, engine.EventRunAdopted, "new"),
			For:    pick(s, engine.WaitPoll, engine.WaitTime, engine.WaitRetry, engine.WaitEvidence, engine.WaitTrouble, "new"),
			Wait:   jump(),
			Looks:  s.n(9),
			Status: pick(s, engine.Failed, engine.Cancelled, engine.Succeeded), Attempt: s.n(4), Failure: failure(), Items: pick(s, nil, &items),
			Verdict: pick(s, engine.VerdictApprove, engine.VerdictRetry, engine.VerdictDone, engine.VerdictFail, engine.VerdictExpired, "new"),
			Before:  pick(s, nil, &engine.Ending{Kind: engine.EndedByCrash}, &engine.Ending{Kind: engine.EndedByPerson}, &engine.Ending{Kind: engine.EndedByJournal}),
			By:      engine.Person{Name: pick(s, "", "Kim")}, Process: pick(s, "", "a process"),
		})
	}
	v := engine.View{
		Result: engine.Result{
			Run: run, Started: pick(s, began, time.Time{}), Ended: pick(s, time.Time{}, at), Status: pick(s, engine.Running, engine.Waiting, engine.Failed),
			Steps: []engine.StepResult{{ID: pick(s, steps...), Status: pick(s, engine.StepCancelled, engine.StepRunning), Ended: pick(s, time.Time{}, at)}},
		},
		Key:   pick(s, "", "a key"),
		Waits: []engine.Wait{{Step: pick(s, steps...), For: pick(s, engine.WaitTurn, engine.WaitRetry, engine.WaitProcess, engine.WaitAdoption), Since: pick(s, time.Time{}, at)}},
	}
	return v, events, at.Add(jump())
}

func checkAnyRun(t *testing.T, data []byte) {
	v, events, now := anyRun(data)
	made := timeline.New(v, events, now)
	svg := made.SVG()
	if t.Failed() || len(svg) > mostBytes {
		t.Errorf("the picture has %d bytes", len(svg))
	}
	checkTexts(t, made)
	checkPicture(t, svg)
	if t.Failed() {
		text, _ := json.MarshalIndent(events, "", " ")
		t.Logf("%s\n%s", text, inText(made))
	}
}

// Every list of events has a picture, also one that no runner makes.
func TestAnyRun(t *testing.T) {
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, random.IntN(1500))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		if checkAnyRun(t, data); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzAnyRun(f *testing.F) {
	f.Add([]byte("a run"))
	f.Fuzz(checkAnyRun)
}
