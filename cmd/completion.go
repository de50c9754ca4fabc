package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completeWord is the first word of the command line with which the scripts ask for the words that
// can stand at a place. The next word is "=" and the beginning of that word; the words before it
// follow. The program prints a line for each word: the word, and what it is about after a tab. The
// line ":files" means that a file can stand there.
const completeWord = "__complete"

// completions are the scripts, by shell.
var completions = map[string]string{
	"bash": `_errand() {
  local line="${COMP_LINE:0:COMP_POINT}" words word current files= before
  read -r -a words <<<"${line//\'/}"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="${words[${#words[@]}-1]}"
  before="${current%"${current##*[=:]}"}" # bash replaces only what follows = or :
  COMPREPLY=()
  while IFS= read -r word; do
    word="${word%%$'\t'*}"
    if [[ "$word" == :files ]]; then files=1; continue; fi
    word="${word#"$before"}"
    [[ "$word" == *= ]] && compopt -o nospace 2>/dev/null
    [[ "$word" == *= ]] || word="$(printf %q "$word")"
    COMPREPLY+=("$word")
  done < <("${COMP_WORDS[0]}" __complete "=$current" "${words[@]:1:${#words[@]}-2}" 2>/dev/null)
  if [[ -n "$files" ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "${current#"$before"}")
  fi
}
complete -F _errand errand
`,
	"zsh": `#compdef errand
_errand() {
  local -a found shown plain plainshown
  local item word about files
  for item in "${(@f)$("${words[1]}" __complete "=${(Q)PREFIX}" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}"; do
    word="${item%%$'\t'*}" about="${item#*$'\t'}"
    [[ -z "$word" ]] && continue
    if [[ "$word" == :files ]]; then files=1; continue; fi
    if [[ "$about" == "$item" ]]; then about="$word"; else about="$word  -- $about"; fi
    if [[ "$word" == *= ]]; then plain+=("$word"); plainshown+=("$about"); else found+=("$word"); shown+=("$about"); fi
  done
  (( $#found )) && compadd -l -d shown -a found
  (( $#plain )) && compadd -l -S '' -d plainshown -a plain
  [[ -n "$files" ]] && _files
  return 0
}
compdef _errand errand
`,
	"fish": `function __errand_words
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  for line in ($before[1] __complete "=$current" $before[2..] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path $current
    else
      echo $line
    end
  end
end
complete -c errand -f -a '(__errand_words)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName errand -ScriptBlock {
  param($word, $line, $position)
  $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
  & $before[0] __complete "=$word" @($before | Select-Object -Skip 1) 2>$null | Where-Object { $_ -ne ':files' } | ForEach-Object {
    $text, $about = $_ -split "\t", 2
    if (-not $about) { $about = $text }
    [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $about)
  }
}
`,
}

type completionCommand struct{ *terminal }

func (c *completionCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "completion",
		Usage:       "print a script that completes commands, flags, workflows, inputs, runs and steps in a shell",
		ArgsUsage:   strings.Join(shells(), "|"),
		Description: "source <(errand completion bash)\nerrand completion fish > ~/.config/fish/completions/errand.fish",
	}
}

func (c *completionCommand) words(context.Context, *partial) []candidate {
	return plainWords(shells()...)
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
	if name := c.program(); name != errandName {
		script = strings.NewReplacer("_errand", "_"+strings.ReplaceAll(name, "-", "_"), "errand", name).Replace(script)
	}
	_, err = fmt.Fprint(c.stdout, script)
	return err
}
