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

// A Mask replaces secrets in what is printed, logged or stored by "[secret]". It is a safety net:
// code must not print secrets in the first place. It finds the forms that secret_forms.go lists,
// and no others. The zero Mask has no secrets. A Mask is safe for concurrent use.
type Mask struct {
	mu      sync.RWMutex
	known   map[task.Secret]bool // true if the secret is never removed
	passing []task.Secret        // those that may be removed, oldest first
	net     *net                 // nil if it must be built
}

// A net masks one set of secrets.
type net struct {
	replacer *strings.Replacer
	words    []string
}

// mostPassing is how many passing secrets a Mask has: of temporary keys, those of 32 sessions.
const mostPassing = 96

// notSecret is the value of every secret in the sandbox.
const notSecret = "sandbox"

// Add adds a stored secret.
func (m *Mask) Add(s task.Secret) {
	if len(s.Reveal()) >= minWord {
		m.add(s, true)
	}
}

// AddVariable adds a secret of the environment. Nobody checked what it is, so a value of fewer than
// six bytes and the sandbox's word are left out.
func (m *Mask) AddVariable(s task.Secret) {
	if mayBeSecret(s) {
		m.add(s, true)
	}
}

// AddPassing adds a secret that may be replaced by another one while the process runs, such as a
// temporary key. It leaves out what AddVariable leaves out. Of many passing secrets the Mask keeps
// those that were added last.
func (m *Mask) AddPassing(s task.Secret) {
	if mayBeSecret(s) {
		m.add(s, false)
	}
}

func mayBeSecret(s task.Secret) bool { return len(s.Reveal()) >= minForms && s.Reveal() != notSecret }

// add adds a secret. If lasting is set, it is never removed.
func (m *Mask) add(s task.Secret, lasting bool) {
	m.mu.RLock()
	before, known := m.known[s]
	m.mu.RUnlock()
	if known && (before || !lasting) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[task.Secret]bool{}
	}
	if _, known := m.known[s]; !known && !lasting {
		m.passing = append(m.passing, s)
	}
	m.known[s], m.net = lasting || m.known[s], nil
	if len(m.passing) <= mostPassing {
		return
	}
	oldest := m.passing[0]
	m.passing = m.passing[1:]
	if !m.known[oldest] {
		delete(m.known, oldest)
	}
}

// Text masks a text. If there is nothing to mask, it returns the text itself.
func (m *Mask) Text(text string) string {
	n := m.current()
	if n == nil {
		return text
	}
	return n.text(text)
}

// JSON masks one or several JSON values. The result is valid JSON: a number that is a secret
// becomes a string. Strings are masked by their decoded text, so escapes do not matter. If there is
// nothing to mask, JSON returns the data itself.
func (m *Mask) JSON(data []byte) []byte {
	n := m.current()
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

// current returns the net for the secrets that were added so far, or nil if there are none.
func (m *Mask) current() *net {
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
		if value := s.Reveal(); len(value) < minForms {
			n.words = append(n.words, value)
		} else {
			all = append(all, forms(value)...)
		}
	}
	slices.Sort(n.words)
	// The replacer uses the first form that matches.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
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
	_, _ = n.replacer.WriteString(&p, text) // writing to memory never fails
	if p.b != nil {
		text = string(p.b)
	}
	for _, word := range n.words {
		text = maskWord(text, word)
	}
	return text
}

// pieces collects what a replacer writes. It copies nothing as long as that is the text itself.
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

// maskWord masks a word if no letter or digit is next to it.
func maskWord(text, word string) string {
	var b strings.Builder
	done := 0 // the number of bytes of text that are written
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

// json masks each string and each number separately.
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

// literal masks a JSON string by its decoded text, or as it is written if it cannot be decoded.
func (n *net) literal(text string) string {
	var decoded string
	if json.Unmarshal([]byte(text), &decoded) != nil {
		return n.text(text)
	}
	masked := n.text(decoded)
	if masked == decoded {
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
