package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completionSetup makes what can be completed: a workflow in a folder of definitions, runs and a
// credential.
const completionSetup = `mkdir desk
cat > desk/fleet.yaml <<'YAML'
workflow: fleet
title: Restart a fleet
inputs:
  zone: {type: string, enum: [north, south]}
  hosts: {type: list, items: {type: string}}
  dry: {type: boolean, default: false}
steps:
  - id: agreed
    approval: {ask: "Restart the fleet?", by: [ann]}
  - id: each
    for_each: ${{ inputs.hosts }}
    as: host
    steps:
      - id: note
        task: worklog.format
        with: {note: "${{ string(1 / len(host)) }}"}
YAML
errand run desk/fleet.yaml --request 7-1 --input zone=north --input hosts=a,b
errand run start-instance.yaml --request 7-2
errand run my-workflow.yaml --request 7-3
errand credentials add ec2 desk-key --from-file ec2.json
errand serve token add desk-token --role monitor
errand serve token add old-token --role monitor
errand serve token revoke old-token
errand serve pause stop-instance
true`

// A completed is a place of a command line, the words that must be offered there, and some that must
// not.
type completed struct {
	typed string // the words; the last one is not complete, and may be empty
	want  string
	not   string
}

var completedPlaces = []completed{
	{"", "run runs credentials completion version", "list --help"},
	{"ru", "run runs", "credentials"},
	{"runs ", "list show approve", "run credentials"},
	{"-", "--help --version", "run"},
	{"runs list --", "--status --since --waits-for --output --home --help", "--approve"},
	{"runs list -", "-o --status", ""},
	{"runs list --status ", "failed waiting succeeded", "list 7-1"},
	{"runs list --status=f", "--status=failed", "failed --status=waiting"},
	{"runs list --status f", "failed", "waiting"},
	{"runs list -o ", "text json", "sarif"},
	{"runs prune --older-than ", "30d 90d 365d", ""},
	{"runs prune --", "--older-than --dry-run --output --home", "--all"},
	{"check -o ", "text json sarif", "policy"},
	{"plan fleet -o ", "policy", "sarif"},
	{"runs list --waits-for p", "person poll process", "time"},
	{"runs list --request ", "7-1 7-2", "7-1,"},
	{"runs list --workflow ", "fleet start-instance", "stop-instance"},
	{"graph fleet --format ", "mermaid dot svg", ""},
	{"run termi", "terminate-instance :files", "start-instance"},
	{"run --definitions desk ", "fleet start-instance :files", ""},
	{"--definitions desk run fl", "fleet", ""},
	{"run fleet --definitions desk --input ", "zone= hosts= dry=", "north"},
	{"run fleet --definitions desk --input zone=north --input ", "hosts= dry=", "zone="},
	{"run fleet --definitions desk --input hosts=a --input ho", "hosts=", "zone="},
	{"run fleet --definitions desk --input zone=", "zone=north zone=south", "zone="},
	{"run fleet --definitions desk --input zone=s", "zone=south", "zone=north"},
	{"run fleet --definitions desk --input dry=", "dry=true dry=false", ""},
	{"run fleet --definitions desk --input=zone=n", "--input=zone=north", "--input=zone=south"},
	{"run fleet --definitions desk --sandbox --approve ", "agreed", "each"},
	{"run start-instance --input instance_id=", "instance_id=i-0a1b2c3d4e5f60001", ""},
	{"run start-instance --inputs ", ":files", "start-instance"},
	{"run desk/fleet.yaml --input z", "zone=", ""},
	{"run start-instance --request ", "7-1 7-3", ""},
	{"run nothing --input ", "", "zone="},
	{"runs show ", "FAILED WAITING 7-1 7-2 7-3", "fleet"},
	{"runs show 7-1 ", "", "7-1 FAILED"},
	{"runs resume ", "WAITING 7-1", "7-2 FAILED"},
	{"runs retry ", "FAILED 7-2", "7-1 WAITING"},
	{"runs retry 7-2 --from ", "worklog fleet[2].restart", "7-2"},
	{"runs approve ", "WAITING 7-1", "7-2"},
	{"runs approve 7-1 ", "agreed", "7-1 each"},
	{"runs approve 7-1 agreed --", "--approve --reject --comment", "--done"},
	{"runs resolve 7-1 ", "", "agreed"},
	{"credentials ", "add list", "ec2"},
	{"credentials show ", "ec2 ism", "worklog desk-key"},
	{"credentials show ec2 ", "desk-key", "ism"},
	{"credentials show ism ", "", "desk-key"},
	{"serve ", "token audit pause unpause paused", "add list"},
	{"serve token ", "add list revoke", "pause"},
	{"serve token add desk --role ", "requester approver admin", "desk"},
	{"serve token add desk --definitions desk --workflow ", "fleet start-instance", ":files"},
	{"serve token revoke ", "desk-token", "old-token"},
	{"serve token revoke desk-token ", "", "desk-token"},
	{"serve pause ", "intake start-instance", ":files"},
	{"serve unpause ", "stop-instance", "start-instance intake"},
	{"help serve ", "token audit", "add"},
	{"help serve token ", "add list revoke", "token"},
	{"tasks ec2.s", "ec2.start_instance ec2.stop_instance", "ism.add_worklog"},
	{"init --task ism.", "ism.add_worklog", "ec2.start_instance"},
	{"help ", "language operations runs", "list"},
	{"help runs ", "list show", "language"},
	{"completion ", "bash zsh fish powershell", ""},
	{"restore ", ":files", ""},
	{"runs list --nonsense x --status ", "", "failed"},
	{"nothing ", "", "run"},
}

// The completion command offers flags, values, inputs, steps and runs, and nothing that cannot stand
// at the place.
func TestCompletion(t *testing.T) {
	s := newStage(t, "tickets: []\n")
	if out, code := s.sh(t, completionSetup); code != 0 {
		t.Fatal(out)
	}
	for _, c := range completedPlaces {
		words := strings.Split(c.typed, " ")
		last := len(words) - 1
		process := exec.CommandContext(t.Context(), "errand", append([]string{"__complete", "=" + words[last]}, words[:last]...)...)
		process.Dir, process.Env = s.folder, s.env
		out, err := process.CombinedOutput()
		if err != nil {
			t.Errorf("errand %s: %v %s", c.typed, err, out)
		}
		var offered []string
		for line := range strings.Lines(string(out)) {
			word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			offered = append(offered, word)
		}
		c.judge(t, s, offered)
	}
}

func (c completed) judge(t *testing.T, s *stage, offered []string) {
	t.Helper()
	for want := range strings.FieldsSeq(s.names(t, c.want)) {
		if !slices.Contains(offered, want) {
			t.Errorf("errand %s: %q is not offered among %q", c.typed, want, offered)
		}
	}
	for not := range strings.FieldsSeq(s.names(t, c.not)) {
		if slices.Contains(offered, not) {
			t.Errorf("errand %s: %q is offered among %q", c.typed, not, offered)
		}
	}
}

// names replaces the names of runs by their ids.
func (s *stage) names(t *testing.T, text string) string {
	for _, run := range [][2]string{{"WAITING", "7-1"}, {"FAILED", "7-2"}} {
		if strings.Contains(text, run[0]) {
			out, _ := s.sh(t, "errand runs list --request "+run[1]+" -o json")
			text = strings.ReplaceAll(text, run[0], runID.FindString(out))
		}
	}
	return text
}

// A shell with the script of `errand completion` completes what a person types before Tab.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	s := newStage(t, "tickets: []\n")
	if out, code := s.sh(t, completionSetup); code != 0 {
		t.Fatal(out)
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("NOT CHECKED: %s is not installed, so nothing shows that it completes", shell)
			}
			for _, c := range []struct{ typed, want string }{
				{"errand run termi", "errand run terminate-instance "},
				{"errand vers", "errand version "},
				{"errand runs li", "errand runs list "},
				{"errand runs list --stat", "errand runs list --status "},
				{"errand runs list --status fa", "errand runs list --status failed "},
				{"errand runs list --status=fa", "errand runs list --status=failed "},
				{"errand run fleet --definitions desk --input zo", "errand run fleet --definitions desk --input zone="},
				{"errand run fleet --definitions desk --input zone=no", "errand run fleet --definitions desk --input zone=north "},
				{"errand runs approve 7-1 ag", "errand runs approve 7-1 agreed "},
				{"errand runs retry 7-2 --from wor", "errand runs retry 7-2 --from worklog "},
				{"errand runs show " + s.names(t, "WAITING")[:9], "errand runs show " + s.names(t, "WAITING") + " "},
				{"errand show my-workflow.ya", "errand show my-workflow.yaml "},
			} {
				if got := s.tab(t, shell, c.typed); got != c.want {
					t.Errorf("%s: %q and Tab become %q, want %q", shell, c.typed, got, c.want)
				}
			}
		})
	}
}

// tab returns what a shell makes of a line when a person presses Tab at its end.
func (s *stage) tab(t *testing.T, shell, typed string) string {
	t.Helper()
	script := map[string]string{
		"bash": `source <(errand completion bash)
COMP_LINE="$1" COMP_POINT=${#1} COMP_WORDS=($1)
space=" "
compopt() { [[ "$*" == *nospace* ]] && space=; return 0; }
_errand
[[ ${#COMPREPLY[@]} == 1 ]] || { printf '%s\n' "${#COMPREPLY[@]} words: ${COMPREPLY[*]}"; exit; }
current="${1##*[[:space:]=:]}"
printf '%s\n' "${1%"$current"}${COMPREPLY[0]}$space"
`,
		"zsh": `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; PS2=; unsetopt zle_bracketed_paste prompt_sp prompt_cr; autoload -Uz compinit; compinit -u -D; source <(errand completion zsh)'
zpty -w shell $'shown() { print -r -- "<<$BUFFER>>"; exit }; zle -N shown; bindkey "^X^X" shown; print re""ady'
zpty -r shell line '*ready*'
zpty -w -n shell "$1"$'\t\x18\x18'
zpty -r shell line '*<<*>>*'
line="${line##*<<}"
print -r -- "${line%%>>*}"
`,
		"fish": `source (errand completion fish | psub)
set -l found (complete -C $argv[1] | string split -f 1 \t)
test (count $found) = 1; or begin; echo "$found"; exit; end
set -l space " "
string match -q '*=' -- $found; and set space ""
echo (string replace -r '\S*$' '' -- $argv[1])$found$space
`,
	}[shell]
	file := filepath.Join(t.TempDir(), "tab")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), shell, file, typed)
	process.Dir, process.Env = s.folder, append(slices.Clone(s.env), "TERM=dumb")
	out, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}
