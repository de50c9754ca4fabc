package observe

import "time"

// A step has begun and not ended.
type step struct {
	task  string
	began time.Time
}

// steps are those of a run, by key. A watcher remembers each run that waits, and most of them are at
// one step, which needs no map.
type steps struct {
	key    string // of one; "" if there is none
	one    step
	others map[string]step
}

func (s *steps) get(key string) step {
	if key == s.key {
		return s.one
	}
	return s.others[key]
}

func (s *steps) set(key string, one step) {
	if _, known := s.others[key]; !known && (s.key == "" || s.key == key) {
		s.key, s.one = key, one
		return
	}
	if s.others == nil {
		s.others = map[string]step{}
	}
	s.others[key] = one
}

func (s *steps) remove(key string) {
	if key == s.key {
		s.key, s.one = "", step{}
		return
	}
	delete(s.others, key)
}
