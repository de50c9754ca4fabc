package lsp_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"errand/engine/program"
)

// wordsOfLanguage matches the words that an editor should propose: keys, task types, and names
// after a dot in expressions.
var wordsOfLanguage = regexp.MustCompile(`(?m)^ *(?:- )*([a-z_]+):(?: |$)|[{,] *([a-z_]+): |^ *(?:- )?(?:task|workflow): (\S+)$|` +
	`\b(?:inputs|steps|request|run|result|failure)(?:\.[a-z_0-9]+)*\.([a-z_0-9]+)`)

// unpredictable are definitions with words that no editor can propose: members of open objects,
// data, and anchors.
var unpredictable = []string{"anchors-and-aliases.yaml", "literal-braces.yaml", "nested-data.yaml", "objects.yaml", "yaml-traps-quoted.yaml"}

// Each word of a definition without problems must be proposed where it begins, if the text ends
// there, and also if only the word is missing. Names that the author chooses are excluded.
func TestWhatIsWrittenNextIsProposed(t *testing.T) {
	c := start(t)
	asked := 0
	for _, one := range realDefinitions(t) {
		text := one.text
		_, problems := program.Loader{Registry: registry}.Load(stem(one.file), []byte(text))
		if len(problems) > 0 || slices.Contains(unpredictable, one.file) {
			continue
		}
		for _, m := range wordsOfLanguage.FindAllStringSubmatchIndex(text, -1) {
			for group := 1; group < len(m)/2; group++ {
				from, to := m[2*group], m[2*group+1]
				if from < 0 || group < 3 && chosenByAuthor(text, from) {
					continue
				}
				texts := []string{text[:from], text[:from] + text[to:]}
				if rest, open := withoutClosing(text, from); open {
					texts = append(texts, text[:from]+rest)
				}
				for _, written := range texts {
					if asked++; !c.proposes(written, from, text[from:to]) {
						t.Errorf("%s, line %d: %q is not proposed after %q", one.file, 1+strings.Count(text[:from], "\n"), text[from:to], written[:from])
					}
				}
			}
		}
	}
	if asked < 2000 {
		t.Errorf("only %d words were tested", asked)
	}
}

// withoutClosing returns the text after a place in an expression, without the rest of the expression
// and the braces that close it.
func withoutClosing(text string, at int) (string, bool) {
	open, closed := strings.LastIndex(text[:at], "${{"), strings.LastIndex(text[:at], "}}")
	end := strings.Index(text[at:], "}}")
	if open < 0 || open < closed || end < 0 {
		return "", false
	}
	return text[at+end+len("}}"):], true
}

func stem(file string) string { return strings.TrimSuffix(file, ".yaml") }

// keysOfBlocks are the keys whose value is on the lines below.
var keysOfBlocks = []string{
	"inputs", "defaults", "retry", "steps", "with", "fields", "else", "parallel", "switch", "approval", "undo", "on_failure", "finally",
	"outputs", "for_each", "attributes", "items", "properties",
}

// chosenByAuthor reports whether the author chooses a key: the name of an input, of a member of an
// input, of an output or a branch, or data.
func chosenByAuthor(text string, at int) bool {
	before := text[:at]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	indent := len(line) - len(strings.TrimLeft(line, " "))
	rest, _, _ := strings.Cut(text[at:], "\n")
	top, around := "", ""
	for l := range strings.Lines(before) {
		if l[0] >= 'a' && l[0] <= 'z' {
			top, _, _ = strings.Cut(l, ":")
		}
		if text := strings.TrimLeft(l, " "); len(l)-len(text) < indent {
			around = strings.TrimSpace(text)
		}
	}
	switch {
	case around == "properties:" && strings.TrimSpace(line) == "":
		return true
	case (top == "inputs" || top == "outputs" || top == "credentials") && strings.TrimSpace(line) == "" && indent == 2:
		return true
	case top == "outputs" || strings.Contains(line, "default:") || strings.Contains(line, "fields:") || strings.Contains(line, "query:") || strings.Contains(line, "Lines"):
		return true
	}
	key, holds := strings.CutSuffix(rest, ":")
	return holds && !slices.Contains(keysOfBlocks, key) // a branch
}

func (c *client) proposes(text string, at int, word string) bool {
	f := &feature{client: c, uri: "file:///probe/a.yaml", text: text}
	f.open(f.uri, text)
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	p := place{strings.Count(text[:at], "\n"), len(utf16.Encode([]rune(line)))}
	list := decode[struct{ Items []item }](c.t, c.call("textDocument/completion", f.at(p)))
	for _, i := range list.Items {
		if strings.TrimSpace(i.Label) == word {
			return true
		}
	}
	return false
}
