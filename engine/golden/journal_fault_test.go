package golden_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"errand/engine/journal"
)

// A journalFault is a call to the journal that fails: the at-th since the fault before it, counted
// from 1.
type journalFault struct {
	faultKind
	at int
}

// A faultKind says how a call fails and what happens to its process. The caller receives err.
type faultKind struct {
	name    string
	every   bool          // every call is counted and may fail; otherwise only commits
	written bool          // the journal makes the call, and the caller receives the error
	lasts   bool          // all later calls fail, too, until the process has given up
	dies    bool          // the process crashes during the call and is no longer alive
	stays   bool          // the same process resumes, with a journal that works again; otherwise a new one
	serves  bool          // the new process works on whatever is due
	outage  time.Duration // the time before a process resumes
	err     error
}

// A store is the journal as one process uses it. After a crash a process would make no calls; here
// its calls fail, which also shows what a process does without its journal.
type store struct {
	*journal.Memory
	world   *world
	session journal.Session
	broken  error // the error of every call; guarded by world.mu while the process works
}

var _ journal.Journal = (*store)(nil)

const commit = "commit"

// call makes a call to the journal, or lets it fail.
func (s *store) call(name string, do func() error) error {
	k, err := s.fault(name)
	switch {
	case err != nil:
		return err
	case k == nil:
		return do()
	case k.written:
		_ = do()
	}
	if k.dies {
		_ = s.session.Close()
	}
	return k.err
}

// fault counts a call and returns the fault that is planned for it, or nil.
func (s *store) fault(name string) (*faultKind, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	w.calls++
	if name == commit {
		w.commits++
	}
	if len(w.plan) == 0 {
		return nil, nil
	}
	next := w.plan[0]
	if next.every && next.at != w.calls || !next.every && (next.at != w.commits || name != commit) {
		return nil, nil
	}
	w.plan, w.calls, w.commits = w.plan[1:], 0, 0
	w.struck, w.on = next.faultKind, name
	if next.lasts {
		s.broken = next.err
	}
	return &next.faultKind, nil
}

func (s *store) Commit(ctx context.Context, c journal.Change) error {
	return s.call(commit, func() error { return s.Memory.Commit(ctx, c) })
}

func (s *store) Put(ctx context.Context, run string, m journal.Message) error {
	return s.call(commit, func() error { return s.Memory.Put(ctx, run, m) })
}

func (s *store) Messages(ctx context.Context, run string) (all []journal.Message, err error) {
	if failed := s.call("messages", func() error { all, err = s.Memory.Messages(ctx, run); return nil }); failed != nil {
		return nil, failed
	}
	return all, err
}

func (s *store) Cancel(ctx context.Context, run string, m journal.Message) error {
	return s.call("cancel", func() error { return s.Memory.Cancel(ctx, run, m) })
}

func (s *store) Load(ctx context.Context, id string) (journal.Run, []journal.Entry, error) {
	return s.LoadAfter(ctx, id, 0)
}

func (s *store) LoadAfter(ctx context.Context, id string, known int) (run journal.Run, entries []journal.Entry, err error) {
	if failed := s.call("load", func() error { run, entries, err = s.Memory.LoadAfter(ctx, id, known); return nil }); failed != nil {
		return journal.Run{}, nil, failed
	}
	return run, entries, err
}

func (s *store) Mark(ctx context.Context, id string) (m journal.Mark, err error) {
	if failed := s.call("mark", func() error { m, err = s.Memory.Mark(ctx, id); return nil }); failed != nil {
		return journal.Mark{}, failed
	}
	return m, err
}

func (s *store) List(ctx context.Context, q journal.Query) (runs []journal.Run, err error) {
	if failed := s.call("list", func() error { runs, err = s.Memory.List(ctx, q); return nil }); failed != nil {
		return nil, failed
	}
	return runs, err
}

func (s *store) Due(ctx context.Context, at time.Time, each int) (runs []journal.Queued, err error) {
	if failed := s.call("due", func() error { runs, err = s.Memory.Due(ctx, at, each); return nil }); failed != nil {
		return nil, failed
	}
	return runs, err
}

func (s *store) Held(ctx context.Context, at time.Time) (runs []journal.Queued, err error) {
	if failed := s.call("held", func() error { runs, err = s.Memory.Held(ctx, at); return nil }); failed != nil {
		return nil, failed
	}
	return runs, err
}

func (s *store) Waiting(ctx context.Context, at time.Time) (n int, err error) {
	if failed := s.call("waiting", func() error { n, err = s.Memory.Waiting(ctx, at); return nil }); failed != nil {
		return 0, failed
	}
	return n, err
}

func (s *store) Latest(ctx context.Context, workflow, request string) (run string, inputs json.RawMessage, err error) {
	if failed := s.call("latest", func() error { run, inputs, err = s.Memory.Latest(ctx, workflow, request); return nil }); failed != nil {
		return "", nil, failed
	}
	return run, inputs, err
}

func (s *store) Join(about string) (journal.Session, error) {
	if err := s.call("join", func() (err error) { s.session, err = s.Memory.Join(about); return err }); err != nil {
		return nil, err
	}
	return s.session, nil
}

// A transport carries the requests of a process to the two systems. After a crash, or after its
// journal has failed for good, the process must send nothing, because nothing would be on record. A
// process that could only not find out whether somebody changed the run may look once more.
type transport struct {
	http.RoundTripper
	process *process
}

func (y transport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := y.process.world
	w.mu.Lock()
	gone, on := y.process.store.broken, w.on
	w.mu.Unlock()
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	looks := r.Method == http.MethodGet || strings.Contains(body, "Action=Describe")
	if gone != nil && !(on == "mark" && looks) {
		w.t.Errorf("%s %s left a process whose journal was gone (%s): %v", r.Method, r.URL, on, gone)
		return nil, errors.New("the process has ended")
	}
	if len(w.said) > 1000 {
		w.t.Fatalf("the run makes one request after the other, the last is %s %s", r.Method, r.URL)
	}
	if strings.Contains(body, "Action=RunInstances&") {
		w.launches = append(w.launches, body)
	}
	answer, err := y.RoundTripper.RoundTrip(r)
	return w.lost(y.process, r, answer, err)
}

// bodyOf returns the body of a request, which can still be sent.
func bodyOf(r *http.Request) (string, error) {
	if r.Body == nil {
		return "", nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body), err
}
