package console_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/local"
)

// A tuned stream is read as its messages come.
type tuned struct {
	cancel   context.CancelFunc
	over     chan struct{} // closed when the stream has ended
	mu       sync.Mutex
	messages []message
}

// A message of a stream has come at a time.
type message struct {
	event string
	at    time.Time
}

// listen opens an event stream.
func (v *visitor) listen(query string) (*tuned, *http.Response) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/live?"+query, nil)
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	got, err := v.browser.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	s := &tuned{cancel: cancel, over: make(chan struct{})}
	v.Cleanup(s.close)
	go func() {
		defer close(s.over)
		lines := bufio.NewScanner(got.Body)
		for lines.Scan() {
			if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				s.mu.Lock()
				s.messages = append(s.messages, message{event, time.Now()})
				s.mu.Unlock()
			}
		}
		_ = got.Body.Close()
	}()
	return s, got
}

// heard returns the messages so far.
func (s *tuned) heard() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// count returns how many messages of a kind have come.
func (s *tuned) count(event string) (n int) {
	for _, m := range s.heard() {
		if m.event == event {
			n++
		}
	}
	return n
}

// close ends the stream from the side of the browser.
func (s *tuned) close() {
	s.cancel()
	<-s.over
}

// park starts a run of the workflow ask and carries it on until it waits.
func (b *bench) park(secret string) string {
	b.Helper()
	run := b.start(secret, "ask", "", nil)
	if _, err := b.runner.Follow(b.Context(), run, engine.Following{}); err != nil {
		b.Fatal(err)
	}
	return run
}

// A stream sends at most one message a second, however often a run changes, the first one at once, and the
// last change is not lost.
func TestStreamsArePaced(t *testing.T) {
	inBubble(t, setting{}, func(t *testing.T, b *bench) {
		desk := b.as("desk", access.Requester)
		run := b.park(desk)
		olga := b.signedIn(b.as("olga", access.Operator))
		for _, query := range []string{"run=" + run, "all"} {
			s, _ := olga.listen(query)
			synctest.Wait()
			if first := s.heard(); len(first) != 2 || first[0].event != "here" || first[1].event != "changed" || !first[1].at.Equal(time.Now()) {
				t.Fatalf("%s begins with %v", query, first)
			}
			for range 100 { // ten changes a second, for ten seconds
				b.start(desk, "greet", "", map[string]any{"who": "Kim"})
				if err := b.runner.Decide(t.Context(), run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "robin"}}); err != nil {
					_ = b.runner.Cancel(t.Context(), run, engine.Person{Name: "robin"}) // decided already
				}
				time.Sleep(100 * time.Millisecond)
			}
			last := time.Now()
			time.Sleep(2 * time.Second)
			all := s.heard()
			for i, m := range all[2:] {
				if before := all[i+1]; m.event == "changed" && before.event == "changed" && m.at.Sub(before.at) < time.Second {
					t.Errorf("%s: a message comes %s after the one before", query, m.at.Sub(before.at))
				}
			}
			if query == "all" {
				if n := s.count("changed"); n < 10 || n > 13 {
					t.Errorf("of ten seconds of changes, a stream sends %d messages", n)
				}
				if !all[len(all)-1].at.After(last.Add(-200 * time.Millisecond)) {
					t.Error("the last change is lost")
				}
			}
			s.close()
		}
	})
}

// A change of this process is told at once, and while nothing changes a stream says every ten seconds that
// it lives.
func TestStreamsTellAtOnce(t *testing.T) {
	inBubble(t, setting{}, func(t *testing.T, b *bench) {
		run := b.park(b.as("desk", access.Requester))
		olga := b.signedIn(b.as("olga", access.Operator))
		s, got := olga.listen("run=" + run)
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("the stream answers %d %v", got.StatusCode, got.Header)
		}
		time.Sleep(59 * time.Second)
		if here, changed := s.count("here"), s.count("changed"); here < 5 || here > 7 || changed > 2 {
			t.Errorf("in a quiet minute, a stream sends %d and %d messages", here, changed)
		}
		before, at := s.count("changed"), time.Now()
		if err := b.runner.Decide(t.Context(), run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "robin"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.runner.Follow(t.Context(), run, engine.Following{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if after := s.heard(); s.count("changed") != before+1 || !after[len(after)-1].at.Equal(at) {
			t.Errorf("a change is not told at once: %d messages before it, and then %v", before, after)
		}
		s.close()
	})
}

// What another process changes is told within five seconds.
func TestStreamsTellOfOtherProcesses(t *testing.T) {
	inBubble(t, setting{}, func(t *testing.T, b *bench) {
		desk := b.as("desk", access.Requester)
		run := b.park(desk)
		other := &local.Runner{Journal: b.store.Journal, Registry: b.registry, About: "another process"}
		olga := b.signedIn(b.as("olga", access.Operator))
		one, _ := olga.listen("run=" + run)
		all, _ := olga.listen("all")
		time.Sleep(30*time.Second + 10*time.Millisecond)
		ones, alls := one.count("changed"), all.count("changed")
		if err := other.Cancel(t.Context(), run, engine.Person{Name: "robin"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if one.count("changed") == ones || all.count("changed") == alls {
			t.Errorf("after 5 s, the streams have %d and %d more messages", one.count("changed")-ones, all.count("changed")-alls)
		}
		one.close()
		all.close()
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Within five seconds of the end of a session, of its token or of its time, its streams end, and say so.
func TestStreamsEndWithTheirSession(t *testing.T) {
	ends := map[string]func(*bench, *visitor){
		"the token is revoked": func(b *bench, _ *visitor) { _ = b.store.RevokeToken(b.Context(), "kim", time.Now()) },
		"all sessions are ended": func(b *bench, _ *visitor) {
			_, _ = b.store.EndSessions(b.Context(), "kim", time.Now())
		},
		"the person signs out":      func(_ *bench, v *visitor) { v.post("/sign-out", nil) },
		"the person signs in again": func(b *bench, v *visitor) { v.signIn(b.secrets["kim"], "/") },
	}
	for what, end := range ends {
		inBubble(t, setting{}, func(t *testing.T, b *bench) {
			run := b.park(b.as("desk", access.Requester))
			kim, olga := b.signedIn(b.as("kim", access.Operator)), b.signedIn(b.as("olga", access.Operator))
			one, _ := kim.listen("run=" + run)
			all, _ := kim.listen("all")
			others, _ := olga.listen("all")
			time.Sleep(20 * time.Second)
			end(b, kim)
			time.Sleep(5 * time.Second)
			for _, s := range []*tuned{one, all} {
				select {
				case <-s.over:
				default:
					t.Errorf("%s: a stream goes on", what)
				}
				if heard := s.heard(); heard[len(heard)-1].event != "ended" {
					t.Errorf("%s: the stream ends with %v", what, heard[len(heard)-1])
				}
				s.close()
			}
			select {
			case <-others.over:
				t.Errorf("%s: the stream of somebody else ends", what)
			default:
			}
			others.close()
		})
	}
	inBubble(t, setting{}, func(t *testing.T, b *bench) { // and the hour without use, which a stream is not
		kim := b.signedIn(b.as("kim", access.Operator))
		s, _ := kim.listen("all")
		time.Sleep(time.Hour - time.Minute)
		select {
		case <-s.over:
			t.Error("the stream ends before the hour")
		default:
		}
		time.Sleep(time.Minute + 5*time.Second)
		select {
		case <-s.over:
		default:
			t.Error("a stream keeps its session")
		}
		s.close()
	})
}

// When the service drains, its streams end, so that it need not wait for them.
func TestStreamsDrain(t *testing.T) {
	inBubble(t, setting{}, func(t *testing.T, b *bench) {
		run := b.park(b.as("desk", access.Requester))
		olga := b.signedIn(b.as("olga", access.Operator))
		one, _ := olga.listen("run=" + run)
		time.Sleep(3 * time.Second)
		all, _ := olga.listen("all") // it has just sent a message, and the other one waits for a change
		synctest.Wait()
		b.server.Drain()
		synctest.Wait()
		for _, s := range []*tuned{one, all} {
			select {
			case <-s.over:
			default:
				t.Error("a stream goes on")
			}
			s.close()
		}
	})
}

// There are as many streams as the service allows, half of them of one token; then a page says so. A
// stream that has ended leaves its place.
func TestStreamsAreBounded(t *testing.T) {
	b := newBench(t, setting{streams: 4})
	kim, olga := b.signedIn(b.as("kim", access.Operator)), b.signedIn(b.as("olga", access.Operator))
	refused := func(v *visitor) {
		t.Helper()
		a := v.get("/live?all")
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.text, "event streams") || !strings.Contains(a.text, "<html") {
			t.Errorf("a stream too many is answered with %d %s", a.status, a.text)
		}
		checkHeaders(t, "a stream too many", a)
	}
	var open []*tuned
	for _, v := range []*visitor{kim, kim, olga, olga} {
		s, got := v.listen("all")
		if got.StatusCode != http.StatusOK {
			t.Fatalf("the stream answers %d", got.StatusCode)
		}
		open = append(open, s)
	}
	refused(kim)
	refused(b.signedIn(b.as("lena", access.Operator)))
	open[0].close()
	for deadline := time.Now().Add(30 * time.Second); kim.get("/live?all").status != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a stream that has ended keeps its place")
		}
	}
	for _, s := range open[1:] {
		s.close()
	}
	if a := kim.get("/live?run=nothing"); a.status != http.StatusNotFound {
		t.Errorf("a stream of no run is answered with %d", a.status)
	}
	if a := kim.get("/live?" + url.Values{"run": {"../x"}}.Encode()); a.status != http.StatusNotFound {
		t.Errorf("a stream of no run is answered with %d", a.status)
	}
}

// A change that another process makes to the same file reaches the streams.
func TestStreamsOfOneFile(t *testing.T) {
	folder := t.TempDir()
	b := newBench(t, setting{folder: folder})
	run := b.start(b.as("desk", access.Requester), "ask", "", nil)
	b.settled(run, engine.Waiting)
	other := makeBench(t, setting{folder: folder, idle: true})
	olga := b.signedIn(b.as("olga", access.Operator))
	one, _ := olga.listen("run=" + run)
	all, _ := olga.listen("all")
	defer one.close()
	defer all.close()
	waitFor := func(s *tuned, n int) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); s.count("changed") < n; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no message comes")
			}
		}
	}
	waitFor(one, 1)
	waitFor(all, 1)
	ones, alls := one.count("changed"), all.count("changed")
	if err := other.runner.Cancel(t.Context(), run, engine.Person{Name: "robin"}); err != nil {
		t.Fatal(err)
	}
	waitFor(one, ones+1)
	waitFor(all, alls+1)
}
