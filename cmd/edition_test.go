package cmd

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"errand/tasks"
)

// otherFlags are the flags of an edition, one of each kind.
type otherFlags struct {
	text, standard string
	is             bool
	count          int
	within         time.Duration
}

// other returns a program whose command show prints its flags, and the hint of how to call it again.
func other(f *otherFlags) *Edition {
	return &Edition{
		Name: "other", Purpose: "does other things", Without: map[string]string{
			"backup": "there is nothing to back up", "intake": "there are no tickets", "runs adopt": "there are no copies",
			"runs resume --all": "there is one run", "serve --retain": "everything is kept",
		},
		Topics: []string{"language"},
		Flags: []Flag{
			{Name: "text", Usage: "a `TEXT`", Env: "OTHER_TEXT", To: &f.text},
			{Name: "standard", Usage: "a `TEXT`", To: &f.standard, Default: "as usual"},
			{Name: "is", Usage: "a fact", Env: "OTHER_IS", To: &f.is},
			{Name: "count", Usage: "a `NUMBER`", To: &f.count},
			{Name: "within", Usage: "a `TIME`", To: &f.within, Default: time.Second},
		},
		Commands: []Extra{{
			Name: "again", Usage: "fails", Examples: "other again",
			Run: func(context.Context, *Use) error {
				return &Exit{Code: ExitFailed, Hint: "errand runs list; other again; errand check"}
			},
		}},
	}
}

// NewOther returns a program that lacks some commands, flags and topics of errand, and the function that turns
// texts for errand into its own.
func NewOther() (c *Command, reword func(text string) string) {
	edition := other(&otherFlags{})
	edition.Name = "errand-other" // no word of a sentence
	c = &Command{Stdin: strings.NewReader(""), Connectors: tasks.Connectors, Getenv: func(string) string { return "" }, Edition: edition, terminal: &terminal{}}
	c.commands()
	v := c.terminal.vocabulary
	return c, func(text string) string { return v.reword(text, nil) }
}

// A hint repeats the flags of an edition that say something new, for the commands that have them. Each
// command line begins with the defaults.
func TestHintsRepeatTheFlagsOfAnEdition(t *testing.T) {
	var f otherFlags
	env := map[string]string{"OTHER_TEXT": "a b"}
	c := &Command{Stdin: strings.NewReader(""), Connectors: tasks.Connectors, Getenv: func(name string) string { return env[name] }, Edition: other(&f)}
	for _, test := range []struct{ args, hint string }{
		{"again", "other runs list; other again; other check"},
		{"again --text x --is --count 3 --within 2s --standard y", "other runs list --text x --standard y --is --count 3 --within 2s; other again --text x --standard y --is --count 3 --within 2s; other check"},
		{"again --standard=as --home h", "other runs list --home h --standard as; other again --home h --standard as; other check"},
		{"again --count 0 --within 1s --is=false", "other runs list; other again; other check"},
	} {
		var said bytes.Buffer
		c.Stdout, c.Stderr = &said, &said
		if code := c.Run(t.Context(), strings.Fields(test.args)); code != ExitFailed || said.String() != "  hint: "+test.hint+"\n" {
			t.Errorf("other %s: exit code %d\n%swant %s", test.args, code, said.String(), test.hint)
		}
	}
}

// Texts for errand are turned into those of an edition: only commands get its name, and what it lacks
// keeps that of errand.
func TestRewordForAnEdition(t *testing.T) {
	c := &Command{Connectors: tasks.Connectors, Edition: other(&otherFlags{}), terminal: &terminal{}}
	c.commands()
	v := c.terminal.vocabulary
	for text, want := range map[string]string{
		"errand runs show RUN shows it":           "other runs show --home h RUN shows it",
		"(errand credentials escrow)":             "(other credentials escrow --home h)",
		"`errand check` checks them":              "`other check` checks them",
		"errand run --help explains --again":      "other run --help explains --again",
		"errand --help lists the commands":        "other --help lists the commands",
		"errand backup FILE":                      "errand backup FILE",
		"a newer errand has written it":           "a newer errand has written it",
		"use the newer errand, or another --home": "use the newer errand, or another --home",
		"the tag errand:run, and errand-RUN":      "the tag errand:run, and errand-RUN",
		"$XDG_STATE_HOME/errand":                  "$XDG_STATE_HOME/errand",
		"other again":                             "other again --home h",
		"`errand help intake` explains them":      "`errand help intake` explains them",
		"(errand help backup)":                    "(errand help backup)",
		"`errand help check` explains it":         "`other help check` explains it",
		"`errand serve --retain`":                 "`errand serve --retain`",
		"errand serve --rate 5 --retain 400d":     "errand serve --rate 5 --retain 400d",
		"errand serve --rate 5; then --retain":    "other serve --home h --rate 5; then --retain",
	} {
		if got := v.reword(text, []string{"--home", "h"}); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"errand backup FILE": false, "errand runs list": true, "errand help language": true, "errand help intake": false, "try again": true} {
		if got := v.has(text); got != want {
			t.Errorf("the program has %q: %t", text, got)
		}
	}
}
