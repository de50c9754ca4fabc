package main

import (
	"slices"
	"strings"
	"testing"

	"errand/cmd"
)

// No help of a command, no list of topics and no page of the manual names a command of errand that this
// program has too, and every command that they name exists, with its flags and topics: here, or in errand.
func TestHelpNamesThisProgram(t *testing.T) {
	all := pages(t)
	g := theProgram.Read(all)
	texts := map[string]string{}
	for _, p := range all {
		texts[strings.Join(p.Path, " ")+" --help"] = p.Text
		if p.Usage != "" && len(p.Examples) == 0 {
			t.Errorf("%s has no example", strings.Join(p.Path, " "))
		}
		for _, e := range p.Examples {
			if _, wrong := g.Find(e); len(wrong) > 0 {
				t.Errorf("%s has the example %q: %s", strings.Join(p.Path, " "), e, wrong)
			}
		}
	}
	printed := [][]string{{"help"}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"}, {"version"}}
	for _, topic := range g.Commands["help"].Topics {
		printed = append(printed, []string{"help", topic})
	}
	for _, args := range printed {
		out, said, code := theProgram.Run(t, args...)
		if code != cmd.ExitSucceeded || out == "" {
			t.Errorf("%s: exit code %d\n%s", strings.Join(args, " "), code, said)
		}
		texts[strings.Join(args, " ")] = out
	}
	errand, named := errandItself.Read(errandItself.Pages(t, 40)), 0
	for args, text := range texts {
		if strings.HasPrefix(args, "help ") && strings.Contains(text, "`") { // Markdown, whose prose names no commands
			text = strings.Join(code.FindAllString(text, -1), "\n")
		}
		if args != "help" && !strings.HasPrefix(args, "completion") { // errand is a part of sentences there
			path, _ := strings.CutSuffix(args, " --help")
			commands := withoutLines(text, name+" "+path) // its title, its list and its examples
			found, wrong := g.Find(commands)
			_, others := errand.Find(commands)
			for _, bad := range append(wrong, others...) {
				t.Errorf("%s %s names a command that does not exist: %s", name, args, bad)
			}
			named += len(found)
		}
		if other := theProgram.NamesOther(g, text); other != "" {
			t.Errorf("%s %s names a command of errand: %s", name, args, other)
		}
	}
	if named < 100 {
		t.Errorf("the texts name only %d commands", named)
	}
	if !strings.HasPrefix(texts["version"], name+" ") || !strings.Contains(texts["completion bash"], "complete -F _errand_worker errand-worker") {
		t.Errorf("%s\n%s", texts["version"], texts["completion bash"])
	}
}

// withoutLines returns a text without the lines that begin with a word.
func withoutLines(text, word string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), strings.TrimSpace(word)) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// What the program says about commands and flags is in their help: a key that names nothing would change nothing.
func TestUsageNamesWhatErrandHas(t *testing.T) {
	all := pages(t)
	for key, text := range usage {
		path, flag, isFlag := strings.Cut(" "+key, " --")
		said := 0
		for _, p := range all {
			switch its := strings.Join(p.Path, " "); {
			case path != "" && its != strings.TrimSpace(path), isFlag && !slices.Contains(p.Flags, "--"+flag):
			case isFlag && strings.Contains(p.Text, strings.ReplaceAll(text, "`", "")), !isFlag && strings.HasPrefix(p.Text, name+" "+key+": "+text+"\n"):
				said++
			default:
				t.Errorf("%s %s --help does not say %q", name, its, text)
			}
		}
		if said == 0 {
			t.Errorf("nothing says %s: %q", key, text)
		}
	}
}

// What the program lacks is what errand has: a key that names nothing would change nothing.
func TestWithoutNamesWhatErrandHas(t *testing.T) {
	for what := range without {
		path, flag, isFlag := strings.Cut(what, " --")
		args := strings.Fields(path)
		if isFlag {
			args = append(args, "--"+flag)
			if slices.Contains([]string{"retain", "runs-at-work", "queue"}, flag) {
				args = append(args, "5")
			}
		}
		_, said, code := theProgram.Run(t, args...)
		if code != cmd.ExitUsage || !strings.Contains(said, " here: "+without[what]) {
			t.Errorf("%s %s: exit code %d\n%s", name, strings.Join(args, " "), code, said)
		}
	}
}
