package cmdtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	printedShell = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)
	placeholder  = regexp.MustCompile(`^[^a-z]*[A-Z]{2,}[^a-z]*$`)
	prose        = strings.Fields("lists shows describes prints explains continues stores adopts tests writes starts changes changed checks without in and makes")
)

// A Printed is a command that a text tells the reader to type.
type Printed struct {
	Program string
	Path    string
	Args    []string
	Refused bool // the reader has to choose between flags, so that this line as a whole must be refused
}

// Line returns the command line.
func (p Printed) Line() string {
	return strings.Join(append([]string{p.Program, p.Path}, p.Args...), " ")
}

// Find returns the commands that a text tells the reader to type. Alternatives such as --approve or
// --reject are commands of their own, and so is the line that has all of them: who pastes it must not
// have chosen one.
func (g Grammar) Find(text string) (found []Printed, wrong []string) {
	program := regexp.MustCompile(`(?:^|[\s(\x60;:,])` + regexp.QuoteMeta(g.Program) + ` (--[a-z]|[a-z])`)
	for line := range strings.Lines(text) {
		for _, at := range program.FindAllStringIndex(line, -1) {
			rest := line[at[0]+strings.Index(line[at[0]:], g.Program+" ")+len(g.Program)+1:]
			if end := strings.IndexAny(rest, "`>$"); end >= 0 {
				rest = rest[:end]
			}
			one, bad := g.command(strings.TrimSpace(rest))
			found = append(found, one...)
			if bad != "" {
				wrong = append(wrong, bad)
			}
		}
	}
	return found, wrong
}

// command reads one command from the beginning of a text. The words after it are prose.
func (g Grammar) command(text string) (found []Printed, wrong string) {
	words := printedShell.FindAllString(text, -1)
	take := func() (word string, ends bool) {
		word, words = words[0], words[1:]
		bare := strings.TrimRight(word, ";,):.")
		return bare, bare != word
	}
	path := ""
	var ends bool
	for len(words) > 0 && !ends {
		if strings.HasPrefix(words[0], "-") {
			break
		}
		before := words
		var word string
		word, ends = take()
		longer := strings.TrimSpace(path + " " + word)
		if _, known := g.Commands[longer]; !known {
			words = before
			ends = false
			break
		}
		path = longer
	}
	w := g.Commands[path]
	if path == "" && (len(words) == 0 || words[0] != "--help" && words[0] != "--version") || path != "" && !w.Acts && (len(words) == 0 || words[0] != "--help") {
		return nil, "there is no such command: " + g.Program + " " + text
	}
	if w.Topics != nil && len(words) > 0 && !ends && !g.explains(words) {
		return nil, "there is no such topic or command: " + g.Program + " " + text
	}
	lines := [][]string{nil}
	add := func(alternatives ...string) {
		var longer [][]string
		for _, line := range lines {
			for _, a := range alternatives {
				longer = append(longer, append(slices.Clone(line), a))
			}
		}
		lines = longer
	}
	names := 0
	for len(words) > 0 && !ends {
		word := strings.TrimRight(words[0], ";,):.")
		switch {
		case word == "--help":
			add(word)
			_, ends = take()
		case len(word) > 1 && word[0] == '-':
			if strings.Contains(word, "|") {
				return nil, fmt.Sprintf("a shell reads | as a pipe, and runs what is before it: %s %s", g.Program, text)
			}
			if flags, length := alternatives(words); length > 1 {
				for _, one := range flags {
					if _, known := w.Values[one]; !known {
						return nil, fmt.Sprintf("%s %s has no flag %s: %s", g.Program, path, one, text)
					}
				}
				found = append(found, Printed{g.Program, path, slices.Concat(lines[0], words[:length]), true})
				add(flags...)
				words = words[length-1:]
				_, ends = take()
				break
			}
			if _, known := w.Values[word]; !known && word != "--" { // the name of the flag is computed
				return nil, fmt.Sprintf("%s %s has no flag %s: %s", g.Program, path, word, text)
			}
			add(word)
			_, ends = take()
			if w.Values[word] && len(words) > 0 && !ends {
				word, ends = take()
				add(word)
			}
		case names < w.Names && !slices.Contains(prose, word):
			names++
			add(word)
			_, ends = take()
		default:
			ends = true
		}
	}
	for _, line := range lines {
		found = append(found, Printed{g.Program, path, line, false})
	}
	return found, ""
}

// explains reports whether help explains what a text names after "help": a topic, a command, or something in
// capitals. Prose may follow the word help.
func (g Grammar) explains(words []string) bool {
	name := strings.TrimRight(words[0], "`;,):.|")
	_, isCommand := g.Commands[name]
	return isCommand || slices.Contains(g.Commands["help"].Topics, name) || slices.Contains(prose, name) || name == strings.ToUpper(name) || strings.HasPrefix(name, "-")
}

// alternatives reads a choice of flags at the beginning of words, such as --done, --retry or --fail. It
// returns the flags, and how many words the choice has; none if there is no choice.
func alternatives(words []string) (flags []string, length int) {
	for at := 0; at < len(words) && strings.HasPrefix(words[at], "--"); at++ {
		flags = append(flags, strings.TrimRight(words[at], ",;):."))
		switch {
		case at > 0 && words[at-1] == "or":
			return flags, at + 1
		case strings.HasSuffix(words[at], ","):
		case at+1 < len(words) && words[at+1] == "or":
			at++
		default:
			return nil, 0
		}
	}
	return nil, 0
}
