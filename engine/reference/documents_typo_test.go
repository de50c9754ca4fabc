package reference_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"errand/engine/golden"
	"errand/tasks"
)

// TestTyposInDocuments makes one typing error in a key of a case, of its mocks or of its world, and
// reads the document. The error must name the line, and suggest the key that was meant.
func TestTyposInDocuments(t *testing.T) {
	page, err := os.ReadFile(testingPage)
	if err != nil {
		t.Fatal(err)
	}
	bench := golden.Bench{Connectors: tasks.Connectors, Definition: []byte("workflow: look\nsteps: [{task: worklog.format, with: {heading: a}}]\n")}
	r := rand.New(rand.NewPCG(1, 2))
	typos, inLine, suggested := 0, 0, 0
	var missed []string
	for name := range documentSchemas {
		known := documentedKeys(t, string(page), name)
		for at := range documentsOf(t, name) {
			text, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range keysIn(t, text, name, known) {
				wrong := mistyped(r, key.name)
				if wrong == key.name || slices.ContainsFunc(key.beside, func(other string) bool { return other == wrong }) {
					continue
				}
				typos++
				lines := strings.Split(string(text), "\n")
				line := lines[key.line-1]
				lines[key.line-1] = line[:key.column-1] + wrong + line[key.column-1+len(key.name):]
				c, err := golden.Parse("case.txtar", []byte(strings.Join(lines, "\n")))
				if err == nil {
					_, err = bench.Run(t.Context(), c)
				}
				said := fmt.Sprint(err)
				hit := strings.Contains(said, fmt.Sprintf("case.txtar:%d: ", key.line))
				if hit {
					inLine++
				}
				if strings.Contains(said, fmt.Sprintf("did you mean %q?", key.name)) {
					suggested++
				} else {
					missed = append(missed, fmt.Sprintf("%s %s:%d: %s for %s: %s", at, name, key.line, wrong, key.name, said))
				}
				if !hit {
					missed = append(missed, fmt.Sprintf("%s %s:%d: %s for %s: another line: %s", at, name, key.line, wrong, key.name, said))
				}
			}
		}
	}
	t.Logf("%d typing errors: %d at the right line, %d with the right suggestion", typos, inLine, suggested)
	if typos < 1000 || inLine*100 < typos*99 || suggested*100 < typos*95 {
		t.Errorf("of %d typing errors %d are at the right line and %d have the right suggestion:\n%s", typos, inLine, suggested, strings.Join(missed[:min(len(missed), 30)], "\n"))
	}
}

// A placedKey is a key that stands in a document.
type placedKey struct {
	name         string
	line, column int      // in the document
	beside       []string // the other keys that are known there
}

// keysIn returns the keys of a part of a document that its table describes.
func keysIn(t *testing.T, document []byte, part string, known map[string]string) []placedKey {
	line := 1 + strings.Count(string(txtar.Parse(document).Comment), "\n")
	var found []placedKey
	for _, f := range txtar.Parse(document).Files {
		line++
		if f.Name == part {
			var root yaml.Node
			if err := yaml.Unmarshal(f.Data, &root); err != nil {
				t.Fatal(err)
			}
			collect(&root, "", known, func(n *yaml.Node, path string) {
				before, _, nested := cutLast(path)
				var beside []string
				for other := range known {
					if b, last, n := cutLast(other); b == before && n == nested {
						beside = append(beside, last)
					}
				}
				found = append(found, placedKey{n.Value, line + n.Line - 1, n.Column, beside})
			})
		}
		line += strings.Count(string(f.Data), "\n")
	}
	return found
}

func cutLast(path string) (before, last string, nested bool) {
	i := strings.LastIndex(path, ".")
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// collect visits the described keys below a node.
func collect(n *yaml.Node, path string, known map[string]string, visit func(*yaml.Node, string)) {
	switch n.Kind {
	case yaml.DocumentNode:
		collect(n.Content[0], path, known, visit)
	case yaml.SequenceNode:
		if path != "" {
			path += "[]"
		}
		for _, item := range n.Content {
			collect(item, path, known, visit)
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			full := strings.TrimPrefix(path+"."+key.Value, ".")
			if _, described := known[full]; !described {
				collect(value, path+".STEP", known, visit)
				continue
			}
			if key.Style == 0 && key.Column > 0 {
				visit(key, full)
			}
			collect(value, full, known, visit)
		}
	}
}

// mistyped returns a word with one typing error: a letter is missing, doubled, another one, or
// exchanged with the next.
func mistyped(r *rand.Rand, word string) string {
	i := r.IntN(len(word))
	switch r.IntN(4) {
	case 0:
		if len(word) > 3 {
			return word[:i] + word[i+1:]
		}
	case 1:
		return word[:i] + word[i:i+1] + word[i:]
	case 2:
		return word[:i] + string(rune('a'+r.IntN(26))) + word[i+1:]
	}
	if i+1 < len(word) {
		return word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:]
	}
	return word[:i] + word[i:i+1] + word[i:]
}
