package journal

// Join implements Presence. The session is alive until it is closed.
func (m *Memory) Join(about string) (Session, error) {
	s := &memorySession{id: newSessionID(), memory: m}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[s.id] = about
	return s, nil
}

// Alive implements Presence.
func (m *Memory) Alive(id string) (about string, alive bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	about, alive = m.sessions[id]
	return about, alive
}

// Unknown implements Presence.
func (m *Memory) Unknown(string) bool { return false }

type memorySession struct {
	id     string
	memory *Memory
}

func (s *memorySession) ID() string { return s.id }

func (s *memorySession) Close() error {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	delete(s.memory.sessions, s.id)
	return nil
}
