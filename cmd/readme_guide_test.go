package cmd_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine/task"
	"errand/tasks"
)

// Every page of the operator's guide is carried out, is a topic of `errand help`, and
// is linked from the first page.
func TestGuidePages(t *testing.T) {
	const folder = "../examples/operations"
	first, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil || len(files) < 5 {
		t.Fatalf("the pages are %q: %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if page := "examples/operations/" + name; !slices.Contains(pages, page) && page != temporalPage {
			t.Errorf("%s is not carried out", name)
		}
		topic := strings.TrimSuffix(name, ".md")
		if name == "README.md" {
			topic = "operations"
		} else if !bytes.Contains(first, []byte("]("+name+")")) {
			t.Errorf("README.md has no link to %s", name)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		c := &cmd.Command{Stdout: &out, Stderr: io.Discard, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		if c.Run(t.Context(), []string{"help", topic}); !bytes.Equal(out.Bytes(), text) {
			t.Errorf("errand help %s does not print %s", topic, name)
		}
	}
}

// `errand help` prints each file that a page of the guide has a link to, so the program alone is
// enough for an installation.
func TestGuideFiles(t *testing.T) {
	const folder = "../examples/operations"
	printed := 0
	for _, page := range append([]string{temporalPage}, pages...) {
		if filepath.Dir(page) != "examples/operations" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if m[1] == "" || strings.HasPrefix(m[1], "https://") || filepath.Ext(m[1]) == ".md" || !filepath.IsLocal(m[1]) {
				continue
			}
			file, err := os.ReadFile(filepath.Join(folder, m[1]))
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(m[1]) == ".png" { // a terminal shows no picture
				continue
			}
			var out bytes.Buffer
			c := &cmd.Command{Stdout: &out, Stderr: io.Discard, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
			if c.Run(t.Context(), []string{"help", filepath.Base(m[1])}); !bytes.Equal(out.Bytes(), file) {
				t.Errorf("%s: errand help %s does not print %s", page, filepath.Base(m[1]), m[1])
			}
			printed++
		}
	}
	if printed < 6 {
		t.Errorf("the pages have links to only %d files", printed)
	}
}

// The page about crashes lists every task type once, in the row of its effect.
func TestGuideListsEveryEffect(t *testing.T) {
	text, err := os.ReadFile("../examples/operations/crashes.md")
	if err != nil {
		t.Fatal(err)
	}
	effects, names := regexp.MustCompile(`\*([A-Z][a-z]+)\*`), regexp.MustCompile("`([a-z0-9]+\\.[a-z_]+)`")
	rows := map[string][]string{} // the effects of the row in which a task is listed
	times := map[string]int{}     // how often a task is listed
	for _, row := range regexp.MustCompile(`(?m)^\| (\*[^|]*) \|[^|]*\|([^|]*)\|$`).FindAllStringSubmatch(string(text), -1) {
		for _, name := range names.FindAllStringSubmatch(row[2], -1) {
			times[name[1]]++
			for _, effect := range effects.FindAllStringSubmatch(row[1], -1) {
				rows[name[1]] = append(rows[name[1]], strings.ToLower(effect[1]))
			}
		}
	}
	for _, connector := range tasks.Connectors(task.Environment{}) {
		for _, of := range connector.Types {
			if !slices.Contains(rows[of.Name], string(of.Effect)) || times[of.Name] != 1 {
				t.Errorf("%s, which is %s, is listed %d times, as %q", of.Name, of.Effect, times[of.Name], rows[of.Name])
			}
			delete(times, of.Name)
		}
	}
	if len(times) > 0 {
		t.Errorf("the page lists tasks that do not exist: %v", times)
	}
}
