package credential

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// When a credential was used last stands in a file of its own, credentials.used.json: {"ec2/production": "2026-03-01T10:00:00Z"}.
// It is written at most once a minute for each credential, without waiting for the disk, and nothing depends on it: where it is
// missing, broken or cannot be written, nothing is known and nothing fails.
func (s *Store) usedFile() string { return filepath.Join(s.Home, "credentials.used.json") }

const between = time.Minute

// mark notes that a credential is used.
func (s *Store) mark(p place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	recent := func(t time.Time) bool { return !t.After(now) && now.Sub(t) < between }
	if recent(s.used[p]) {
		return
	}
	all := s.marks()
	if s.used == nil {
		s.used = map[place]time.Time{}
	}
	if s.used[p] = all[p]; recent(all[p]) {
		return
	}
	s.used[p], all[p] = now, now
	texts := map[string]time.Time{}
	for p, t := range all {
		texts[p.connector+"/"+p.name] = t
	}
	data, err := json.Marshal(texts)
	if err != nil {
		return
	}
	next := filepath.Join(s.Home, "credentials.used.new")
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil { // somebody else is writing, or died doing so
		if info, err := os.Stat(next); err == nil && time.Since(info.ModTime()) > between {
			_ = os.Remove(next)
		}
		return
	}
	_, err = f.Write(data)
	if f.Close() != nil || err != nil || os.Rename(next, s.usedFile()) != nil {
		_ = os.Remove(next)
	}
}

// marks reads when credentials were used last.
func (s *Store) marks() map[place]time.Time {
	all := map[place]time.Time{}
	var texts map[string]time.Time
	if data, err := readFile(s.usedFile()); err != nil || json.Unmarshal(data, &texts) != nil {
		return all
	}
	for text, t := range texts {
		if connector, name, ok := strings.Cut(text, "/"); ok {
			all[place{connector, name}] = t
		}
	}
	return all
}
