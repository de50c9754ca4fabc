package cmd

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"errand/tasks"
)

// eachCommand visits all commands except the groups, with their full names.
func eachCommand(t *testing.T, visit func(name string, c *cli.Command)) {
	t.Helper()
	c := &Command{Connectors: tasks.Connectors, terminal: &terminal{}}
	visited := 0
	var each func(before string, commands []*cli.Command)
	each = func(before string, commands []*cli.Command) {
		for _, one := range commands {
			if len(one.Subcommands) == 0 {
				visit(before+one.Name, one)
				visited++
			}
			each(before+one.Name+" ", one.Subcommands)
		}
	}
	each("", c.commands())
	if visited < 45 {
		t.Fatalf("only %d commands were visited", visited)
	}
}

// Each flag is stored in a field of its command, so no code looks it up by a name that could be
// wrong. No two flags of a command share a field.
func TestFlagsAreFields(t *testing.T) {
	flags := 0
	eachCommand(t, func(name string, c *cli.Command) {
		used := map[uintptr]string{}
		for _, f := range c.Flags {
			flags++
			to := reflect.ValueOf(f).Elem().FieldByName("Destination")
			if !to.IsValid() || to.IsNil() {
				t.Errorf("errand %s: --%s has no field", name, f.Names()[0])
				continue
			}
			if other := used[to.Pointer()]; other != "" {
				t.Errorf("errand %s: --%s and --%s share a field", name, f.Names()[0], other)
			}
			used[to.Pointer()] = f.Names()[0]
		}
	})
	if flags < 100 {
		t.Errorf("only %d flags", flags)
	}
}

// Every command has a help text with examples. For a wrong flag, the hint is the command line that
// prints this help.
func TestWrongFlagHint(t *testing.T) {
	eachCommand(t, func(name string, c *cli.Command) {
		if c.Usage == "" || c.Description == "" {
			t.Errorf("errand %s has no usage or no examples", name)
		}
		for example := range strings.Lines(c.Description) {
			if !strings.Contains(example, "errand "+name) && !strings.Contains(example, "aws --endpoint-url") {
				t.Errorf("errand %s has the example %q", name, example)
			}
		}
		run := func(args ...string) (int, string) {
			var out bytes.Buffer
			command := &Command{
				Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors,
			}
			return command.Run(t.Context(), args), out.String()
		}
		words := strings.Fields(name)
		code, said := run(append(words, "--no-such-flag")...)
		if hint := "\n  hint: errand " + name + " --help lists the flags\n"; code != ExitUsage || !strings.HasSuffix(said, hint) {
			t.Errorf("errand %s --no-such-flag: exit code %d\n%s", name, code, said)
		}
		if code, said := run(append(words, "--help")...); code != ExitSucceeded || !strings.HasPrefix(said, "errand "+name+": "+c.Usage) {
			t.Errorf("errand %s --help: exit code %d\n%s", name, code, said)
		}
	})
}

// A group lists its commands. For an unknown command, the hint names the nearest one.
func TestGroupsListTheirCommands(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		said string
	}{
		{"runs", ExitSucceeded, "  errand runs list      list runs, the newest first\n"},
		{"credentials", ExitSucceeded, "  errand credentials rotate    make a new data key"},
		{"serve --help", ExitSucceeded, "  errand serve token     make, list and revoke tokens\n"},
		{"serve token", ExitSucceeded, "  errand serve token add       make a token and print it, once\n"},
		{"serve token --help", ExitSucceeded, "errand serve token COMMAND --help explains a command.\n"},
		{"serve token revok", ExitUsage, "errand: there is no command \"serve token revok\"\n  hint: did you mean \"revoke\"?\n"},
		{"serve verify", ExitUsage, "errand: there is no command \"serve verify\"\n  hint: errand serve audit verify --help explains the command of serve audit\n"},
		{"revoke", ExitUsage, "errand: there is no command \"revoke\"\n  hint: errand serve token revoke --help explains the command of serve token\n"},
		{"runs --help", ExitSucceeded, "errand runs COMMAND --help explains a command.\n"},
		{"runs shw", ExitUsage, "errand: there is no command \"runs shw\"\n  hint: did you mean \"show\"?\n"},
		{"credentials quite-another", ExitUsage, "  hint: known are add, edit, list, show,"},
		{"rnu", ExitUsage, "errand: there is no command \"rnu\"\n  hint: did you mean \"run\"?\n"},
	} {
		var out bytes.Buffer
		command := &Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		if code := command.Run(t.Context(), strings.Fields(c.args)); code != c.code || !strings.Contains(out.String(), c.said) {
			t.Errorf("errand %s: exit code %d\n%s", c.args, code, out.String())
		}
	}
}
