package task

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// UTF8 returns the text of an answer in UTF-8, without a byte order mark. A byte order mark decides
// the charset, otherwise the header Content-Type does, otherwise the charset is UTF-8. The error
// names a charset that UTF8 does not know; it follows the word "it".
//
// The package golang.org/x/text knows more charsets, but its tables would double the size of the
// program, and no system that a connector acts on is known to use another one.
func UTF8(contentType string, body []byte) ([]byte, error) {
	for _, mark := range []struct {
		bytes, charset string
	}{{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"}} {
		if rest, ok := bytes.CutPrefix(body, []byte(mark.bytes)); ok {
			return decode(mark.charset, rest)
		}
	}
	return decode(charset(contentType), body)
}

// decode converts a text in a charset to UTF-8. As in browsers, ISO-8859-1 and US-ASCII stand for
// Windows-1252, which contains both.
func decode(charset string, body []byte) ([]byte, error) {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8":
		return body, nil
	case "iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252":
		return fromWindows(body), nil
	case "utf-16", "utf-16be": // without a byte order mark, the standard says big endian
		return fromUTF16(binary.BigEndian, body), nil
	case "utf-16le":
		return fromUTF16(binary.LittleEndian, body), nil
	}
	return nil, fmt.Errorf("is in the charset %q, which is not supported; UTF-8 is", charset)
}

func fromUTF16(order binary.ByteOrder, body []byte) []byte {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// windows1252 has the characters of the bytes 0x80 to 0x9f in Windows-1252. The other bytes are the
// characters with the same number.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

func fromWindows(body []byte) []byte {
	var text bytes.Buffer
	for _, b := range body {
		if b >= 0x80 && b < 0xa0 {
			text.WriteRune(windows1252[b-0x80])
		} else {
			text.WriteRune(rune(b))
		}
	}
	return text.Bytes()
}
