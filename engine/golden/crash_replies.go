package golden

import (
	"sync"
	"time"

	"errand/engine/task"
)

// A crashReplies keeps the replies to calls, so that a call that is repeated after a crash gets the
// reply that it got before: from mocks always, from the sandbox if the call failed or was not done
// yet. Nil is for a run without crashes.
type crashReplies struct {
	mu       sync.Mutex
	onRecord map[string]int  // by step: the number of its replies and decisions on record
	pure     map[string]bool // the steps whose task only computes
	replies  map[replyKey]keptReply
	asked    map[replyKey]time.Time
}

// A replyKey identifies a reply to a step, or a question, by its position among those of the step.
type replyKey struct {
	step     string
	position int
}

// A keptReply is a reply to a call.
type keptReply struct {
	task.Reply
	look   bool // the call only looked for evidence
	mocked bool // a mock replied
}

func newCrashReplies() *crashReplies {
	return &crashReplies{onRecord: map[string]int{}, pure: map[string]bool{}, replies: map[replyKey]keptReply{}, asked: map[replyKey]time.Time{}}
}

// repeated returns the reply to a call of a step that is repeated. A look that a crash caused finds
// the effect of a call that was done: the sandbox shows it, or a mock replies as before. It finds
// nothing of a call that was not made or not done; the latter then gets its reply again. So such a
// look uses up no mock and no fault of the sandbox.
func (s *crashReplies) repeated(step string, look bool) (task.Reply, bool) {
	if s == nil {
		return task.Reply{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := replyKey{step, s.onRecord[step]}
	kept, ok := s.replies[key]
	switch {
	case ok && kept.Output != nil && !kept.mocked:
		return task.Reply{}, false
	case !look, ok && (kept.look || kept.Output != nil):
		return kept.Reply, ok
	case ok:
		delete(s.replies, key)
		s.replies[replyKey{step, key.position + 1}] = kept
	case s.inDoubt(replyKey{step, key.position - 1}):
		return task.Reply{}, false
	}
	return task.Reply{Again: &task.Again{Absent: true}}, true
}

// inDoubt reports whether the outcome of a step was unknown after a reply on record.
func (s *crashReplies) inDoubt(key replyKey) bool {
	kept, ok := s.replies[key]
	switch {
	case !ok:
		return false
	case kept.look:
		return kept.Again == nil || !kept.Again.Absent
	}
	return kept.Failure != nil && kept.Failure.Unknown
}

// note keeps the reply to the call of a step.
func (s *crashReplies) note(step string, reply keptReply) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[replyKey{step, s.onRecord[step]}] = reply
}

// firstAsked returns when a person was first asked the question of a step. A question that is asked
// again after a crash keeps its time.
func (s *crashReplies) firstAsked(step string, at time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := replyKey{step, s.onRecord[step]}
	if first, ok := s.asked[q]; ok {
		return first
	}
	s.asked[q] = at
	return at
}

// position returns the position of the next reply to a step. It is not ok in a run without crashes,
// in which every question is a new one.
func (s *crashReplies) position(step string) (position int, ok bool) {
	if s == nil {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.onRecord[step], true
}

// recorded notes that a reply or decision is on record, so that the next one of the step is
// another.
func (s *crashReplies) recorded(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRecord[step]++
}

// computed notes the reply to a step whose task only computes. Such replies are not on record: each
// process computes them again.
func (s *crashReplies) computed(step string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pure[step] = true
	s.onRecord[step]++
}

// restart begins another process.
func (s *crashReplies) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for step := range s.pure {
		s.onRecord[step] = 0
	}
}
