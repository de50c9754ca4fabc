package cmdtest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Grammar says what may follow the words of each command of a program.
type Grammar struct {
	Program  string             // such as errand
	Commands map[string]Command // by path, such as "runs show"
}

// A Command is what the grammar says about a command.
type Command struct {
	Acts   bool            // false for a group that only holds other commands
	Names  int             // how many names the command takes at most
	Needed int             // how many it needs
	Values map[string]bool // its flags; true if the flag takes a value
	Topics []string        // of the command help: what it takes besides the words of a command
}

var flagLine = regexp.MustCompile(`(?m)^  (--[a-z-]+)( [A-Za-z=1…]+)?(?:, (-[a-z])\b)?`)

// Read reads the grammar from the help of the program.
func (p Program) Read(pages []Page) Grammar {
	g := Grammar{p.Name, map[string]Command{}}
	for _, page := range pages {
		c := Command{Acts: page.Usage != "", Values: map[string]bool{}, Topics: page.Topics}
		usage := strings.TrimSuffix(strings.TrimPrefix(page.Usage, p.Name+" "+strings.Join(page.Path, " ")), " [FLAGS]")
		for word := range strings.FieldsSeq(usage) {
			c.Names++
			if !strings.HasPrefix(word, "[") {
				c.Needed++
			}
		}
		for _, m := range flagLine.FindAllStringSubmatch(Section(page.Text, "Flags"), -1) {
			c.Values[m[1]] = m[2] != ""
			if m[3] != "" {
				c.Values[m[3]] = m[2] != ""
			}
		}
		g.Commands[strings.Join(page.Path, " ")] = c
	}
	return g
}

// Encode and decode carry a grammar to another process.
func (g Grammar) Encode() string {
	var b strings.Builder
	fmt.Fprintln(&b, g.Program)
	for path, c := range g.Commands {
		fmt.Fprintf(&b, "%q %t %d %d", path, c.Acts, c.Names, c.Needed)
		for name, value := range c.Values {
			fmt.Fprintf(&b, " %s=%t", name, value)
		}
		for _, name := range c.Topics {
			fmt.Fprintf(&b, " %s", name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func decode(text string) Grammar {
	program, rest, _ := strings.Cut(text, "\n")
	g := Grammar{program, map[string]Command{}}
	for line := range strings.Lines(rest) {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			panic(err)
		}
		path, _ := strconv.Unquote(quoted)
		fields := strings.Fields(line[len(quoted):])
		c := Command{Values: map[string]bool{}}
		c.Acts = fields[0] == "true"
		c.Names, _ = strconv.Atoi(fields[1])
		c.Needed, _ = strconv.Atoi(fields[2])
		for _, f := range fields[3:] {
			if name, value, isFlag := strings.Cut(f, "="); isFlag {
				c.Values[name] = value == "true"
			} else {
				c.Topics = append(c.Topics, name)
			}
		}
		g.Commands[path] = c
	}
	return g
}
