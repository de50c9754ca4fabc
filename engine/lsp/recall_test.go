package lsp_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"errand/engine/program"
)

// wordsOfLanguage are what an editor should propose where they stand: keys, task types, and names in expressions behind a dot.
var wordsOfLanguage = regexp.MustCompile(`(?m)^ *(?:- )*([a-z_]+):(?: |$)|[{,] *([a-z_]+): |^ *(?:- )?(?:task|workflow): (\S+)$|` +
	`\b(?:inputs|steps|request|run|result|failure)(?:\.[a-z_0-9]+)*\.([a-z_0-9]+)`)

// unguided are definitions with words that nobody can know: members of objects that are open, data, and anchors.
var unguided = []string{"anchors-and-aliases.yaml", "literal-braces.yaml", "nested-data.yaml", "objects.yaml", "yaml-traps-quoted.yaml"}

// Every definition without problems is written anew: at each of its words, with nothing behind it yet, and with the word missing in the
// whole, the word is proposed. What is the author's own to name is left out.
func TestWhatIsWrittenNextIsProposed(t *testing.T) {
	c := start(t)
	asked := 0
	for _, one := range realOnes(t) {
		text := one.text
		_, problems := program.Loader{Registry: registry}.Load(stem(one.file), []byte(text))
		if len(problems) > 0 || slices.Contains(unguided, one.file) {
			continue
		}
		for _, m := range wordsOfLanguage.FindAllStringSubmatchIndex(text, -1) {
			for group := 1; group < len(m)/2; group++ {
				from, to := m[2*group], m[2*group+1]
				if from < 0 || group < 3 && own(text, from) {
					continue
				}
				for _, written := range []string{text[:from], text[:from] + text[to:]} {
					if asked++; !c.proposes(written, from, text[from:to]) {
						t.Errorf("%s, line %d: %q is not proposed behind %q", one.file, 1+strings.Count(text[:from], "\n"), text[from:to], written[:from])
					}
				}
			}
		}
	}
	if asked < 2000 {
		t.Errorf("only %d words were asked for", asked)
	}
}

func stem(file string) string { return strings.TrimSuffix(file, ".yaml") }

// holders are the keys whose value stands below them.
var holders = []string{
	"inputs", "defaults", "retry", "steps", "with", "fields", "else", "parallel", "switch", "approval", "undo", "on_failure", "finally",
	"outputs", "for_each", "attributes",
}

// own tells whether a key is the author's: the name of an input, an output or a branch, or data.
func own(text string, at int) bool {
	before := text[:at]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	indent := len(line) - len(strings.TrimLeft(line, " "))
	rest, _, _ := strings.Cut(text[at:], "\n")
	top := ""
	for l := range strings.Lines(before) {
		if l[0] >= 'a' && l[0] <= 'z' {
			top, _, _ = strings.Cut(l, ":")
		}
	}
	switch {
	case (top == "inputs" || top == "outputs" || top == "credentials") && strings.TrimSpace(line) == "" && indent == 2:
		return true
	case top == "outputs" || strings.Contains(line, "default:") || strings.Contains(line, "fields:") || strings.Contains(line, "Lines"):
		return true
	}
	key, holds := strings.CutSuffix(rest, ":")
	return holds && !slices.Contains(holders, key) // a branch
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
