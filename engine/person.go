package engine

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Person is somebody who asks for a run or decides about one. The zero Person is nobody.
type Person struct {
	Name      string   `json:"name"`
	EnteredBy string   `json:"entered_by,omitempty"` // who entered the decision for the person; "" if the person did
	Groups    []string `json:"-"`                    // the groups that the person belongs to
}

// String names the person, and who entered the decision for the person.
func (p Person) String() string {
	if p.EnteredBy == "" {
		return p.Name
	}
	return p.Name + " (entered by " + p.EnteredBy + ")"
}

// ByWhom returns " by" and the person, for the end of a sentence; "" for nobody.
func (p Person) ByWhom() string {
	if p.Name == "" {
		return ""
	}
	return " by " + p.String()
}

// Recorded returns the person as a record has one: without groups, which may change.
func (p Person) Recorded() Person { return Person{Name: p.Name, EnteredBy: p.EnteredBy} }

// SameName reports whether two names mean the same person or group. Upper and lower case, blanks
// around the name, invisible characters, and the ways in which Unicode writes one character do not
// distinguish names.
func SameName(a, b string) bool { return a == b || FoldName(a) == FoldName(b) }

// contains reports whether one of some names means the same as a name. No name means nobody.
func contains(names []string, name string) bool {
	folded := FoldName(name)
	return folded != "" && slices.ContainsFunc(names, func(one string) bool { return FoldName(one) == folded })
}

// FoldName returns the form in which names of persons and groups are compared. It is empty if the
// name names nobody.
func FoldName(name string) string {
	folded := norm.NFKC.String(strings.Map(foldRune, norm.NFKD.String(name)))
	return strings.TrimSpace(folded)
}

// foldRune returns the smallest of the runes that differ from r by case only. It drops r if r is
// not visible.
func foldRune(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) && !unicode.IsSpace(r) {
		return -1
	}
	smallest := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		smallest = min(smallest, other)
	}
	return smallest
}
