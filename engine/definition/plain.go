package definition

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"errand/engine/pattern"
	"errand/engine/schema"
)

// A doubt is the reason why an unquoted scalar is refused: readers of YAML 1.1 and YAML 1.2 read it
// differently, or its author probably meant something else.
type doubt struct {
	reading string // how some readers read it, such as "a boolean"
	write   string // how to write that reading without doubt; may be empty
	useless bool   // all readers agree, but the value is not usable
}

var (
	jsonNumber  = pattern.New(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	octal       = pattern.New(`^[-+]?0[0-9_]+$`)
	based       = pattern.New(`^[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)$`)
	looseNumber = pattern.New(`^[-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?$`)
	sexagesimal = pattern.New(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	date        = pattern.New(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9:.]+[ \t]*(Z|[-+][0-9:]+)?$`)
)

// words are the scalars that YAML 1.1 reads as a boolean or as null, with their meaning. This
// package refuses them, except y and n, which are texts: few readers ever took them for a boolean,
// and who writes `n` means a name.
var words = map[string]string{
	"~": "null", "Null": "null", "NULL": "null",
	"True": "true", "TRUE": "true", "yes": "true", "Yes": "true", "YES": "true", "on": "true", "On": "true", "ON": "true",
	"False": "false", "FALSE": "false", "no": "false", "No": "false", "NO": "false", "off": "false", "Off": "false", "OFF": "false",
}

// readPlain returns the kind and the value of an unquoted scalar. null, true, false and numbers as
// in JSON have their own kinds. Everything else is a string, or has a doubt.
func readPlain(text string) (schema.Kind, any, *doubt) {
	switch text {
	case "null":
		return schema.Null, nil, nil
	case "true", "false":
		return schema.Boolean, text == "true", nil
	}
	switch word := words[text]; word {
	case "":
	case "null":
		return schema.Null, nil, &doubt{reading: "null", write: word}
	default:
		return schema.Boolean, nil, &doubt{reading: "a boolean", write: word}
	}
	if text == "" || strings.IndexByte("0123456789+-.", text[0]) < 0 {
		return schema.String, nil, nil
	}
	if jsonNumber.MatchString(text) {
		return readNumber(text)
	}
	if d := numberDoubt(text); d != nil {
		return schema.String, nil, d
	}
	return schema.String, nil, nil
}

func readNumber(text string) (schema.Kind, any, *doubt) {
	if !strings.ContainsAny(text, ".eE") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return schema.String, nil, &doubt{reading: "an integer that does not fit into 64 bits", useless: true}
		}
		return schema.Integer, n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return schema.String, nil, &doubt{reading: "a number that is too large", useless: true}
	}
	return schema.Number, f, nil
}

func numberDoubt(text string) *doubt {
	switch strings.TrimLeft(strings.ToLower(text), "+-") {
	case ".inf":
		return &doubt{reading: "infinity", useless: true}
	case ".nan":
		return &doubt{reading: "not a number", useless: true}
	}
	bare := strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", "")
	switch {
	case octal.MatchString(text):
		sign := ""
		if strings.HasPrefix(bare, "-") {
			sign, bare = "-", bare[1:]
		}
		return &doubt{reading: "an octal number", write: sign + orZero(strings.TrimLeft(bare, "0"))}
	case based.MatchString(text):
		n, err := strconv.ParseInt(bare, 0, 64)
		if err != nil {
			return &doubt{reading: "an integer that does not fit into 64 bits", useless: true}
		}
		return &doubt{reading: "the integer " + strconv.FormatInt(n, 10), write: strconv.FormatInt(n, 10)}
	case looseNumber.MatchString(text):
		f, err := strconv.ParseFloat(bare, 64)
		if err != nil {
			return &doubt{reading: "a number that is too large", useless: true}
		}
		return &doubt{reading: "a number", write: strconv.FormatFloat(f, 'f', -1, 64)}
	case sexagesimal.MatchString(text):
		return &doubt{reading: "a number in base 60", write: schema.DurationOfWords(text)}
	case date.MatchString(text):
		return &doubt{reading: "a date"}
	}
	return nil
}

func orZero(digits string) string {
	if digits == "" {
		return "0"
	}
	return digits
}

// isUnprintable reports whether a character must be escaped in quotes.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

// quote writes a text as a quoted YAML scalar that every reader reads as that text.
func quote(text string) string {
	if strings.ContainsFunc(text, isUnprintable) {
		return strconv.Quote(text)
	}
	if strings.ContainsAny(text, `"\`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}

// Scalar writes a text as a YAML scalar for use in a block mapping or list. It adds quotes only if
// the plain text would be read as something else.
func Scalar(text string) string {
	if kind, _, _ := readPlain(text); kind != schema.String {
		return quote(text)
	}
	return bare(text)
}

// bare writes a text as a plain scalar if that is valid everywhere in YAML, including inside [ ]
// and { }. Otherwise, it quotes the text.
func bare(text string) string {
	kind, _, doubt := readPlain(text)
	unsafe := text == "" || doubt != nil || kind != schema.String && kind != schema.Boolean ||
		strings.IndexByte("-?:,[]{}#&*!|>'\"%@` ", text[0]) >= 0 || strings.HasSuffix(text, " ") || strings.HasSuffix(text, ":") ||
		strings.Contains(text, ": ") || strings.Contains(text, " #") || strings.ContainsAny(text, ",[]{}?") || strings.ContainsFunc(text, isUnprintable)
	if unsafe {
		return quote(text)
	}
	return text
}
