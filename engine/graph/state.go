package graph

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// A State is the state of a step in a run, as a picture shows it. The zero State is that of a step
// which the run has not reached.
type State struct {
	Kind   StateKind
	Word   string // in the badge: a few words; "" for those of the kind
	Detail string // more for people: shown under the pointer and read by screen readers

	// Href is where the box leads. Only a relative address becomes a link: one with a scheme or a host
	// is left out.
	Href string
}

// A StateKind is the kind of a state. Each kind has its own icon, colours and words.
type StateKind string

// The kinds of states. A step that the run has not reached has none.
const (
	Running   StateKind = "running"
	Waiting   StateKind = "waiting" // for a time, the next look or the next attempt
	Asks      StateKind = "asks"    // a person must act before the step goes on
	Uncertain StateKind = "uncertain"
	Succeeded StateKind = "succeeded"
	Failed    StateKind = "failed"
	Skipped   StateKind = "skipped"
	Cancelled StateKind = "cancelled"
)

// kinds lists the kinds of states, the worst first.
var kinds = []StateKind{Uncertain, Asks, Failed, Waiting, Running, Cancelled, Succeeded, Skipped}

// Words returns the kind in words.
func (k StateKind) Words() string {
	switch k {
	case "":
		return "not started"
	case Asks:
		return "asks a person"
	}
	return string(k)
}

// icon returns the path of the icon of a kind in a square of 12 pixels, or "" if there is no such
// kind. The icons differ in shape, for people who do not see the colours.
func (k StateKind) icon(x, y int) string {
	at := fmt.Sprintf("M%d %d", x, y)
	switch k {
	case Running: // a filled dot
		return at + "m2.5 6a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z"
	case Waiting: // an hourglass
		return at + "m2 1h8m-8 10h8m-7 -10c0 4 6 6 6 10m-6 0c0 -4 6 -6 6 -10"
	case Asks: // a person
		return markPath(Person, x, y)
	case Uncertain: // a question mark
		return at + "m3.2 3.8a2.8 2.8 0 1 1 4.3 2.4q-1.5 .9 -1.5 2.2m0 2.6v.1"
	case Succeeded: // a check mark
		return at + "m1.5 6.5l3 3.5l6 -8"
	case Failed: // a cross
		return at + "m2 2l8 8m0 -8l-8 8"
	case Skipped: // an arrow over a dot
		return at + "m1 7.5c1 -6.5 8 -6.5 9.5 -1m.3 -3.5v3.7h-3.7m-1.6 3.8h.1"
	case Cancelled: // a circle with a bar
		return at + "m1 6a5 5 0 1 0 10 0a5 5 0 1 0 -10 0m1.5 3.5l7 -7"
	}
	return ""
}

// word returns the words of the badge.
func (s State) word() string { return cmp.Or(clean(s.Word), s.Kind.Words()) }

// describe returns the words with the detail.
func (s State) describe() string {
	if detail := clean(s.Detail); detail != "" {
		return s.word() + ": " + detail
	}
	return s.word()
}

// link returns Href if it is a relative address, or "". A browser takes a backslash for a slash, two
// slashes for the beginning of a host, and ignores some blanks.
func (s State) link() string {
	u, err := url.Parse(s.Href)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(s.Href, "//") || strings.Contains(s.Href, `\`) ||
		strings.ContainsFunc(s.Href, unicode.IsSpace) {
		return ""
	}
	return s.Href
}
