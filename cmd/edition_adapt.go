package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// adapt makes the commands of errand those of the edition. It changes them in place.
func (v *vocabulary) adapt(before string, commands []*cli.Command) {
	for _, c := range commands {
		path := before + c.Name
		if _, lacks := v.Without[path]; lacks {
			*c = *v.refusal(path, c.Name)
			continue
		}
		c.Usage = v.usage(c.Usage, path)
		c.ArgsUsage = v.alternatives(path, c.ArgsUsage)
		c.Description = v.examples(c.Description)
		c.CustomHelpTemplate = v.reword(c.CustomHelpTemplate, nil)
		var lacking []string
		for _, f := range c.Flags {
			name := f.Names()[0]
			_, lacks := v.Without[path+" --"+name]
			if lacks {
				lacking = append(lacking, name)
			}
			edit(f, func(usage *string, hidden *bool) {
				*usage = v.usage(*usage, path+" --"+name, "--"+name)
				*hidden = *hidden || lacks
			})
		}
		if action := c.Action; len(lacking) > 0 {
			c.Action = func(x *cli.Context) error {
				for _, name := range lacking {
					if x.IsSet(name) {
						return v.without(path + " --" + name)
					}
				}
				return action(x)
			}
		}
		v.adapt(path+" ", c.Subcommands)
	}
}

// usage returns what the first of the keys does in this program, or else in errand.
func (v *vocabulary) usage(inErrand string, keys ...string) string {
	for _, key := range keys {
		if differs, ok := v.Edition.Usage[key]; ok {
			return differs
		}
	}
	return v.reword(inErrand, nil)
}

// alternatives returns the arguments of a command, such as "RUN|REQUEST|--all", without the flags that the
// program lacks.
func (v *vocabulary) alternatives(path, arguments string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(arguments, "|"), func(one string) bool {
		_, lacks := v.Without[path+" "+one]
		return lacks
	}), "|")
}

// edit changes the usage of a flag and whether it is hidden.
func edit(f cli.Flag, change func(usage *string, hidden *bool)) {
	switch f := f.(type) {
	case *cli.StringFlag:
		change(&f.Usage, &f.Hidden)
	case *cli.StringSliceFlag:
		change(&f.Usage, &f.Hidden)
	case *cli.BoolFlag:
		change(&f.Usage, &f.Hidden)
	case *cli.IntFlag:
		change(&f.Usage, &f.Hidden)
	case *cli.Float64Flag:
		change(&f.Usage, &f.Hidden)
	case *cli.DurationFlag:
		change(&f.Usage, &f.Hidden)
	default:
		panic(fmt.Sprintf("--%s is a %T", f.Names()[0], f))
	}
}

// refusal returns a command that no help lists and that says why it is refused.
func (v *vocabulary) refusal(path, name string) *cli.Command {
	return &cli.Command{
		Name: name, Hidden: true, SkipFlagParsing: true, HideHelp: true, HideHelpCommand: true,
		Action: func(*cli.Context) error { return v.without(path) },
	}
}

// without is the error for what the program lacks.
func (v *vocabulary) without(what string) error {
	path, flag, isFlag := strings.Cut(what, " --")
	if isFlag {
		return &Exit{Code: ExitUsage, Message: fmt.Sprintf("%q has no flag --%s here: %s", path, flag, v.Without[what]), Hint: v.Name + " " + path + " --help lists the flags"}
	}
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no command %q here: %s", path, v.Without[what]), Hint: v.Name + " --help lists the commands"}
}

// examples returns those lines of examples that the program has.
func (v *vocabulary) examples(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		if v.has(line) {
			kept = append(kept, v.reword(line, nil))
		}
	}
	return strings.Join(kept, "\n")
}

// visible returns the commands that help lists.
func visible(commands []*cli.Command) (shown []*cli.Command) {
	for _, c := range commands {
		if !c.Hidden {
			shown = append(shown, c)
		}
	}
	return shown
}
