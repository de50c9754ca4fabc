package reference_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"errand/engine/golden"
	"errand/engine/library"
	"errand/tasks"
)

// TestWordsOfDocuments compares the words that the schemas list with those that the code accepts:
// the error about another word lists or suggests them, and each of them is accepted.
func TestWordsOfDocuments(t *testing.T) {
	for path, document := range map[string]string{
		"expect.status":                 "workflow: w\nexpect: {status: WORD}\n",
		"expect.steps.STEP":             "workflow: w\nexpect: {steps: {a: WORD}}\n",
		"decisions.STEP.verdict":        "workflow: w\ndecisions: {a: {verdict: WORD}}\n",
		"decisions.STEP.then[].verdict": "workflow: w\ndecisions: {a: {verdict: done, then: [{verdict: WORD}]}}\n",
	} {
		listed := wordsOf(t, "case.yaml")[path]
		if len(listed) < 5 {
			t.Errorf("%s: the schema lists only %q", path, listed)
		}
		parse := func(word string) error {
			_, err := golden.Parse("case.txtar", []byte("-- case.yaml --\n"+strings.ReplaceAll(document, "WORD", word)))
			return err
		}
		for _, word := range listed {
			if err := parse(word); err != nil {
				t.Errorf("%s: %s: %v", path, word, err)
			}
		}
		if err := parse("zzz"); err == nil || !strings.HasSuffix(err.Error(), "; known are "+strings.Join(listed, ", ")) {
			t.Errorf("%s: the schema lists %q, and the code says: %v", path, listed, err)
		}
	}
}

// TestTyposInWords makes one typing error in a word or in the key of a step that a document names.
// No such document may pass: what Errand does not know is refused, with its line.
func TestTyposInWords(t *testing.T) {
	bench := golden.Bench{Connectors: tasks.Connectors, Library: library.Library{Folder: root + "examples/workflows"}}
	r := rand.New(rand.NewPCG(3, 4))
	typos, inLine, suggested := 0, 0, 0
	var missed []string
	for name := range documentSchemas {
		known := wordsOf(t, name)
		for at := range documentsOf(t, name) {
			text, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range wordsIn(t, text, name, known) {
				wrong := mistyped(r, word.name)
				if letters(wrong) == letters(word.name) || slices.Contains(word.beside, wrong) {
					continue // the step of another item, or another word
				}
				typos++
				lines := strings.Split(string(text), "\n")
				line := lines[word.line-1]
				lines[word.line-1] = line[:word.column-1] + wrong + line[word.column-1+len(word.name):]
				said, passed := judged(t, bench, at, strings.Join(lines, "\n"))
				what := fmt.Sprintf("%s:%d: %s for %s: %s", at, word.line, wrong, word.name, said)
				if passed {
					t.Errorf("the document passes: %s", what)
				}
				hit := strings.Contains(said, fmt.Sprintf("%s:%d: ", at, word.line))
				if hit {
					inLine++
				} else {
					missed = append(missed, what)
				}
				if strings.Contains(said, fmt.Sprintf("did you mean %q?", word.name)) || strings.Contains(said, "known are ") {
					suggested++
				}
			}
		}
	}
	t.Logf("%d typing errors: %d at the right line, %d with the right suggestion", typos, inLine, suggested)
	if typos < 200 || inLine*100 < typos*99 || suggested*100 < typos*90 {
		t.Errorf("of %d typing errors %d are at the right line and %d have a suggestion:\n%s", typos, inLine, suggested, strings.Join(missed[:min(len(missed), 30)], "\n"))
	}
}

// judged runs a case and returns what is wrong with it.
func judged(t *testing.T, bench golden.Bench, file, document string) (said string, passed bool) {
	c, err := golden.Parse(file, []byte(document))
	if err != nil {
		return err.Error(), false
	}
	o, err := bench.Run(t.Context(), c)
	if broken, ok := errors.AsType[*golden.DefinitionError](err); ok {
		t.Fatal(broken)
	}
	if err != nil {
		return err.Error(), false
	}
	wrong := c.Judge(o)
	return strings.Join(wrong, "\n"), len(wrong) == 0
}

func letters(word string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, word)
}

// wordsOf returns the words that the schema of a document lists, by key.
func wordsOf(t *testing.T, name string) map[string][]string {
	page, err := os.ReadFile(testingPage)
	if err != nil {
		t.Fatal(err)
	}
	whole := documentSchema(string(page), name)
	found := map[string][]string{}
	var visit func(in object, path string)
	visit = func(in object, path string) {
		if ref, ok := in["$ref"].(string); ok {
			in = whole["definitions"].(object)[strings.TrimPrefix(ref, "#/definitions/")].(object)
		}
		if listed, ok := in["enum"].([]string); ok {
			found[path] = listed
		}
		properties, _ := in["properties"].(object)
		for key, inner := range properties {
			visit(inner.(object), strings.TrimPrefix(path+"."+key, "."))
		}
		if inner, ok := in["additionalProperties"].(object); ok {
			visit(inner, path+".STEP")
		}
		if inner, ok := in["items"].(object); ok && path != "" {
			visit(inner, path+"[]")
		} else if ok {
			visit(inner, "")
		}
	}
	visit(whole, "")
	return found
}

// stepKeys are the objects of a document whose keys are those of steps.
var stepKeys = []string{"decisions", "expect.steps"}

// wordsIn returns the words in a part of a document, and the keys of steps that it names.
func wordsIn(t *testing.T, document []byte, part string, known map[string][]string) []placedKey {
	line := 1 + strings.Count(string(txtar.Parse(document).Comment), "\n")
	var found []placedKey
	for _, f := range txtar.Parse(document).Files {
		line++
		begins := line
		add := func(n *yaml.Node, beside []string) {
			at := placedKey{n.Value, begins + n.Line - 1, n.Column, beside}
			if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
				at.column++
			}
			found = append(found, at)
		}
		var visit func(n *yaml.Node, path string)
		visit = func(n *yaml.Node, path string) {
			switch n.Kind {
			case yaml.DocumentNode:
				visit(n.Content[0], path)
			case yaml.SequenceNode:
				for _, item := range n.Content {
					if path != "" {
						visit(item, path+"[]")
					} else {
						visit(item, "")
					}
				}
			case yaml.MappingNode:
				for i := 0; i < len(n.Content); i += 2 {
					key := n.Content[i]
					if !slices.Contains(stepKeys, path) {
						visit(n.Content[i+1], strings.TrimPrefix(path+"."+key.Value, "."))
						continue
					}
					add(key, nil)
					visit(n.Content[i+1], path+".STEP")
				}
			case yaml.ScalarNode:
				if listed := known[path]; listed != nil {
					add(n, listed)
				}
			}
		}
		if f.Name == part {
			var whole yaml.Node
			if err := yaml.Unmarshal(f.Data, &whole); err != nil {
				t.Fatal(err)
			}
			visit(&whole, "")
		}
		line += strings.Count(string(f.Data), "\n")
	}
	return found
}
