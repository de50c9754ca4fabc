package sandbox

import (
	_ "embed"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// maxBody is the largest request body that is read, in bytes. What follows is not looked at.
const maxBody = 1 << 20

//go:embed default_world.json
var defaultWorld []byte

// DefaultWorld is the world that a sandbox starts with unless told otherwise: service request 100-291, instance
// i-0a1b2c3d4e5f60001 (stopped), instance i-0a1b2c3d4e5f60002 (running, with an active asset) and image
// ami-0a1b2c3d4e5f60000. The slice is the caller's own.
func DefaultWorld() []byte { return append([]byte(nil), defaultWorld...) }

// A Sandbox is one EC2 account and one ISM. It may be used by many goroutines at once; requests are answered one at a time,
// in the order in which they arrive.
type Sandbox struct {
	now   func() time.Time
	turn  sync.Mutex // held for the whole of one request, its observation included
	mu    sync.Mutex // guards everything below
	watch func(Exchange)
	fault []*fault
	cloud *cloud
	desk  *desk
}

// An Exchange is one request and its answer, in the words that a reader of a trace wants. It holds no header, no signature
// and no credential.
type Exchange struct {
	System  string // "ec2" or "ism"
	Request string // "StartInstances InstanceId.1=i-0a1b2c3d4e5f60001", or `POST /csmconnector/Worklog {"Text":"…"}`
	Answer  string // "200 stopped -> pending", "503 RequestLimitExceeded", `200 {"status":"CREATED"}`, "reply lost"
}

// New makes a sandbox from a world document, whose keys the package comment lists. now is the clock that drives the life cycles; it is read once for each request.
// A document that does not hold is refused with all its problems, joined; each is a [*WorldError].
func New(world []byte, now func() time.Time) (*Sandbox, error) {
	w, err := readWorld(world)
	if err != nil {
		return nil, err
	}
	return &Sandbox{now: now, fault: w.faults, cloud: newCloud(w, now()), desk: newDesk(w, now())}, nil
}

// EC2 answers the EC2 Query API, at any path.
func (s *Sandbox) EC2() http.Handler { return s.handler(s.readEC2) }

// ISM answers the ISM web service, at /csmconnector/….
func (s *Sandbox) ISM() http.Handler { return s.handler(s.readISM) }

// Observe has f called once for each request, after it was answered, in the order of the answers. f may call State; it must
// not send a request to the sandbox. A later call takes the place of an earlier one; nil ends it.
func (s *Sandbox) Observe(f func(Exchange)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// A call is a request that was read: what it asks for, and how to do it.
type call struct {
	system string
	action string              // the word that a fault names: "StartInstances", "POST Worklog"
	text   string              // for an Exchange
	do     func() answer       // does it; called with mu held, at most once
	fail   func(*fault) answer // what the system says where a fault stands in the way of do
}

// An answer is what goes back, and what becomes of it on the way.
type answer struct {
	status  int
	kind    string // Content-Type
	id      string // the request's id, empty where the system has none
	body    []byte
	said    string // for an Exchange
	lost    bool   // done, but the reply never arrives
	refused bool   // not even connected
}

type reader func(r *http.Request, body []byte) call

// serve answers one request. It calls written when the request counts as sent: after a refusal would have happened, and
// before anything is done.
func (s *Sandbox) serve(read reader, r *http.Request, body []byte, written func()) answer {
	s.turn.Lock()
	defer s.turn.Unlock()
	c, f := s.accept(read, r, body)
	if f == nil || f.kind != refuse {
		written()
	}
	a, watch := s.perform(c, f)
	if watch != nil {
		watch(Exchange{System: c.system, Request: c.text, Answer: a.said})
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
	s.cloud.settle(now)
	s.desk.now = now
	if f != nil {
		return f.apply(c), s.watch
	}
	return c.do(), s.watch
}

func (s *Sandbox) handler(read reader) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			panic(http.ErrAbortHandler) // the client went away in the middle of its request
		}
		a := s.serve(read, r, body, func() {})
		if a.lost || a.refused {
			panic(http.ErrAbortHandler) // closes the connection without a word
		}
		maps.Copy(w.Header(), a.headers())
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body) // a client that went away hears nothing
	})
}

func (a answer) headers() http.Header {
	h := http.Header{"Content-Type": {a.kind}}
	if a.id != "" {
		h.Set("X-Amzn-Requestid", a.id)
	}
	return h
}
