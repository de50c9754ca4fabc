package ism

import (
	"html"
	"strings"
)

// plain returns a text in the form in which texts are compared, because ISM and the gateways before
// it change a text when they store or show it: characters become entities, once or twice; no-break
// blanks, tabs and line ends become blanks, and several blanks become one. Letters keep their case.
func plain(s string) string {
	const mostEscapes = 3
	for range mostEscapes {
		unescaped := html.UnescapeString(s)
		if unescaped == s {
			break
		}
		s = unescaped
	}
	return strings.Join(strings.Fields(s), " ") // no-break blanks count as blanks
}

// isStoredAs reports whether a stored text is one that was sent.
func isStoredAs(sent, stored string) bool { return sent == stored || plain(sent) == plain(stored) }

// shortestCut is the length of the shortest text that may be the beginning of a longer one, cut by
// the store. Shorter texts differ: web-1 is another name than web-12.
const shortestCut = 30

// isStoredOrCutAs reports whether a stored text is one that was sent, or a beginning of it.
func isStoredOrCutAs(sent, stored string) bool {
	s, whole := plain(stored), plain(sent)
	return s == whole || len(s) >= shortestCut && strings.HasPrefix(whole, s)
}
