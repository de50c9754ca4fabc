package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Mock answers calls. A call gets its reply from the first mock in the list that fits the call
// and is not used up. The members of a Mock are the keys of an entry in mocks.yaml.
type Mock struct {
	Step program.Key                `json:"step,omitempty"` // a key such as start or fleet[0].restart, or a pattern such as fleet[].restart
	Task string                     `json:"task,omitempty"` // the task type; a mock has a step, a task or both
	With map[string]json.RawMessage `json:"with,omitempty"` // parameters that the call must have; it may have others

	// The reply: one of these.
	Returns map[string]json.RawMessage `json:"returns,omitempty"` // the outputs; success, result_code, result_message and nulls may be missing
	Fails   *Fails                     `json:"fails,omitempty"`
	Again   *Again                     `json:"again,omitempty"` // the task is not done yet

	Times *Times      `json:"times,omitempty"` // how often the mock answers; once if nil
	Takes schema.Span `json:"takes,omitzero"`  // how long the call takes

	line int // in the document
}

// Fails is the failure that a mock replies with.
type Fails struct {
	Code       string      `json:"code"`
	Message    string      `json:"message"`
	Status     int         `json:"status,omitempty"`    // the HTTP status
	Transient  bool        `json:"transient,omitempty"` // the same request may succeed later
	Unknown    bool        `json:"unknown,omitempty"`   // the request left and may have taken effect
	RetryAfter schema.Span `json:"retry_after,omitzero"`
}

// Again is the reply that the task is not done yet.
type Again struct {
	After   schema.Span                `json:"after"`
	Note    string                     `json:"note,omitempty"`
	Settled bool                       `json:"settled,omitempty"` // the effect took place; later calls only read
	Returns map[string]json.RawMessage `json:"returns,omitempty"` // of Settled: the outputs that are known so far
	Absent  bool                       `json:"absent,omitempty"`  // a look found that an earlier attempt had no effect
}

// Times is a number from 1 on, or anyTimes.
type Times int

const anyTimes Times = -1

// UnmarshalJSON implements json.Unmarshaler.
func (t *Times) UnmarshalJSON(data []byte) error {
	if string(data) == `"any"` {
		*t = anyTimes
		return nil
	}
	var n int
	if err := json.Unmarshal(data, &n); err != nil || n < 1 {
		return errors.New("expected a number from 1 on, or any")
	}
	*t = Times(n)
	return nil
}

func (m *Mock) complete() error {
	answers := 0
	for _, given := range []bool{m.Returns != nil, m.Fails != nil, m.Again != nil} {
		if given {
			answers++
		}
	}
	switch {
	case m.Step == "" && m.Task == "":
		return errors.New("a mock needs \"step\" or \"task\"")
	case answers != 1:
		return errors.New("a mock needs one of \"returns\", \"fails\" and \"again\"")
	case m.Fails != nil && m.Fails.Code == "":
		return errors.New("\"fails\" needs \"code\"")
	case m.Again != nil && m.Again.Returns != nil && !m.Again.Settled:
		return errors.New("\"again\" has \"returns\" only if it is settled")
	}
	return nil
}

// A mockSet answers calls with the mocks of a case. It is safe for concurrent use.
type mockSet struct {
	file  string
	mocks []*Mock

	mu     sync.Mutex
	used   []Times                  // by mock
	latest map[string]time.Duration // by step: how long its last call takes
	faults []string
}

func newMockSet(c *Case) *mockSet {
	return &mockSet{file: c.File, mocks: c.mocks, used: make([]Times, len(c.mocks)), latest: map[string]time.Duration{}}
}

// check returns the first mock that does not fit the task types of a registry, and what is wrong
// with it.
func (k *mockSet) check(registry *task.Registry) (*Mock, error) {
	for _, m := range k.mocks {
		if m.Task == "" {
			continue // answer checks it against the type of the call
		}
		t, ok := registry.Lookup(m.Task)
		if !ok {
			help := ""
			if near, _ := program.NearestTask(m.Task, registry); near != "" {
				help = `did you mean "` + near + `"?`
			}
			return m, errors.New(helped("there is no task type "+schema.Show(m.Task), help))
		}
		if _, err := m.reply(t); err != nil {
			return m, err
		}
	}
	return nil, nil
}

// answer returns the reply of the first mock that fits a call, and counts its use.
func (k *mockSet) answer(t task.Type, c task.Call) (task.Reply, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := k.find(c)
	if at < 0 {
		return task.Reply{}, false
	}
	k.used[at]++
	m := k.mocks[at]
	k.latest[c.Step] = time.Duration(m.Takes)
	reply, err := m.reply(t)
	if err != nil {
		k.faults = append(k.faults, k.about(m, "answers step "+c.Step+", and "+err.Error()))
		return task.Reply{Failure: unanswered}, true
	}
	return reply, true
}

func (k *mockSet) find(c task.Call) int {
	for i, m := range k.mocks {
		times := Times(1)
		if m.Times != nil {
			times = *m.Times
		}
		if (times == anyTimes || k.used[i] < times) && m.fits(c) {
			return i
		}
	}
	return -1
}

// unanswered is the failure of a call that no mock answers. The case fails, whatever the run does
// after it.
var unanswered = &task.Failure{Code: "unanswered", Message: "no mock answers this call"}

func (k *mockSet) missing(t task.Type, c task.Call) task.Reply {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, fmt.Sprintf("no mock answers step %s: %s %s\nadd to %s: - {step: %s, returns: %s}",
		c.Step, c.Type, c.Input, mocksFile, plainKey(c.Step), blank(t)))
	return task.Reply{Failure: unanswered}
}

// unanswered reports whether a call got no reply, or one that does not fit its type. What the run
// did after that means nothing.
func (k *mockSet) unanswered() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.faults) > 0
}

// took returns how long the last call of a step took. It is 0 if no mock answered the call.
func (k *mockSet) took(c task.Call) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	took := k.latest[c.Step]
	delete(k.latest, c.Step)
	return took
}

// wrong lists the calls that no mock answered. If there are none, it lists the mocks that answered
// fewer calls than they should.
func (k *mockSet) wrong() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.faults) > 0 {
		return k.faults
	}
	var wrong []string
	for i, m := range k.mocks {
		if k.used[i] == 0 {
			wrong = append(wrong, k.about(m, "was not needed: no such call was made, or a mock above it answered"))
		} else if m.Times != nil && k.used[i] < *m.Times {
			wrong = append(wrong, k.about(m, fmt.Sprintf("answered %d calls instead of %d", k.used[i], *m.Times)))
		}
	}
	return wrong
}

func (k *mockSet) about(m *Mock, what string) string {
	return fmt.Sprintf("%s:%d: the mock for %s %s", k.file, m.line, strings.TrimSpace(m.Task+" "+string(m.Step)), what)
}

// names reports whether the mock is for the step with a key.
func (m *Mock) names(key program.Key) bool { return m.Step.Matches(key) }

func (m *Mock) fits(c task.Call) bool {
	if m.Task != "" && m.Task != c.Type || m.Step != "" && !m.names(program.Key(c.Step)) {
		return false
	}
	var input map[string]any
	if len(m.With) > 0 && json.Unmarshal(c.Input, &input) != nil {
		return false
	}
	for name, want := range m.With {
		var value any
		if json.Unmarshal(want, &value) != nil || string(schema.Encode(value)) != string(schema.Encode(input[name])) {
			return false
		}
	}
	return true
}
