package local

import "sync"

// A signal tells everyone in this process who waits for it that something has happened.
type signal struct {
	mu sync.Mutex
	c  chan struct{}
}

// next returns a channel that the next send closes. Who asks for it before looking misses nothing.
func (s *signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		s.c = make(chan struct{})
	}
	return s.c
}

func (s *signal) send() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c != nil {
		close(s.c)
		s.c = nil
	}
}
