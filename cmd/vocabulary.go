package cmd

import (
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
)

// A vocabulary turns texts that are written for errand into those of an Edition: a command that both
// programs have gets the name of the edition.
type vocabulary struct {
	*Edition
	known map[string]bool // every command of errand and of the edition, by its path; true if it opens a home
	named *regexp.Regexp  // matches what may be a command in a text
}

// newVocabulary makes the vocabulary of an edition. commands are those of errand and of the edition.
func newVocabulary(e *Edition, commands []*cli.Command) *vocabulary {
	v := &vocabulary{
		Edition: e, known: map[string]bool{},
		named: regexp.MustCompile(`\b(?:errand|` + regexp.QuoteMeta(e.Name) + `) (?:--help|--version|[a-z]+(?: [a-z]+){0,2})`),
	}
	v.learn("", commands)
	return v
}

func (v *vocabulary) learn(before string, commands []*cli.Command) {
	for _, c := range commands {
		v.known[before+c.Name] = slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return f.Names()[0] == "home" })
		v.learn(before+c.Name+" ", c.Subcommands)
	}
}

// A mention is a command in a text.
type mention struct {
	from, to int    // the text from the name of the program to the end of the path
	path     string // "" for the program itself
	after    string // the text that follows
}

// mentions returns the commands that a text names.
func (v *vocabulary) mentions(text string) (found []mention) {
	for _, at := range v.named.FindAllStringIndex(text, -1) {
		program, words, _ := strings.Cut(text[at[0]:at[1]], " ")
		if strings.HasPrefix(words, "--") {
			found = append(found, mention{at[0], at[0] + len(program), "", text[at[0]+len(program):]})
			continue
		}
		path := ""
		for one := range strings.FieldsSeq(words) {
			longer := strings.TrimSpace(path + " " + one)
			if _, known := v.known[longer]; !known {
				break
			}
			path = longer
		}
		if path != "" {
			end := at[0] + len(program) + 1 + len(path)
			found = append(found, mention{at[0], end, path, text[end:]})
		}
	}
	return found
}

// lacks reports whether the program lacks a command.
func (v *vocabulary) lacks(m mention) bool {
	words := m.words()
	for what := range v.Without {
		if path, flag, isFlag := strings.Cut(what, " --"); isFlag {
			if path == m.path && slices.Contains(words, "--"+flag) {
				return true
			}
		} else if m.path == what || strings.HasPrefix(m.path, what+" ") {
			return true
		}
	}
	if m.path == "help" && len(words) > 0 {
		return slices.ContainsFunc(topics, func(t topic) bool { return t.name == words[0] }) && !slices.Contains(v.Topics, words[0])
	}
	return false
}

// words returns the words that follow the path, up to the end of the command: of its line, of its code in
// Markdown, or of its sentence.
func (m mention) words() []string {
	after := m.after
	if end := strings.IndexAny(after, "`\n;"); end >= 0 {
		after = after[:end]
	}
	words := strings.Fields(after)
	for i, one := range words {
		words[i] = strings.TrimRight(one, ",):.")
	}
	return words
}

// has reports whether the program has every command that a text names.
func (v *vocabulary) has(text string) bool { return !slices.ContainsFunc(v.mentions(text), v.lacks) }

// reword returns a text in which each command that the program has got its name. If the command opens a
// home, the words home follow.
func (v *vocabulary) reword(text string, home []string) string {
	var b strings.Builder
	done := 0
	for _, m := range v.mentions(text) {
		if v.lacks(m) {
			continue
		}
		b.WriteString(text[done:m.from])
		b.WriteString(v.Name)
		if m.path != "" {
			b.WriteString(" " + m.path)
		}
		if len(home) > 0 && v.known[m.path] && !strings.HasPrefix(m.after, " --help") {
			b.WriteString(" " + strings.Join(home, " "))
		}
		done = m.to
	}
	return b.String() + text[done:]
}

// program returns the name of this program.
func (t *terminal) program() string {
	if t.vocabulary == nil {
		return errandName
	}
	return t.vocabulary.Name
}

// errandName is the program that texts are written for.
const errandName = "errand"

// offers reports whether this program has every command that a hint names. A hint that names another
// one is not printed.
func (t *terminal) offers(hint string) bool { return t.vocabulary == nil || t.vocabulary.has(hint) }

// reword returns a text with the name of this program.
func (t *terminal) reword(text string) string {
	if t.vocabulary == nil {
		return text
	}
	return t.vocabulary.reword(text, nil)
}

// worded returns problems whose helps name the commands of this program.
func (t *terminal) worded(problems []diag.Problem) []diag.Problem {
	if t.vocabulary == nil {
		return problems
	}
	all := slices.Clone(problems)
	for i, p := range all {
		if all[i].Help = t.reword(p.Help); !t.offers(p.Help) {
			all[i].Help = ""
		}
	}
	return all
}

// hasWorkers reports whether other processes carry runs on.
func (t *terminal) hasWorkers() bool { return t.vocabulary != nil && t.vocabulary.Workers }
