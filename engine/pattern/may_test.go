package pattern

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestMayMatch(t *testing.T) {
	cases := []struct {
		source string
		pieces string // with … between them
		may    bool
	}{
		{"^i-[0-9a-f]+$", "host-…", false},
		{"^i-[0-9a-f]+$", "i-…", true},
		{"^i-[0-9a-f]+$", "…", true},
		{"^i-[0-9a-f]+$", "…g", false},
		{"^i-[0-9a-f]+$", "i-…g…", false},
		{"^[0-9]{2}:[0-9]{2}$", "…:…", true},
		{"^[0-9]{2}:[0-9]{2}$", "123…", false},
		{"^[0-9]{2}:[0-9]{2}$", "12:30…", true},
		{"^[0-9]{2}:[0-9]{2}$", "12:300…", false},
		{"^(a|bc)$", "…c…", true},
		{"^(a|bc)$", "c…", false},
		{"b$", "a…", true},
		{"b$", "…a", false},
		{"^$", "…", true},
		{"^$", "…a", false},
		{`^\S+$`, "a…b c", false},
		{"[", "a…", true},
		{"a", "b…", true},
	}
	for _, c := range cases {
		if got := MayMatch(c.source, strings.Split(c.pieces, "…")); got != c.may {
			t.Errorf("%s may match %s: got %t, want %t", c.source, c.pieces, got, c.may)
		}
	}
}

// A text that matches is never taken for one that cannot.
func TestMayMatchIsSound(t *testing.T) {
	sources := []string{"^i-[0-9a-f]+$", "^(a|ab)*c?$", "a.b", "^a", "b$", "^[^c]*$", "^(?:ab|ba){1,2}$", `\bab\b`, "(?m)^a$", "^a|b$", ""}
	r := rand.New(rand.NewPCG(1, 2))
	matched := 0
	for range 20000 {
		source := sources[r.IntN(len(sources))]
		pieces := []string{}
		var text strings.Builder
		for i := range 1 + r.IntN(3) {
			if i > 0 {
				text.WriteString(randomText(r))
			}
			pieces = append(pieces, randomText(r))
			text.WriteString(pieces[i])
		}
		if !Fits(text.String(), pieces) {
			t.Fatalf("%q does not have the pieces %q", text.String(), pieces)
		}
		if !regexp.MustCompile(source).MatchString(text.String()) {
			continue
		}
		if matched++; !MayMatch(source, pieces) {
			t.Fatalf("%q matches %s, and its pieces %q cannot", text.String(), source, pieces)
		}
	}
	if matched < 2000 {
		t.Errorf("only %d texts matched", matched)
	}
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteByte("abci-1 \n"[r.IntN(8)])
	}
	return b.String()
}
