package console

import (
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many bytes of a text from outside a page shows.
const longest = 4 << 10

// outside returns a text from another system or a person as HTML: isolated, so that its direction changes
// nothing around it, without control characters, and cut.
func outside(s string) template.HTML {
	shown, _ := cut(s, longest)
	return template.HTML("<bdi>" + template.HTMLEscapeString(printable(shown)) + "</bdi>")
}

// whole returns a text from outside as HTML and, if it is cut, a link to all of it.
func whole(s, href string) template.HTML {
	shown, isCut := cut(s, longest)
	h := "<bdi>" + template.HTMLEscapeString(printable(shown)) + "</bdi>"
	if isCut {
		h += ` <a href="` + template.HTMLEscapeString(href) + `">show all of it</a>`
	}
	return template.HTML(h)
}

// cut returns at most n bytes of a text and, if that is not all, an ellipsis.
func cut(s string, n int) (shown string, isCut bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…", true
}

// printable replaces control characters other than line breaks and tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// plain returns a text for places without markup, such as titles: short, on one line, and without
// characters that change the direction of what stands around it.
func plain(s string) string {
	shown, _ := cut(s, 200)
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, shown)
}
