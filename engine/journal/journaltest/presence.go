package journaltest

import (
	"regexp"
	"testing"

	"errand/engine/journal"
)

func aSessionIsAlive(t *testing.T, j journal.Journal) {
	join := func(about string) journal.Session {
		t.Helper()
		s, err := j.Join(about)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	alive := func(id, about string, want bool) {
		t.Helper()
		text, is := j.Alive(id)
		if is != want || is && text != about {
			t.Errorf("alive(%q) is %q, %t, expected %q, %t", id, text, is, about, want)
		}
	}
	one, two := join("errand run, process 4711"), join("")
	for _, s := range []journal.Session{one, two} {
		if !regexp.MustCompile(`^[a-z2-7]{16}$`).MatchString(s.ID()) {
			t.Errorf("the id %q is not 16 letters and digits", s.ID())
		}
	}
	if one.ID() == two.ID() {
		t.Errorf("two sessions have the id %s", one.ID())
	}
	for range 2 {
		alive(one.ID(), "errand run, process 4711", true)
		alive(two.ID(), "", true)
	}
	for _, unknown := range []string{"", "aaaaaaaaaaaaaaaa", "../" + one.ID(), one.ID() + ".lock", "no id at all"} {
		alive(unknown, "", false)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	alive(one.ID(), "", false)
	alive(two.ID(), "", true)
	three := join("the next")
	alive(one.ID(), "", false)
	alive(two.ID(), "", true)
	alive(three.ID(), "the next", true)
	for _, s := range []journal.Session{one, two, three} {
		if err := s.Close(); err != nil {
			t.Error("closed twice or last:", err)
		}
		alive(s.ID(), "", false)
	}
}
