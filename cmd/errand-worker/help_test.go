package main

import (
	"slices"
	"strings"
	"testing"

	"errand/cmd"
)

// No help of a command, no list of topics and no page of the manual names a command of errand that this
// program has too, and every command that they name works here.
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
	for _, args := range [][]string{{"help"}, {"help", "language"}, {"help", "uncertain"}, {"help", "temporal"}, {"help", "tokens"}, {"help", "openid"}, {"help", "errand-worker@.service"}, {"help", "Containerfile"}, {"help", "compose.yaml"}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"}, {"version"}} {
		out, said, code := theProgram.Run(t, args...)
		if code != cmd.ExitSucceeded || out == "" {
			t.Errorf("%s: exit code %d\n%s", strings.Join(args, " "), code, said)
		}
		texts[strings.Join(args, " ")] = out
	}
	for args, text := range texts {
		if other := theProgram.NamesOther(g, text); other != "" {
			t.Errorf("%s %s names a command of errand: %s", name, args, other)
		}
	}
	if !strings.HasPrefix(texts["version"], name+" ") || !strings.Contains(texts["completion bash"], "complete -F _errand_worker errand-worker") {
		t.Errorf("%s\n%s", texts["version"], texts["completion bash"])
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
