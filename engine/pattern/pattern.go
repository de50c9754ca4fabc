// Package pattern provides regular expressions that are compiled when they are first used, and reports
// whether a text with unknown parts can match a regular expression.
//
// A program that does not use the regular expressions of pattern.go starts without the cost of compiling
// them. may.go has the tests of texts of which only parts are known.
package pattern

import (
	"regexp"
	"sync"
)

// A Pattern is a regular expression in a package variable. It is safe for concurrent use.
type Pattern struct {
	source   string
	once     sync.Once
	compiled *regexp.Regexp
}

// New returns the pattern of a regular expression. The first use panics if the expression is wrong.
func New(source string) *Pattern { return &Pattern{source: source} }

// Regexp returns the compiled expression.
func (p *Pattern) Regexp() *regexp.Regexp {
	p.once.Do(func() { p.compiled = regexp.MustCompile(p.source) })
	return p.compiled
}

// MatchString reports whether a text contains a match.
func (p *Pattern) MatchString(text string) bool { return p.Regexp().MatchString(text) }
