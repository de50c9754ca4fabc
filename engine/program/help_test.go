package program_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"errand/engine/diag"
)

// The forms of a help that tell exactly what to write. Each has one group: the text.
var (
	meantName    = regexp.MustCompile(`^did you mean "([^"]+)"(?: or "[^"]+")?\?$`)
	wholeValue   = regexp.MustCompile(`^(?:quote it|quote the value|put quotes around it|put brackets around it|write it without quotes|write only the expression|write it without \$?\{\{ \}\}|if you mean (?:the text|a text or an expression), quote it|make a text of it|add a unit|guard it|make it a string|compare it|convert it to a text|compare its length|write the unit|write the shorter duration first|write a value to use instead of null|convert it to an integer|convert its elements|convert the elements|remove null|write text in quotes|make both a string): (.+?)(?:, or (?:[0-9]+m|add .*|write .*|toJSON.*))?$`)
	writeDoubt   = regexp.MustCompile(`^write (\S+), or (?:quote it if you mean the text: .*|use another unit: .*|a list of steps to run instead)$`)
	writeEntry   = regexp.MustCompile(`^write ([a-z_]+: .+)$`)
	writeKey     = regexp.MustCompile(`^write ([a-z_]+): instead$`)
	writeText    = regexp.MustCompile(`^write (.+)$`)
	removeEntry  = regexp.MustCompile(`^remove (?:it|the line)(?:[;:,] .*)?$`)
	addEntry     = regexp.MustCompile(`^add ([a-z_]+): with .*, such as (\S+?)(?:, or .*)?$`)
	addParameter = regexp.MustCompile("^add `([a-z_]+: [^`]+)` under `with`")
	suchAs       = regexp.MustCompile(`^use lower-case letters, .*, such as (\S+)$`)
	closeWith    = regexp.MustCompile(`^close it with (\S)$`)
	startsWords  = regexp.MustCompile(`^(?:[a-z]+ ){2,}`)
)

// fillers are what a reader may write for "…".
var fillers = []string{`"x"`, "x", "1", "true", "5m", "[a]", `duration("5m")`, "100-291", "ami-0a1b2c3d4e5f60000", "i-0a1b2c3d4e5f60002"}

// followWithFillers applies the help of a problem in each way in which its "…" can be filled.
func followWithFillers(text []byte, p diag.Problem) [][]byte {
	var all [][]byte
	for _, filler := range fillers {
		filled := p
		filled.Help = strings.ReplaceAll(strings.ReplaceAll(p.Help, `"…"`, `"x"`), "…", filler)
		if made, ok := follow(text, filled); ok {
			all = append(all, made)
		}
		if filled.Help == p.Help {
			break
		}
	}
	return all
}

// follow applies the help of a problem as a reader does who knows nothing else. It returns false if
// the help leaves something to the reader's choice.
func follow(text []byte, p diag.Problem) ([]byte, bool) {
	replace := func(at diag.Range, with string) ([]byte, bool) {
		return diag.Fix{Range: at, Text: with}.Apply(text)
	}
	old := cut(text, p.Range)
	switch help := p.Help; {
	case strings.Contains(help, "…"):
		return nil, false
	case meantName.MatchString(help):
		name := meantName.FindStringSubmatch(help)[1]
		if q := strings.Trim(old, `"'\`); q != old && len(q) > 0 {
			at := strings.Index(old, q)
			name = old[:at] + name + old[at+len(q):]
		}
		return replace(p.Range, name)
	case removeEntry.MatchString(help):
		return withoutEntry(text, p.Range)
	case p.Rule == "unknown-key" && writeKey.MatchString(help):
		return replace(p.Range, writeKey.FindStringSubmatch(help)[1])
	case p.Rule == "unknown-key" && writeEntry.MatchString(help) && !strings.Contains(help, ": with "):
		return replaceEntry(text, p.Range, writeEntry.FindStringSubmatch(help)[1])
	case wholeValue.MatchString(help):
		return replaceValue(text, p.Range, wholeValue.FindStringSubmatch(help)[1])
	case writeDoubt.MatchString(help):
		return replaceValue(text, p.Range, writeDoubt.FindStringSubmatch(help)[1])
	case addParameter.MatchString(help):
		return addBelowWith(text, p.Range, addParameter.FindStringSubmatch(help)[1])
	case suchAs.MatchString(help):
		return replace(p.Range, suchAs.FindStringSubmatch(help)[1])
	case closeWith.MatchString(help):
		return closeLine(text, p.Range, closeWith.FindStringSubmatch(help)[1])
	case addEntry.MatchString(help):
		m := addEntry.FindStringSubmatch(help)
		return addBeside(text, p.Range, m[1]+": "+m[2])
	case writeText.MatchString(help):
		what := writeText.FindStringSubmatch(help)[1]
		if startsWords.MatchString(what) || strings.Contains(what, ": with ") {
			return nil, false
		}
		return replaceValue(text, p.Range, what)
	case p.Fix != nil:
		return p.Fix.Apply(text)
	}
	return nil, false
}

func cut(text []byte, at diag.Range) string {
	from, ok := diag.Offset(text, at.Start)
	to, end := diag.Offset(text, at.End)
	if !ok || !end || to < from {
		return ""
	}
	return string(text[from:to])
}

// replaceValue replaces the text at a range. If the new text is a whole YAML scalar or a whole
// ${{ }}, it replaces the scalar or the ${{ }} around the range.
func replaceValue(text []byte, at diag.Range, with string) ([]byte, bool) {
	from, ok := diag.Offset(text, at.Start)
	to, end := diag.Offset(text, at.End)
	if !ok || !end {
		return nil, false
	}
	line := bytes.LastIndexByte(text[:from], '\n') + 1
	last := len(text)
	if i := bytes.IndexByte(text[to:], '\n'); i >= 0 {
		last = to + i
	}
	if strings.HasPrefix(with, "${{") {
		if open := bytes.LastIndex(text[line:from], []byte("${{")); open >= 0 {
			if shut := bytes.Index(text[to:], []byte("}}")); shut >= 0 {
				from, to = line+open, to+shut+2
			}
		}
	}
	if q := with[0]; (q == '"' || q == '\'') && strings.Contains(with[1:], string(text[from:to])) && from > line {
		// The value from where it starts on its line: the text that is quoted.
		whole := strings.NewReplacer("''", "'").Replace(with[1 : len(with)-1])
		if i := bytes.Index(text[line:last], []byte(whole)); i >= 0 && line+i <= from {
			from, to = line+i, line+i+len(whole)
		}
	}
	return append(append(append([]byte{}, text[:from]...), with...), text[to:]...), true
}

var entryEnd = regexp.MustCompile(`^[^,}\n]*`)

// entryAt returns the offsets of an entry of a mapping, given the range of its key. In a block
// mapping it includes the deeper lines below.
func entryAt(text []byte, key diag.Range) (from, to int, flow, ok bool) {
	from, ok = diag.Offset(text, key.Start)
	if !ok {
		return 0, 0, false, false
	}
	line := bytes.LastIndexByte(text[:from], '\n') + 1
	if bytes.ContainsAny(text[line:from], "{") {
		end := from + len(entryEnd.Find(text[from:]))
		return from, end, true, true
	}
	to = from
	for to < len(text) {
		if i := bytes.IndexByte(text[to:], '\n'); i >= 0 {
			to += i + 1
		} else {
			to = len(text)
		}
		rest := text[to:]
		trimmed := bytes.TrimLeft(rest, " ")
		if len(trimmed) == 0 || trimmed[0] == '\n' || len(rest)-len(trimmed) <= from-line && !bytes.HasPrefix(trimmed, []byte("- ")) || len(rest)-len(trimmed) < from-line {
			break
		}
	}
	return from, to, false, true
}

func withoutEntry(text []byte, key diag.Range) ([]byte, bool) {
	from, to, flow, ok := entryAt(text, key)
	switch {
	case !ok:
		return nil, false
	case flow && to < len(text) && text[to] == ',':
		to++
	case flow:
		if i := bytes.LastIndexByte(text[:from], ','); i >= 0 && len(bytes.TrimSpace(text[i+1:from])) == 0 {
			from = i
		}
	case len(bytes.TrimSpace(text[bytes.LastIndexByte(text[:from], '\n')+1:from])) > 0: // after "- "
		to += len(text[to:]) - len(bytes.TrimLeft(text[to:], " "))
	default:
		from = bytes.LastIndexByte(text[:from], '\n') + 1
	}
	return append(append([]byte{}, text[:from]...), text[to:]...), true
}

func replaceEntry(text []byte, key diag.Range, entry string) ([]byte, bool) {
	from, to, flow, ok := entryAt(text, key)
	if !ok {
		return nil, false
	}
	if !flow {
		entry += "\n"
	}
	return append(append(append([]byte{}, text[:from]...), entry...), text[to:]...), true
}

// addBeside adds an entry before the key at a range.
func addBeside(text []byte, key diag.Range, entry string) ([]byte, bool) {
	from, ok := diag.Offset(text, key.Start)
	if !ok {
		return nil, false
	}
	line := bytes.LastIndexByte(text[:from], '\n') + 1
	separator := "\n" + strings.Repeat(" ", from-line)
	if bytes.ContainsAny(text[line:from], "{") {
		separator = ", "
	}
	return append(append(append([]byte{}, text[:from]...), entry+separator...), text[from:]...), true
}

// addBelowWith adds a parameter, given the range of the value of with:, or of the name of the task.
func addBelowWith(text []byte, at diag.Range, entry string) ([]byte, bool) {
	from, ok := diag.Offset(text, at.Start)
	if !ok {
		return nil, false
	}
	line := bytes.LastIndexByte(text[:from], '\n') + 1
	before := string(text[line:from])
	insert := entry + "\n" + strings.Repeat(" ", len(before))
	switch {
	case text[from] == '{':
		from++
		if insert = entry; text[from] != '}' {
			insert += ", "
		}
	case strings.Contains(before, "{"): // {task: NAME}
		from, _ = diag.Offset(text, at.End)
		insert = ", with: {" + entry + "}"
	case strings.HasSuffix(before, ": "):
		from, _ = diag.Offset(text, at.End)
		key := strings.TrimLeft(before, " -")
		insert = "\n" + strings.Repeat(" ", len(before)-len(key)) + "with: {" + entry + "}"
	}
	return append(append(append([]byte{}, text[:from]...), insert...), text[from:]...), true
}

// closeLine writes a closing quote or bracket at the end of a line.
func closeLine(text []byte, at diag.Range, with string) ([]byte, bool) {
	from, ok := diag.Offset(text, at.Start)
	if !ok {
		return nil, false
	}
	end := len(text)
	if i := bytes.IndexByte(text[from:], '\n'); i >= 0 {
		end = from + i
	}
	return append(append(append([]byte{}, text[:end]...), with...), text[end:]...), true
}

func TestFollow(t *testing.T) {
	const text = "steps:\n  - needs: a\n    task: x.y\n    with: {a: 1, b: 2}\n    retry:\n      for: 1m\n"
	cases := []struct {
		name, key, help, want string
	}{
		{"the first key of a step", "needs", "remove it", "steps:\n  - task: x.y\n    with: {a: 1, b: 2}\n    retry:\n      for: 1m\n"},
		{"in braces", "a: 1", "remove it", "steps:\n  - needs: a\n    task: x.y\n    with: { b: 2}\n    retry:\n      for: 1m\n"},
		{"the last in braces", "b: 2", "remove the line", "steps:\n  - needs: a\n    task: x.y\n    with: {a: 1}\n    retry:\n      for: 1m\n"},
		{"with the lines below", "retry", "remove it: reason", "steps:\n  - needs: a\n    task: x.y\n    with: {a: 1, b: 2}\n"},
		{"another entry", "needs", "write id: b", "steps:\n  - id: b\n    task: x.y\n    with: {a: 1, b: 2}\n    retry:\n      for: 1m\n"},
		{"another name", "task", `did you mean "tusk"?`, "steps:\n  - needs: a\n    tusk: x.y\n    with: {a: 1, b: 2}\n    retry:\n      for: 1m\n"},
		{"an entry more", "task", "add id: with a name, such as b", "steps:\n  - needs: a\n    id: b\n    task: x.y\n    with: {a: 1, b: 2}\n    retry:\n      for: 1m\n"},
		{"a choice of the reader", "task", "write the steps below", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			from := strings.Index(text, c.key)
			end := from + len(strings.SplitN(c.key, ":", 2)[0])
			p := diag.Problem{Rule: "unknown-key", Help: c.help, Range: diag.Range{Start: diag.Place([]byte(text), from), End: diag.Place([]byte(text), end)}}
			made, ok := follow([]byte(text), p)
			if ok != (c.want != "") || string(made) != c.want {
				t.Errorf("got %t, %q, want %q", ok, made, c.want)
			}
		})
	}
}
