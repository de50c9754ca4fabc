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

// What becomes of a value depends on its length in bytes: from sensitive on it is masked in every form; from shortWord on as it is,
// where it stands as a word of its own; a shorter one is not masked, since every text would be full of holes, and nobody keeps a
// secret in three characters.
const (
	sensitive = 6
	shortWord = 4
)

// longestForm is the length up to which a value is looked for in other forms than its own.
const longestForm = 4096

// forms are what a value may look like in a text, the longest first, so that it is masked whole: as it is; as one of its lines; in
// JSON, in Go, in HTML; in a URL; in hexadecimal; in base64, also as a part of something longer, where its first and last
// character may hold bits of what is beside it and are left.
func forms(value string) []string {
	var all []string
	add := func(form string) {
		if len(form) >= sensitive && !slices.Contains(all, form) {
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
			for before := range 3 { // bytes of something else that share its first group
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
			if line = strings.TrimSpace(line); len(line) >= sensitive {
				each(line)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(text[i+1:i+3]))
		}
	}
	return string(b)
}
