package definition

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// A byteRange is a range of the source, in byte offsets.
type byteRange struct{ from, to int }

// A scalar follows the source of one YAML scalar from its first character. It checks, byte by byte,
// that the source yields the value that the YAML parser read. Its places are valid only if the
// check succeeds.
type scalar struct {
	text   string // the whole source
	value  string
	done   int         // how many bytes of value were found so far
	record bool        // fill places
	places []byteRange // for each byte of value; all bytes of a character have the same range
}

// scan returns the end of a scalar that starts at an offset, after its anchor and tag. ok is false
// if the source does not yield the value.
func (s *scalar) scan(start int, style yaml.Style) (end int, ok bool) {
	switch {
	case style&yaml.DoubleQuotedStyle != 0:
		end, ok = s.double(start)
	case style&yaml.SingleQuotedStyle != 0:
		end, ok = s.single(start)
	case style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		end, ok = s.block(start, style&yaml.FoldedStyle != 0)
	default:
		end, ok = s.plain(start)
	}
	return end, ok && s.done == len(s.value)
}

// emit records that the next bytes of the value come from a range of the source. It returns whether
// the value continues with piece.
func (s *scalar) emit(piece string, from, to int) bool {
	if !strings.HasPrefix(s.value[s.done:], piece) {
		return false
	}
	s.done += len(piece)
	if s.record {
		for range len(piece) {
			s.places = append(s.places, byteRange{from, to})
		}
	}
	return true
}

// copy records that the next bytes of the value are the bytes of the source, one by one.
func (s *scalar) copy(from, to int) bool {
	piece := s.text[from:to]
	if !s.record {
		return s.emit(piece, from, to)
	}
	for i := 0; i < len(piece); {
		_, size := utf8.DecodeRuneInString(piece[i:])
		if !s.emit(piece[i:i+size], from+i, from+i+size) {
			return false
		}
		i += size
	}
	return true
}

func (s *scalar) plain(at int) (int, bool) {
	if !s.record && strings.IndexByte(s.value, '\n') < 0 && strings.HasPrefix(s.text[at:], s.value) {
		s.done = len(s.value)
		return at + len(s.value), true
	}
	for s.done < len(s.value) {
		end := at
		for end < len(s.text) && !isSpace(s.text[end]) {
			end++
		}
		// a colon, a comma or a bracket can end the scalar inside a word
		end = min(end, at+len(s.value)-s.done)
		if !s.copy(at, end) {
			return at, false
		}
		if at = end; s.done == len(s.value) {
			break
		}
		next, ok := s.space(at)
		if !ok || next == at {
			return at, false
		}
		at = next
	}
	return at, true
}

// space reads blanks and line breaks in a plain or quoted scalar. Blanks without a line break are
// kept. A single line break becomes a space, together with the blanks around it. Of several line
// breaks, the first is dropped and the others are kept.
func (s *scalar) space(at int) (next int, ok bool) {
	var breaks []byteRange
	for next = at; next < len(s.text) && isSpace(s.text[next]); next++ {
		if s.text[next] == '\n' {
			breaks = append(breaks, byteRange{breakStart(s.text, next), next + 1})
		}
	}
	switch len(breaks) {
	case 0:
		return next, s.copy(at, next)
	case 1:
		return next, s.emit(" ", breaks[0].from, breaks[0].to)
	}
	return next, s.breaks(breaks[1:])
}

func (s *scalar) breaks(breaks []byteRange) bool {
	for _, b := range breaks {
		if !s.emit("\n", b.from, b.to) {
			return false
		}
	}
	return true
}

func (s *scalar) single(start int) (int, bool) {
	at := start + 1
	for at < len(s.text) {
		end := at
		for end < len(s.text) && s.text[end] != '\'' && !isSpace(s.text[end]) {
			end++
		}
		ok := s.copy(at, end)
		switch at = end; {
		case !ok || at == len(s.text):
			return at, false
		case s.text[at] != '\'':
			at, ok = s.space(at)
		case strings.HasPrefix(s.text[at:], "''"):
			ok = s.emit("'", at, at+2)
			at += 2
		default:
			return at + 1, true
		}
		if !ok {
			return at, false
		}
	}
	return at, false
}

func (s *scalar) double(start int) (int, bool) {
	at := start + 1
	for at < len(s.text) {
		end := at
		for end < len(s.text) && s.text[end] != '"' && s.text[end] != '\\' && !isSpace(s.text[end]) {
			end++
		}
		ok := s.copy(at, end)
		switch at = end; {
		case !ok || at == len(s.text):
			return at, false
		case s.text[at] == '"':
			return at + 1, true
		case s.text[at] == '\\':
			at, ok = s.escape(at)
		default:
			at, ok = s.space(at)
		}
		if !ok {
			return at, false
		}
	}
	return at, false
}

// escapes are the escapes of a double-quoted scalar that have no digits.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '\'': "'", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

func (s *scalar) escape(at int) (next int, ok bool) {
	if at+1 >= len(s.text) {
		return at, false
	}
	letter := s.text[at+1]
	if letter == '\n' || letter == '\r' {
		return s.continuation(at + 1)
	}
	if piece, known := escapes[letter]; known {
		return at + 2, s.emit(piece, at, at+2)
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[letter]
	next = at + 2 + digits
	if digits == 0 || next > len(s.text) {
		return at, false
	}
	code, err := strconv.ParseUint(s.text[at+2:next], 16, 32)
	return next, err == nil && s.emit(string(rune(code)), at, next)
}

// continuation reads an escaped line break and the blanks after it, which add nothing to the value.
// Further line breaks are kept.
func (s *scalar) continuation(at int) (next int, ok bool) {
	var breaks []byteRange
	for next = at; next < len(s.text) && isSpace(s.text[next]); next++ {
		if s.text[next] == '\n' {
			breaks = append(breaks, byteRange{breakStart(s.text, next), next + 1})
		}
	}
	return next, len(breaks) > 0 && s.breaks(breaks[1:])
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// breakStart returns the start of the line break whose line feed is at an offset.
func breakStart(text string, feed int) int {
	if feed > 0 && text[feed-1] == '\r' {
		return feed - 1
	}
	return feed
}

// afterProperties skips the anchor and the tag of a node. It returns the range of the tag, if there
// is one.
func afterProperties(text string, at int) (next int, tag byteRange) {
	for at < len(text) && (text[at] == '&' || text[at] == '!') {
		end := at
		for end < len(text) && !isSpace(text[end]) && !(end > at && strings.IndexByte(",[]{}", text[end]) >= 0) {
			end++
		}
		if text[at] == '!' {
			tag = byteRange{at, end}
		}
		at = afterBlank(text, end)
	}
	return at, tag
}

// afterBlank skips spaces, line breaks and comments.
func afterBlank(text string, at int) int {
	for at < len(text) {
		switch {
		case isSpace(text[at]):
			at++
		case text[at] == '#' && at > 0 && isSpace(text[at-1]):
			for at < len(text) && text[at] != '\n' {
				at++
			}
		default:
			return at
		}
	}
	return at
}
