package sandbox

import (
	_ "embed"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxBody is how much of a request's body is read, in bytes. The rest is ignored.
const maxBody = 1 << 20

//go:embed default_world.json
var defaultWorld []byte

// DefaultWorld returns the default world: service request 100-291, instance i-0a1b2c3d4e5f60001
// (stopped), instance i-0a1b2c3d4e5f60002 (running, with an active asset) and image
// ami-0a1b2c3d4e5f60000. The caller may change the slice.
func DefaultWorld() []byte { return append([]byte(nil), defaultWorld...) }

// A Sandbox is one EC2 account and one ISM. It is safe for concurrent use. It answers one request
// at a time, in the order in which they arrive.
type Sandbox struct {
	now   func() time.Time
	turn  sync.Mutex // held during the whole of one request, including its observation
	mu    sync.Mutex // guards everything below
	watch func(Exchange)
	fault []*fault
	cloud *cloud
	desk  *desk
	late  []lateEffect // in the order in which they were caused
}

// A lateEffect is the effect of a request that was answered before.
type lateEffect struct {
	due time.Time
	do  func() answer
}

// An Exchange is one request and its answer, in a form for readers of a trace. It contains no
// headers, no signature and no credentials.
type Exchange struct {
	System  string // "ec2" or "ism"
	Request string // "StartInstances InstanceId.1=i-0a1b2c3d4e5f60001", or `POST /csmconnector/Worklog {"Text":"…"}`
	Answer  string // "200 stopped -> pending", "503 RequestLimitExceeded", `200 {"status":"CREATED"}`, "reply lost"
}

// New returns a sandbox for a world document. The package comment describes its keys. now is the
// clock of the life cycles; it is read once for each request. If the document is invalid, the error
// joins all its problems; each is a [*WorldError].
func New(world []byte, now func() time.Time) (*Sandbox, error) {
	w, err := readWorld(world)
	if err != nil {
		return nil, err
	}
	return &Sandbox{now: now, fault: w.faults, cloud: newCloud(w, now()), desk: newDesk(w, now())}, nil
}

// EC2 returns a handler for the EC2 Query API, at any path.
func (s *Sandbox) EC2() http.Handler { return s.handler(s.readEC2) }

// ISM returns a handler for the ISM web service, at /csmconnector/….
func (s *Sandbox) ISM() http.Handler { return s.handler(s.readISM) }

// Observe sets the function that is called once for each request, after the answer, in the order of
// the answers. It may call State; it must not send a request to the sandbox. A later call of
// Observe replaces the function; nil removes it.
func (s *Sandbox) Observe(f func(Exchange)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// A call is a request that was read: what it asks for, and how to perform it.
type call struct {
	system string
	action string              // the name in faults: "StartInstances", "POST Worklog"
	text   string              // for an Exchange
	do     func() answer       // performs it; called with mu held, at most once
	fail   func(*fault) answer // the answer if a fault prevents do
}

// An answer is the answer to a request, and what happens to it on the way.
type answer struct {
	status  int
	kind    string // Content-Type
	id      string // the request's id, or empty if the system has none
	body    []byte
	summary string // for an Exchange
	lost    bool   // the request took effect, but the reply never arrives
	refused bool   // the connection is refused
}

type reader func(r *http.Request, body []byte) call

// serve answers one request. It calls written when the request counts as sent: after a connection
// could have been refused, and before the request has an effect.
func (s *Sandbox) serve(read reader, r *http.Request, body []byte, written func()) answer {
	s.turn.Lock()
	defer s.turn.Unlock()
	c, f := s.accept(read, r, body)
	if f == nil || f.kind != refuse {
		written()
	}
	a, watch := s.perform(c, f)
	if watch != nil {
		watch(Exchange{System: c.system, Request: c.text, Answer: a.summary})
	}
	return a
}

func (s *Sandbox) accept(read reader, r *http.Request, body []byte) (call, *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := read(r, body)
	return c, nextFault(s.fault, c.system, c.action)
}

func (s *Sandbox) perform(c call, f *fault) (answer, func(Exchange)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	if f == nil {
		return c.do(), s.watch
	}
	if f.effective {
		s.late = append(s.late, lateEffect{now.Add(f.late), c.do})
		s.advance(now)
	}
	return f.apply(c), s.watch
}

// advance moves both systems to a time. On the way, what is due takes effect, the earliest first.
func (s *Sandbox) advance(now time.Time) {
	slices.SortStableFunc(s.late, func(a, b lateEffect) int { return a.due.Compare(b.due) })
	for len(s.late) > 0 && !s.late[0].due.After(now) {
		first := s.late[0]
		s.late = s.late[1:]
		s.cloud.advance(first.due)
		s.desk.now = first.due
		first.do()
	}
	s.cloud.advance(now)
	s.desk.now = now
}

func (s *Sandbox) handler(read reader) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			panic(http.ErrAbortHandler) // the client has gone in the middle of its request
		}
		a := s.serve(read, r, body, func() {})
		if a.lost || a.refused {
			panic(http.ErrAbortHandler) // closes the connection without an answer
		}
		maps.Copy(w.Header(), a.headers())
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body) // an error means that the client has gone
	})
}

func (a answer) headers() http.Header {
	h := http.Header{"Content-Type": {a.kind}}
	if a.id != "" {
		h.Set("X-Amzn-Requestid", a.id)
	}
	return h
}
