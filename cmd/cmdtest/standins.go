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

// StandIns are what a page shows in place of values that differ each time: tokens and hashes, etags, the keys of
// calls, the ids of runs, and the numbers of processes. The same value has the same stand-in everywhere on the
// page, another value has another one, and a command may contain stand-ins.
type StandIns []*standIns

// standIns are those for one kind of value.
type standIns struct {
	values *regexp.Regexp
	shown  map[string]string // by value
	real   map[string]string // by stand-in
	make   func(n int) string
}

// NewStandIns returns the stand-ins of a page.
func NewStandIns() StandIns {
	sum := func(n int) []byte { s := sha256.Sum256([]byte{byte(n)}); return s[:] }
	letters := func(first string) func(n int) string {
		return func(n int) string {
			if n == 0 {
				return first // as on other pages
			}
			return strings.ToLower(base32.StdEncoding.EncodeToString(sum(n)))[:len(first)]
		}
	}
	var all StandIns
	for _, kind := range []standIns{
		{values: regexp.MustCompile(`\berrand_[0-9a-f]{64}\b`), make: func(n int) string { return "errand_" + hex.EncodeToString(sum(n+100)) }},
		{values: regexp.MustCompile(`\b[0-9a-f]{64}\b`), make: func(n int) string { return hex.EncodeToString(sum(n)) }},
		{values: regexp.MustCompile(`\b[0-9a-f]{24}\b`), make: func(n int) string { return hex.EncodeToString(sum(n))[:24] }},
		{values: regexp.MustCompile(`\b[a-z2-7]{52}\b`), make: letters("fcjviiv3hszbv2ekica3btf6grsoxvevekg6uokrefwiflekhgja")},
		{values: runID, make: letters("kq3vzt5mwxa2hd7c")},
		{values: regexp.MustCompile(`\bprocess \d+\b`), make: func(n int) string { return fmt.Sprintf("process %d", 4711+n) }},
	} {
		kind.shown, kind.real = map[string]string{}, map[string]string{}
		all = append(all, &kind)
	}
	return all
}

// ToShown replaces values by their stand-ins. A value that comes for the first time gets the next one.
func (all StandIns) ToShown(text string) string {
	for _, s := range all {
		text = s.toShown(text)
	}
	return text
}

// ToReal replaces stand-ins by their values.
func (all StandIns) ToReal(text string) string {
	for _, s := range all {
		text = s.toReal(text)
	}
	return text
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
