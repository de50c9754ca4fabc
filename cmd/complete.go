package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// A candidate is a word that can stand at a place of a command line.
type candidate struct {
	word  string
	about string // for people; may be empty
}

// files is the candidate that stands for every file.
var files = candidate{word: ":files"}

// A partial is a command line of which one word is missing or not complete.
type partial struct {
	names   []string // the names before that word
	current string   // the beginning of the word
	flag    string   // the flag, without dashes, whose value the word is; empty if it is a name or a flag
	found   []candidate
}

// completing is the key of the partial in the metadata of the app.
const completing = "completing"

// A wordCompleter is a command that knows which names can follow.
type wordCompleter interface {
	words(ctx context.Context, p *partial) []candidate
}

// A valueCompleter is a command that knows values of its flags. Others are known for all commands.
type valueCompleter interface {
	values(ctx context.Context, p *partial) []candidate
}

// complete prints the words that can stand at a place; completeWord says in which form. It changes
// nothing and says nothing else.
func (c *Command) complete(ctx context.Context, app *cli.App, args []string) {
	if len(args) == 0 {
		return
	}
	c.terminal.stderr = io.Discard
	p := &partial{current: strings.TrimPrefix(args[0], "=")}
	l := readLine(app, args[1:])
	if l.pending != "" {
		p.flag = strings.TrimLeft(l.pending, "-")
		l.flags = l.flags[:len(l.flags)-1]
	}
	prefix := ""
	if flag, value, ok := strings.Cut(p.current, "="); ok && p.flag == "" && strings.HasPrefix(flag, "-") {
		p.flag, p.current, prefix = strings.TrimLeft(flag, "-"), value, flag+"="
	}
	p.names = l.names
	switch {
	case l.command != nil && len(l.command.Subcommands) > 0:
		p.offerCommands(l, l.command.Subcommands)
	case l.command != nil:
		l.asksHelp = false
		app.Metadata = map[string]any{completing: p}
		app.ErrWriter, app.Writer = io.Discard, io.Discard
		_ = app.RunContext(ctx, append([]string{app.Name}, l.args()...)) // a wrong flag has no candidates
	case len(l.before) == 0:
		p.offerCommands(l, app.Commands)
	}
	for _, found := range p.found {
		if found == files {
			fmt.Fprintln(c.terminal.stdout, found.word)
		} else if strings.HasPrefix(found.word, p.current) {
			fmt.Fprintln(c.terminal.stdout, strings.TrimRight(prefix+found.word+"\t"+strings.Join(strings.Fields(found.about), " "), "\t"))
		}
	}
}

// offerCommands offers the commands of a group or of the program.
func (p *partial) offerCommands(l line, commands []*cli.Command) {
	switch {
	case p.flag != "" || len(l.names) > 0:
	case strings.HasPrefix(p.current, "-"):
		p.found = []candidate{{"--help", "show help"}}
		if l.command == nil {
			p.found = append(p.found, candidate{"--version", "print the version"})
		}
	default:
		p.found = commandWords(commands)
	}
}

// offer offers flags, values of a flag, or names of a command whose flags are set.
func (p *partial) offer(ctx context.Context, c command, known []cli.Flag) {
	known = slices.DeleteFunc(slices.Clone(known), func(f cli.Flag) bool { return f == cli.HelpFlag }) // offered last
	switch {
	case p.flag != "":
		p.found = p.valuesOf(ctx, c, known)
	case strings.HasPrefix(p.current, "-"):
		for _, f := range known {
			for _, name := range f.Names() {
				if len(name) > 1 {
					p.found = append(p.found, candidate{"--" + name, usageOf(f)})
				} else {
					p.found = append(p.found, candidate{"-" + name, usageOf(f)})
				}
			}
		}
		p.found = append(p.found, candidate{"--help", "show help"})
	default:
		if w, ok := c.(wordCompleter); ok {
			p.found = w.words(ctx, p)
		}
	}
}

// valuesOf returns the values of the flag that the partial names.
func (p *partial) valuesOf(ctx context.Context, c command, known []cli.Flag) []candidate {
	at := slices.IndexFunc(known, func(f cli.Flag) bool { return slices.Contains(f.Names(), p.flag) })
	if at < 0 {
		return nil
	}
	p.flag = known[at].Names()[0]
	if v, ok := c.(valueCompleter); ok {
		if found := v.values(ctx, p); found != nil {
			return found
		}
	}
	usage := known[at].(cli.DocGenerationFlag).GetUsage()
	switch {
	case p.flag == "output":
		return plainWords("text", "json")
	case strings.Contains(usage, "`FILE`") || strings.Contains(usage, "`DIR`"):
		return []candidate{files}
	}
	return nil
}

// usageOf returns what a flag is about, in a line.
func usageOf(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	return strings.ReplaceAll(d.GetUsage(), "`", "")
}

// first returns the candidates if no name stands before the word.
func (p *partial) first(found []candidate) []candidate {
	if len(p.names) > 0 {
		return nil
	}
	return found
}

func commandWords(commands []*cli.Command) []candidate {
	var found []candidate
	for _, c := range visible(commands) {
		found = append(found, candidate{c.Name, c.Usage})
	}
	return found
}

func plainWords[T ~string](words ...T) []candidate {
	var found []candidate
	for _, word := range words {
		found = append(found, candidate{word: string(word)})
	}
	return found
}
