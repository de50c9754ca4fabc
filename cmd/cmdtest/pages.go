// Package cmdtest tests the programs of package cmd: it reads their help, and types the commands that
// they print. A program need not be called errand.
//
// In reading order: pages.go (the help of a program), grammar.go (what may be typed, as the help says),
// printed.go (commands in texts), hints.go (a program that types the commands that it prints), examples.go
// (examples on a page), bash.go (a page whose commands bash carries out), standins.go (what a page shows in place
// of what differs).
package cmdtest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/cmd"
)

// A Program is a program under test.
type Program struct {
	Name string // such as errand
	// Run carries out a command line in this process.
	Run func(t *testing.T, args ...string) (stdout, stderr string, code int)
}

// A Page is what `PROGRAM … --help` prints about a command.
type Page struct {
	Path     []string // such as runs show
	Text     string
	Usage    string // what follows "Usage: "; empty for a group
	Examples []string
	Flags    []string // such as --home, -o
	Topics   []string // what `PROGRAM help` prints besides the help of commands; only of the command help
}

var (
	usageLine   = regexp.MustCompile(`(?m)^Usage: (.*)$`)
	listedTopic = regexp.MustCompile(`(?m)^  ([A-Za-z@.-]+)  +\S`)
	listedFlag  = regexp.MustCompile(`(?m)^  (--[a-z-]+)(?:[^,]*, (-[a-z])\b)?`)
)

// listed matches a command in a list of commands.
func (p Program) listed() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^  (?:` + regexp.QuoteMeta(p.Name) + ` )?([a-z]+(?: [a-z]+)*) +\S`)
}

// Section returns the indented lines that follow a title.
func Section(text, title string) string {
	_, rest, _ := strings.Cut(text, "\n"+title+":\n")
	rest, _, _ = strings.Cut(rest, "\n\n")
	rest, _, _ = strings.Cut(rest, "\nUsage: ")
	return rest + "\n"
}

// Pages returns the help of the program, and of each command and group that it lists. There must be at
// least the given number.
func (p Program) Pages(t *testing.T, least int) []Page {
	t.Helper()
	listed := p.listed()
	pages := []Page{p.page(t)}
	for i := 0; i < len(pages); i++ {
		for _, m := range listed.FindAllStringSubmatch(Section(pages[i].Text, "Commands"), -1) {
			pages = append(pages, p.page(t, strings.Fields(m[1])...))
		}
	}
	if len(pages) < least {
		t.Fatalf("the help lists only %d commands", len(pages))
	}
	return pages
}

func (p Program) page(t *testing.T, path ...string) Page {
	t.Helper()
	text, _, code := p.Run(t, append(slices.Clone(path), "--help")...)
	if code != cmd.ExitSucceeded {
		t.Fatalf("%s %s --help: exit code %d", p.Name, strings.Join(path, " "), code)
	}
	page := Page{Path: path, Text: text}
	if m := usageLine.FindStringSubmatch(text); m != nil {
		page.Usage = m[1]
	}
	for line := range strings.Lines(Section(text, "Examples")) {
		if line = strings.TrimSpace(line); line != "" {
			page.Examples = append(page.Examples, line)
		}
	}
	if strings.Join(path, " ") == "help" {
		list, _, _ := p.Run(t, "help")
		for _, m := range listedTopic.FindAllStringSubmatch(list, -1) {
			page.Topics = append(page.Topics, m[1])
		}
		if len(page.Topics) == 0 {
			t.Fatalf("%s help lists no topics:\n%s", p.Name, list)
		}
	}
	for _, m := range listedFlag.FindAllStringSubmatch(Section(text, "Flags"), -1) {
		page.Flags = append(page.Flags, m[1:]...)
	}
	return page
}

// NamesOther returns the first place at which a text names a command that the program has, under the name
// of errand, or "".
func (p Program) NamesOther(g Grammar, text string) string {
	if p.Name == "errand" {
		return ""
	}
	for _, at := range errandWord.FindAllStringIndex(text, -1) {
		rest := text[at[0]+strings.Index(text[at[0]:], "errand ")+len("errand "):]
		first, _, _ := strings.Cut(rest, " ")
		first = strings.TrimRight(first, "`;,):.\n")
		if first == "help" && !g.explains(append(strings.Fields(rest)[1:], "TOPIC")) {
			continue // a page of errand only
		}
		if _, has := g.Commands[first]; has || strings.HasPrefix(first, "--") {
			line, _, _ := strings.Cut(text[at[0]:], "\n")
			return strings.TrimSpace(line)
		}
	}
	return ""
}

var errandWord = regexp.MustCompile(`(?:^|[\s(\x60;:,>])errand (--[a-z]|[a-z])`)
