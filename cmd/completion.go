package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completions are scripts that call the program to complete a word. With --generate-bash-completion
// as the last argument, the program prints one line for each possible word.
var completions = map[string]string{
	"bash": `_errand() {
  local words
  if [[ "${COMP_WORDS[COMP_CWORD]}" == -* ]]; then
    words=$("${COMP_WORDS[@]:0:COMP_CWORD}" "${COMP_WORDS[COMP_CWORD]}" --generate-bash-completion 2>/dev/null)
  else
    words=$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)
  fi
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _errand errand
`,
	"zsh": `#compdef errand
_errand() {
  local -a words
  words=("${(@f)$(${words[@]:0:$CURRENT-1} --generate-bash-completion 2>/dev/null)}")
  _describe 'errand' words || _files
}
compdef _errand errand
`,
	"fish": `function __errand_words
  set -l line (commandline -opc)
  $line --generate-bash-completion 2>/dev/null
end
complete -c errand -a '(__errand_words)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName errand -ScriptBlock {
  param($word, $line, $position)
  $before = $line.ToString().Substring(0, [Math]::Min($position, $line.ToString().Length)) -split ' ' | Where-Object { $_ -and $_ -ne $word }
  & $before[0] @($before | Select-Object -Skip 1) --generate-bash-completion 2>$null |
    Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
}

type completionCommand struct{ *terminal }

func (c *completionCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "completion",
		Usage:       "print a script that completes commands, workflows and task types in a shell",
		ArgsUsage:   strings.Join(shells(), "|"),
		Description: "source <(errand completion bash)\nerrand completion fish > ~/.config/fish/completions/errand.fish",
	}
}

func shells() []string { return slices.Sorted(maps.Keys(completions)) }

func (c *completionCommand) run(_ context.Context, a arguments) error {
	known := strings.Join(shells(), ", ")
	shell, err := a.one("the shell: " + known)
	if err != nil {
		return err
	}
	script, ok := completions[shell]
	if !ok {
		return usage("no completion for the shell %q; expected one of %s", shell, known)
	}
	_, err = fmt.Fprint(c.stdout, script)
	return err
}
