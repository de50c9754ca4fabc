package cmd

import (
	"encoding/json"
	"strings"

	"errand/engine/pattern"
)

// word returns a text as one word of a shell: in single quotes if a shell would read it otherwise.
func word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

var plainWord = pattern.New(`^[A-Za-z0-9_./:=@%+,-]+$`)

// inputFlag returns the words of a command line that give an input a value that is JSON.
func inputFlag(name string, value []byte) string {
	return "--input " + word(name+"="+inputText(value))
}

// inputText returns the text of a value that is JSON, as a command line gives it to an input.
func inputText(value []byte) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value)
	}
	return text
}

// typed returns the name of a workflow as it must be typed again: with the folder that a flag named.
func (d *definitions) typed(t *terminal, name string) string {
	if d.folder != "" && d.folder != t.getenv("ERRAND_DEFINITIONS") {
		return word(name) + " --definitions " + word(d.folder)
	}
	return word(name)
}

// A homeUser is a command that works on a home.
type homeUser interface{ nameHome() }

// nameHome keeps for the hints which home this command line names.
func (h *homeFlags) nameHome() { h.terminal.home = h.homeWords() }

// homeWords returns the flags of this command line that a further command needs to reach the same
// home with the same key.
func (h *homeFlags) homeWords() []string {
	var words []string
	for _, f := range []struct{ flag, value, variable string }{
		{"--home", h.folder, "ERRAND_HOME"}, {"--key-file", h.keyFile, "ERRAND_KEY_FILE"}, {"--key-command", h.keyCommand, "ERRAND_KEY_COMMAND"},
	} {
		if f.value != "" && f.value != h.getenv(f.variable) {
			words = append(words, f.flag, word(f.value))
		}
	}
	for _, f := range h.further {
		words = append(words, f.words(h.getenv)...)
	}
	return words
}

// atHome returns a hint in which each command that works on a home names the home and the key that
// this command line named. Each command has the name of this program.
func (t *terminal) atHome(hint string) string {
	if t.vocabulary != nil {
		return t.vocabulary.reword(hint, t.home)
	}
	if len(t.home) == 0 {
		return hint
	}
	return homeCommand.Regexp().ReplaceAllStringFunc(hint, func(command string) string { return command + " " + strings.Join(t.home, " ") })
}

var homeCommand = pattern.New(`\berrand (?:(?:runs|credentials) [a-z]+|serve(?: (?:token|audit) [a-z]+| (?:pause|unpause|paused))?)\b`)
