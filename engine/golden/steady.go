package golden

import (
	"sync"
	"time"

	"errand/engine/task"
)

// A steady world answers a call that is made again, because a crash has cut it off, as it did before: mocks always, the sandbox where the
// call failed or was not done yet. Nil is a world that sees no crash.
type steady struct {
	mu      sync.Mutex
	kept    map[string]int // by step: how many of its answers are on record
	pure    map[string]bool
	answers map[answer]task.Reply
	asked   map[answer]time.Time
}

// An answer is known by its place among those of its step.
type answer struct {
	step string
	at   int
}

func newSteady() *steady {
	return &steady{kept: map[string]int{}, pure: map[string]bool{}, answers: map[answer]task.Reply{}, asked: map[answer]time.Time{}}
}

// again is what the call of a step was answered before.
func (s *steady) again(step string) (task.Reply, bool) {
	if s == nil {
		return task.Reply{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, ok := s.answers[answer{step, s.kept[step]}]
	return reply, ok
}

// answered notes what the call of a step was answered.
func (s *steady) answered(step string, reply task.Reply) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[answer{step, s.kept[step]}] = reply
}

// since is when a person was first asked what is asked at a time: a crash keeps nobody waiting who has been told of the question.
func (s *steady) since(step string, at time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := answer{step, s.kept[step]}
	if first, ok := s.asked[q]; ok {
		return first
	}
	s.asked[q] = at
	return at
}

// place is where the next answer to a step has its place. Without crashes every question is a new one.
func (s *steady) place(step string) (at int, again bool) {
	if s == nil {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[step], true
}

// keep says that the answer is on record: the next call of the step, or the next question, is another one.
func (s *steady) keep(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[step]++
}

// computed says that the call of a step has been answered that only computes. That is never on record: each life computes it anew.
func (s *steady) computed(step string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pure[step] = true
	s.kept[step]++
}

// live begins another life.
func (s *steady) live() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for step := range s.pure {
		s.kept[step] = 0
	}
}
