package credential

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"errand/engine/task"
)

// A Mask replaces secrets in what is printed, logged or stored by "[secret]". It is a net under code that does not print secrets in
// the first place: it finds the forms that forms.go lists, and no others. It is safe for use by several goroutines; the zero value
// knows no secret.
type Mask struct {
	mu    sync.RWMutex
	known map[task.Secret]bool
	net   *net // nil where it is to be made anew
}

// A net is made once for a set of secrets.
type net struct {
	replacer *strings.Replacer
	words    []string
}

// Add makes a secret known.
func (m *Mask) Add(s task.Secret) {
	m.mu.RLock()
	known := m.known[s]
	m.mu.RUnlock()
	if known || len(s.Reveal()) < shortWord {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[task.Secret]bool{}
	}
	m.known[s], m.net = true, nil
}

// Text masks a text. Where there is nothing to mask it returns the text itself.
func (m *Mask) Text(text string) string {
	n := m.made()
	if n == nil {
		return text
	}
	return n.text(text)
}

// JSON masks one JSON value, or several, and leaves JSON: a number that is a secret becomes a string. Texts are masked by what they
// say, however they are escaped. Where there is nothing to mask it returns the data itself.
func (m *Mask) JSON(data []byte) []byte {
	n := m.made()
	if n == nil {
		return data
	}
	text := string(data)
	if n.text(text) == text && !strings.Contains(text, `\`) {
		return data
	}
	if masked := n.json(text); masked != text {
		return []byte(masked)
	}
	return data
}

// made is the net for the secrets that are known now; nil where there are none.
func (m *Mask) made() *net {
	m.mu.RLock()
	n, known := m.net, len(m.known)
	m.mu.RUnlock()
	if n != nil || known == 0 {
		return n
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.net != nil {
		return m.net
	}
	var all []string
	n = &net{}
	for s := range m.known {
		if value := s.Reveal(); len(value) < sensitive {
			n.words = append(n.words, value)
		} else {
			all = append(all, forms(value)...)
		}
	}
	slices.Sort(n.words)
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // the replacer takes the first that fits
	var pairs []string
	for _, form := range all {
		pairs = append(pairs, form, task.Concealed)
	}
	n.replacer = strings.NewReplacer(pairs...)
	m.net = n
	return n
}

func (n *net) text(text string) string {
	p := pieces{of: text}
	_, _ = n.replacer.WriteString(&p, text) // to memory
	if p.b != nil {
		text = string(p.b)
	}
	for _, word := range n.words {
		text = maskWord(text, word)
	}
	return text
}

// pieces is what a replacer writes. As long as that is the text itself, nothing is copied.
type pieces struct {
	of string
	b  []byte
}

func (p *pieces) WriteString(s string) (int, error) {
	if p.b != nil || len(s) != len(p.of) || s != p.of {
		p.b = append(p.b, s...)
	}
	return len(s), nil
}

func (p *pieces) Write(b []byte) (int, error) { return p.WriteString(string(b)) }

// maskWord masks a word where no letter or digit stands beside it.
func maskWord(text, word string) string {
	var b strings.Builder
	done := 0 // so much of the text is written
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			break
		}
		start, end := from+at, from+at+len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if inWord(before) || inWord(after) {
			from = start + 1
			continue
		}
		b.WriteString(text[done:start])
		b.WriteString(task.Concealed)
		done, from = end, end
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// json masks each string and each number by itself.
func (n *net) json(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case c == '"':
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(text))
			b.WriteString(n.literal(text[i:end]))
		case c == '-' || c >= '0' && c <= '9':
			for end < len(text) && strings.IndexByte("+-.0123456789eE", text[end]) >= 0 {
				end++
			}
			if number := text[i:end]; n.text(number) != number {
				b.WriteString(`"` + task.Concealed + `"`)
			} else {
				b.WriteString(number)
			}
		default:
			b.WriteByte(c)
		}
		i = end
	}
	return b.String()
}

// literal masks a string of JSON: as it is written, and by what it says.
func (n *net) literal(text string) string {
	var says string
	if json.Unmarshal([]byte(text), &says) != nil {
		return n.text(text)
	}
	masked := n.text(says)
	if masked == says {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(masked) != nil {
		return `"` + task.Concealed + `"`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
