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

// Every link of the page leads to a file, and one to a definition that is wrong leads to one of which something is said.
func TestLinksOfThePage(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, m := range links.FindAllStringSubmatch(readPage(t), -1) {
		if strings.HasPrefix(m[1], "https://") {
			continue
		}
		file := filepath.Join(filepath.Dir(page), m[1])
		if _, err := os.Stat(file); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
		if strings.Contains(file, "testdata/problems/") {
			if _, err := os.Stat(strings.TrimSuffix(file, ".yaml") + ".out"); err != nil {
				t.Errorf("a link: %v", err)
			}
		}
	}
}

// A statement is a sentence of the page's language part. Each either names a case, or has its own evidence below it: an example, what comes
// of one, or a row of a table. So a sentence more, without evidence, is found. The paragraph under the title tells of the page itself.
func TestEveryStatementHasEvidence(t *testing.T) {
	language, _ := divide(t, readPage(t))
	statement, unshown, evidence := "", 0, 0
	settle := func() {
		if unshown > evidence {
			t.Errorf("%d sentences name no case, and %d examples or rows follow them:\n%s", unshown, evidence, statement)
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

// blocks are the headings, paragraphs, items of lists, fenced blocks and tables of a text.
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
	lead        = regexp.MustCompile(`^\*\*[^*]*\*\* `) // what a paragraph is about is no sentence
)

// sentencesOf cuts a paragraph at the ends of its sentences. A link behind the full stop would belong to the next one.
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
