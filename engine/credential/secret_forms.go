package credential

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The length of a value, in bytes, decides how it is masked. From minForms on, it is masked in
// every form. From minWord on, it is masked only as it is and only as a separate word. A shorter
// value is not masked, since that would make every text unreadable, and nobody keeps a secret of
// three characters.
const (
	minForms = 6
	minWord  = 4
)

// longestForm is the greatest length of a value, in bytes, that is masked in other forms than its
// own.
const longestForm = 4096

// forms returns the texts that a value can appear as, the longest first, so that it is masked as a
// whole: the value itself; each of its lines; in JSON, Go and HTML; in a URL; in hexadecimal; in
// base64. In base64 the value may be a part of a longer text; its first and last character may then
// contain bits of the neighbours, and are not masked.
func forms(value string) []string {
	var all []string
	add := func(form string) {
		if len(form) >= minForms && !slices.Contains(all, form) {
			all = append(all, form)
		}
	}
	each := func(value string) {
		add(value)
		if len(value) > longestForm {
			return
		}
		quoted := func(text string) { add(text[1 : len(text)-1]) }
		if text, err := json.Marshal(value); err == nil {
			quoted(string(text))
			quoted(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text)))
			quoted(strings.ReplaceAll(string(text), "/", `\/`))
		}
		quoted(strconv.Quote(value))
		quoted(strconv.QuoteToASCII(value))
		add(html.EscapeString(value))
		for _, escaped := range []string{url.QueryEscape(value), strings.ReplaceAll(url.QueryEscape(value), "+", "%20"), url.PathEscape(value)} {
			add(escaped)
			add(lowerEscapes(escaped))
		}
		add(hex.EncodeToString([]byte(value)))
		add(strings.ToUpper(hex.EncodeToString([]byte(value))))
		for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			for before := range 3 { // bytes before the value in its first group of three
				padded := alphabet.EncodeToString(append(make([]byte, before), value...))
				first := (before*8 + 5) / 6
				add(padded[first:])
				add(strings.TrimRight(padded[first:], "="))
				add(padded[first : (before+len(value))*8/6])
			}
		}
	}
	each(value)
	if strings.Contains(value, "\n") {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= minForms {
				each(line)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// lowerEscapes replaces escapes such as %2F by %2f.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(text[i+1:i+3]))
		}
	}
	return string(b)
}
