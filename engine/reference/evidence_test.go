package reference_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"errand/engine/reference"
	"errand/engine/task"
	"errand/tasks"
)

// Every link on the page leads to a file. A link to a bad definition leads to one that has a
// problem.
func TestLinksOfThePage(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, m := range links.FindAllStringSubmatch(readPage(t), -1) {
		if strings.HasPrefix(m[1], "https://") {
			continue
		}
		file := filepath.Join(filepath.Dir(page), m[1])
		if _, err := os.Stat(file); err != nil {
			t.Errorf("a link leads to no file: %v", err)
		}
		if strings.Contains(file, "testdata/problems/") {
			if _, err := os.Stat(strings.TrimSuffix(file, ".yaml") + ".out"); err != nil {
				t.Errorf("a link: %v", err)
			}
		}
	}
}

// A statement is a sentence in the page's part about the language. It must name a case, or be
// followed by evidence: an example, the result of an example, or a row of a table. So the test
// finds a new sentence without evidence. The paragraph under the title is about the page and needs
// none.
func TestEveryStatementHasEvidence(t *testing.T) {
	language, _ := divide(t, readPage(t))
	statement, unshown, evidence := "", 0, 0
	settle := func() {
		if unshown > evidence {
			t.Errorf("%d sentences name no case, but only %d examples or rows follow them:\n%s", unshown, evidence, statement)
		}
		statement, unshown, evidence = "", 0, 0
	}
	sentences := 0
	for i, block := range blocks(language) {
		switch {
		case i == 1: // under the title
		case strings.HasPrefix(block, "#"), strings.HasPrefix(block, "<!--"):
			settle()
		case strings.HasPrefix(block, "```"):
			evidence++
		case strings.HasPrefix(block, "|"):
			evidence += strings.Count(block, "\n") - 1
		default:
			if evidence > 0 {
				settle()
			}
			statement += block + "\n"
			for _, s := range sentencesOf(block) {
				sentences++
				if !strings.Contains(s, "testdata/") {
					unshown++
				}
			}
		}
	}
	settle()
	if sentences < 70 {
		t.Errorf("there are only %d sentences", sentences)
	}
}

// blocks returns the headings, paragraphs, list items, fenced blocks and tables of a text.
func blocks(text string) []string {
	var all []string
	for len(text) > 0 {
		text = strings.TrimLeft(text, "\n")
		if m := fences.FindString(text); m != "" && strings.HasPrefix(text, m) {
			all, text = append(all, m), text[len(m):]
			continue
		}
		paragraph, rest, _ := strings.Cut(text, "\n\n")
		for i, item := range strings.Split("\n"+paragraph, "\n- ") {
			if item = strings.TrimSpace(item); item != "" || i > 0 {
				all = append(all, item)
			}
		}
		text = rest
	}
	return all
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?]\)?(\s|$)|:$`)
	lead        = regexp.MustCompile(`^\*\*[^*]*\*\* `) // the topic of a paragraph is not a sentence
)

// sentencesOf splits a paragraph into sentences. A link after a full stop belongs to the next
// sentence.
func sentencesOf(paragraph string) []string {
	var all []string
	for rest := lead.ReplaceAllString(paragraph, ""); strings.TrimSpace(rest) != ""; {
		at := sentenceEnd.FindStringIndex(rest)
		if at == nil {
			at = []int{0, len(rest)}
		}
		all, rest = append(all, rest[:at[1]]), rest[at[1]:]
	}
	return all
}

// Every key of the language is in an example.
func TestExamplesHaveEveryKey(t *testing.T) {
	language, _ := divide(t, readPage(t))
	v, schema := newValidator(reference.Schema(tasks.Registry(task.Environment{})))
	b := newBench(t, language)
	for _, m := range fences.FindAllStringSubmatch(language, -1) {
		if m[1] == "yaml" {
			source := b.whole(m[3])
			if fault := v.check(schema, data(t, source), "definition", ""); fault != "" && len(b.problems(source)) == 0 {
				t.Errorf("an example does not fit the JSON Schema: %s\n%s", fault, source)
			}
		}
	}
	for _, key := range keysOf(v, schema) {
		if !v.used[key] {
			t.Errorf("no example has the key %s", key)
		}
	}
}
