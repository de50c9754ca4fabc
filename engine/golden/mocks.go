package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

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

func (m *Mock) about() string {
	return strings.TrimSpace(m.Task + " " + m.Step)
}

// A cast answers calls with the mocks of a case.
type cast struct {
	mocks []*Mock

	mu       sync.Mutex
	used     []Times // by mock
	answered map[string]int
	latest   map[string]time.Duration // by step: how long the last answer took
	faults   []string
}

func newCast(mocks []*Mock) *cast {
	return &cast{mocks: mocks, used: make([]Times, len(mocks)), answered: map[string]int{}, latest: map[string]time.Duration{}}
}

// check says what is wrong with mocks for the task types of a registry.
func (k *cast) check(registry *task.Registry) error {
	for i, m := range k.mocks {
		if m.Task == "" {
			continue // what it returns is held against the type of the call that it answers
		}
		t, ok := registry.Lookup(m.Task)
		if !ok {
			return fmt.Errorf("%s: mock %d: there is no task type %q", mocksFile, i+1, m.Task)
		}
		if _, err := m.reply(t); err != nil {
			return fmt.Errorf("%s: mock %d: %w", mocksFile, i+1, err)
		}
	}
	return nil
}

// answer finds the mock for a call. The same call made again, as after a crash, has the same answer.
func (k *cast) answer(t task.Type, c task.Call) (task.Reply, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	same := identity(c)
	at, again := k.answered[same]
	if !again {
		if at = k.find(c); at < 0 {
			return task.Reply{}, false
		}
		k.used[at]++
		if f := k.mocks[at].Fails; f == nil || f.Code != task.CodeInterrupted { // after which the same call is made again
			k.answered[same] = at
		}
	}
	m := k.mocks[at]
	k.latest[c.Step] = 0 // made again, it takes no time of its own
	if !again {
		k.latest[c.Step] = time.Duration(m.Takes)
	}
	reply, err := m.reply(t)
	if err != nil {
		k.faults = append(k.faults, fmt.Sprintf("%s: mock %d, which answers step %s: %v", mocksFile, at+1, c.Step, err))
		return task.Reply{Failure: unanswered}, true
	}
	return reply, true
}

// identity is the same for a call and for its repetition after a crash.
func identity(c task.Call) string {
	return fmt.Sprint(c.Step, " ", c.Attempt, " ", c.Round, " ", c.Now.UnixNano(), " ", c.Settled, " ", c.Note)
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

func (k *cast) missing(c task.Call) task.Reply {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, fmt.Sprintf("no mock answers step %s: %s %s", c.Step, c.Type, c.Input))
	return task.Reply{Failure: unanswered}
}

// repeats notes that the last call of a step was made again, and took no time of its own.
func (k *cast) repeats(c task.Call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.latest, c.Step)
}

// took is how long the last call of a step took.
func (k *cast) took(c task.Call) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.latest[c.Step]
}

// wrong is what was not as the case said: calls without an answer, and mocks that answered nothing.
func (k *cast) wrong() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	wrong := k.faults
	for i, m := range k.mocks {
		if k.used[i] == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: mock %d, for %s, was not needed", mocksFile, i+1, m.about()))
		} else if m.Times != nil && k.used[i] < *m.Times {
			wrong = append(wrong, fmt.Sprintf("%s: mock %d, for %s, answered %d times of %d", mocksFile, i+1, m.about(), k.used[i], *m.Times))
		}
	}
	return wrong
}

var itemPlace = regexp.MustCompile(`\[\d+\]`)

// shapeOf is a step's key without the places in loops.
func shapeOf(key string) string { return itemPlace.ReplaceAllString(key, "[]") }

func (m *Mock) fits(c task.Call) bool {
	if m.Task != "" && m.Task != c.Type || m.Step != "" && m.Step != c.Step && m.Step != shapeOf(c.Step) {
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

// reply is the mock's answer as the type would give it. Its error says how what it returns does not fit the type's outputs.
func (m *Mock) reply(t task.Type) (task.Reply, error) {
	switch {
	case m.Fails != nil:
		f := m.Fails
		return task.Reply{Failure: &task.Failure{
			Code: f.Code, Message: f.Message, Status: f.Status, Transient: f.Transient, Unknown: f.Unknown, RetryAfter: time.Duration(f.RetryAfter),
		}}, nil
	case m.Again != nil:
		return task.Reply{Again: &task.Again{After: time.Duration(m.Again.After), Note: m.Again.Note, Settled: m.Again.Settled}}, nil
	}
	outputs := map[string]json.RawMessage{"success": []byte("true"), "result_code": []byte("0"), "result_message": []byte(`"done"`)}
	for _, f := range t.Output.Fields {
		if f.Type.Nullable {
			outputs[f.Name] = []byte("null")
		}
	}
	for name, value := range m.Returns {
		outputs[name] = value
	}
	data, err := json.Marshal(outputs)
	if err != nil {
		return task.Reply{}, err
	}
	value, err := t.Output.Decode(data)
	if err != nil {
		return task.Reply{}, fmt.Errorf("%s does not return that: %w", t.Name, err)
	}
	return task.Reply{Output: schema.Encode(value)}, nil
}
