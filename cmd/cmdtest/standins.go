package cmdtest

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

var (
	elapsed = regexp.MustCompile(` *\+[\d.]+m?s\b`)
	total   = regexp.MustCompile(`after [\d.]+m?s\b`)
)

// Still returns what a command prints of a run, as if the run took no time.
func Still(text string) string {
	text = elapsed.ReplaceAllStringFunc(text, func(s string) string { return fmt.Sprintf("%*s", len(s), "+0s") })
	return total.ReplaceAllString(text, "after 0s")
}

// standIns are what a page shows in place of values that differ each time, such as the ids of runs.
// The same value has the same stand-in everywhere, and a command may contain stand-ins.
type standIns struct {
	values *regexp.Regexp
	shown  map[string]string // by value
	real   map[string]string // by stand-in
	make   func(n int) string
}

func newStandIns() []*standIns {
	sum := func(n int) []byte { s := sha256.Sum256([]byte{byte(n)}); return s[:] }
	ids := func(n int) string {
		if n == 0 {
			return "kq3vzt5mwxa2hd7c" // as on other pages
		}
		return strings.ToLower(base32.StdEncoding.EncodeToString(sum(n)))[:16]
	}
	var all []*standIns
	for _, kind := range []standIns{
		{values: regexp.MustCompile(`\b[0-9a-f]{64}\b|(?:errand_)[0-9a-f]{64}\b`), make: func(n int) string { return hex.EncodeToString(sum(n)) }},
		{values: regexp.MustCompile(`\b[0-9a-f]{24}\b`), make: func(n int) string { return hex.EncodeToString(sum(n))[:24] }},
		{values: runID, make: ids},
	} {
		kind.shown, kind.real = map[string]string{}, map[string]string{}
		all = append(all, &kind)
	}
	return all
}

func (s *standIns) toShown(text string) string {
	return s.values.ReplaceAllStringFunc(text, func(value string) string {
		if s.shown[value] == "" {
			shown := s.make(len(s.shown))
			s.shown[value], s.real[shown] = shown, value
		}
		return s.shown[value]
	})
}

func (s *standIns) toReal(text string) string {
	return s.values.ReplaceAllStringFunc(text, func(shown string) string {
		if value, ok := s.real[shown]; ok {
			return value
		}
		return shown
	})
}
