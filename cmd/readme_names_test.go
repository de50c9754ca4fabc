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
	"errand/tasks"
)

var (
	command = regexp.MustCompile("(?m)(?:^|`|\\$ |[ (])errand ([a-z]+)\\b(?: ([a-z]+)\\b)?(?: ([a-z]+)\\b)?")
	flag    = regexp.MustCompile(`(?:^|[ \x60(|\[])(--[a-z][a-z-]+)`)
	code    = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]+`")
	link    = regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Every command, flag and file that a page names exists.
func TestReadmeNamesWhatExists(t *testing.T) {
	help := func(args ...string) (string, bool) {
		var out bytes.Buffer
		c := &cmd.Command{Stdout: &out, Stderr: io.Discard, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		ok := c.Run(t.Context(), append([]string{"help"}, args...)) == cmd.ExitSucceeded
		return out.String(), ok
	}
	flags := map[string]bool{"--help": true}
	note := func(text string) {
		for _, m := range flag.FindAllStringSubmatch(text, -1) {
			flags[m[1]] = true
		}
	}
	g := theProgram.Read(helpPages(t))
	names := map[string]bool{}
	for _, page := range append([]string{"definitions/README.md", "definitions/EDITORS.md", temporalPage}, pages...) {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		checkLinks(t, page, string(text))
		for _, part := range code.FindAllString(string(text), -1) {
			if _, wrong := g.Find(part); len(wrong) > 0 {
				t.Errorf("%s: %s", page, strings.Join(wrong, "\n"))
			}
			for _, m := range command.FindAllStringSubmatch(part, -1) {
				names[m[1]] = true
				all, ok := help(m[1])
				if !ok {
					t.Errorf("%s: there is no command %q: %s", page, m[1], part)
				}
				note(all)
				if all, ok = help(m[1], m[2]); m[2] != "" && ok {
					note(all)
				} else if slices.Contains([]string{"runs", "credentials", "serve"}, m[1]) && m[2] != "" {
					t.Errorf("%s: there is no command %q: %s", page, m[1]+" "+m[2], part)
				}
				if all, ok = help(m[1:]...); m[3] != "" && ok {
					note(all)
				} else if slices.Contains([]string{"serve token", "serve audit"}, m[1]+" "+m[2]) && m[3] != "" {
					t.Errorf("%s: there is no command %q: %s", page, strings.Join(m[1:], " "), part)
				}
			}
		}
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range code.FindAllString(string(text), -1) {
			for _, m := range flag.FindAllStringSubmatch(part, -1) {
				if !flags[m[1]] {
					t.Errorf("%s: there is no flag %q: %s", page, m[1], part)
				}
			}
		}
	}
	if len(names) < 10 {
		t.Errorf("the pages name only %d commands", len(names))
	}
}

// checkLinks reports links of a page to a file or a heading that does not exist.
func checkLinks(t *testing.T, page, text string) {
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "https://") {
			continue
		}
		target := filepath.Join("..", page)
		if m[1] != "" {
			target = filepath.Join("..", filepath.Dir(page), m[1])
		}
		if _, err := os.Stat(target); err != nil {
			t.Errorf("%s: a link to a missing file: %v", page, err)
			continue
		}
		if m[2] == "" {
			continue
		}
		there, err := os.ReadFile(target)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(heading.FindAllSubmatch(there, -1), func(h [][]byte) bool { return anchor(string(h[1])) == m[2] }) {
			t.Errorf("%s: a link to a missing heading: %s#%s", page, m[1], m[2])
		}
	}
}

// anchor returns the name by which a link refers to a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
