package credential

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The time at which a credential was last used is in a separate file, credentials.used.json:
// {"ec2/production": "2026-03-01T10:00:00Z"}. It is written at most once a minute for each
// credential, without waiting for the disk, and nothing depends on it. If the file is missing,
// broken or cannot be written, the times are unknown and nothing fails.
func (s *Store) usedFile() string { return filepath.Join(s.Home, "credentials.used.json") }

const markInterval = time.Minute

// markUsed records that a credential is used now.
func (s *Store) markUsed(p place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	recent := func(t time.Time) bool { return !t.After(now) && now.Sub(t) < markInterval }
	if recent(s.used[p]) {
		return
	}
	all := s.lastUsed()
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
	if err != nil { // another process is writing, or died while it wrote
		if info, err := os.Stat(next); err == nil && time.Since(info.ModTime()) > markInterval {
			_ = os.Remove(next)
		}
		return
	}
	_, err = f.Write(data)
	if f.Close() != nil || err != nil || os.Rename(next, s.usedFile()) != nil {
		_ = os.Remove(next)
	}
}

// lastUsed reads when each credential was last used.
func (s *Store) lastUsed() map[place]time.Time {
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
