package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Mock is what a call gets for an answer: the first one in the list that fits the call and is not used up. Its members are the keys of
// an entry in mocks.yaml.
type Mock struct {
	Step string                     `json:"step,omitempty"` // of which step, such as start or fleet[0].restart; of fleet[].restart: for every item
	Task string                     `json:"task,omitempty"` // of which task type; a mock says one of the two at least
	With map[string]json.RawMessage `json:"with,omitempty"` // the parameters that the call must have, among others

	// What it answers: one of these.
	Returns map[string]json.RawMessage `json:"returns,omitempty"` // the outputs; success, result_code and result_message need not be said, nor what is null
	Fails   *Fails                     `json:"fails,omitempty"`
	Again   *Again                     `json:"again,omitempty"` // not done yet

	Times *Times      `json:"times,omitempty"` // how often it answers: once where it does not say
	Takes schema.Span `json:"takes,omitzero"`  // how long the answer takes

	line int // of the document
}

// Fails is a failure of a mock.
type Fails struct {
	Code       string      `json:"code"`
	Message    string      `json:"message"`
	Status     int         `json:"status,omitempty"`    // the HTTP status
	Transient  bool        `json:"transient,omitempty"` // the same request may succeed later
	Unknown    bool        `json:"unknown,omitempty"`   // the request left and may have taken effect
	RetryAfter schema.Span `json:"retry_after,omitzero"`
}

// Again is a mock's answer that the task is not done yet.
type Again struct {
	After   schema.Span `json:"after"`
	Note    string      `json:"note,omitempty"`
	Settled bool        `json:"settled,omitempty"` // the effect took place: what follows only reads
}

// Times is a number, or any.
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
		return errors.New("times is a number from 1 on, or any")
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
		return errors.New("it says neither step nor task: which calls does it answer?")
	case answers != 1:
		return errors.New("it says one of returns, fails and again")
	case m.Fails != nil && m.Fails.Code == "":
		return errors.New("fails says no code")
	}
	return nil
}

// A cast answers calls with the mocks of a case.
type cast struct {
	file  string
	mocks []*Mock

	mu     sync.Mutex
	used   []Times                  // by mock
	latest map[string]time.Duration // by step: how long the last answer takes
	faults []string
}

func newCast(c *Case) *cast {
	return &cast{file: c.File, mocks: c.mocks, used: make([]Times, len(c.mocks)), latest: map[string]time.Duration{}}
}

// check finds the first mock that is wrong for the task types of a registry.
func (k *cast) check(registry *task.Registry) (*Mock, error) {
	for _, m := range k.mocks {
		if m.Task == "" {
			continue // what it returns is held against the type of the call that it answers
		}
		t, ok := registry.Lookup(m.Task)
		if !ok {
			message := "there is no task type " + schema.Show(m.Task)
			if help := diag.DidYouMean(m.Task, registry.Names()); help != "" {
				message += "; " + help
			}
			return m, errors.New(message)
		}
		if _, err := m.reply(t); err != nil {
			return m, err
		}
	}
	return nil, nil
}

// answer finds the mock for a call, and uses it up.
func (k *cast) answer(t task.Type, c task.Call) (task.Reply, bool) {
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

func (k *cast) find(c task.Call) int {
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

// unanswered is what a call comes to that no mock answers, so that the run ends. The case has failed then, whatever the run does of it.
var unanswered = &task.Failure{Code: "unanswered", Message: "no mock answers this call"}

func (k *cast) missing(t task.Type, c task.Call) task.Reply {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, fmt.Sprintf("no mock answers step %s: %s %s\nadd to %s: - {step: %s, returns: %s}",
		c.Step, c.Type, c.Input, mocksFile, plainKey(c.Step), blank(t)))
	return task.Reply{Failure: unanswered}
}

// unanswered tells whether a call had no answer, or none that fits: what the run did after that means nothing.
func (k *cast) unanswered() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.faults) > 0
}

// took is how long the last call of a step took. What answered nothing takes no time.
func (k *cast) took(c task.Call) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	took := k.latest[c.Step]
	delete(k.latest, c.Step)
	return took
}

// wrong is what was not as the case said: calls without an answer; where there is none, mocks that answered less than they were to.
func (k *cast) wrong() []string {
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
			wrong = append(wrong, k.about(m, fmt.Sprintf("was to answer %d calls, and got %d", *m.Times, k.used[i])))
		}
	}
	return wrong
}

func (k *cast) about(m *Mock, what string) string {
	return fmt.Sprintf("%s:%d: the mock for %s %s", k.file, m.line, strings.TrimSpace(m.Task+" "+m.Step), what)
}

// names reports whether the mock is for the step with a key: [] stands for every item of a loop.
func (m *Mock) names(key string) bool { return program.Key(m.Step).Matches(program.Key(key)) }

func (m *Mock) fits(c task.Call) bool {
	if m.Task != "" && m.Task != c.Type || m.Step != "" && !m.names(c.Step) {
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
