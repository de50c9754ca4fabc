package cmd_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/txtar"

	"errand/cmd"
)

// exampleFolder is the folder in which a person types the examples.
const exampleFolder = `
-- my-workflow.yaml --
workflow: my-workflow
inputs:
  server: {type: string, default: a}
steps:
  - id: note
    task: worklog.format
    with: {heading: "${{ inputs.server }}"}
outputs:
  text: ${{ steps.note.text }}
-- cases/my-workflow.yaml --
workflow: my-workflow
steps: [{id: note, task: worklog.format, with: {heading: a}}]
-- my-workflow/README --
Cases.
-- my-workflows/my-workflow.yaml --
workflow: my-workflow
steps: [{id: note, task: worklog.format, with: {heading: a}}]
-- workflows/my-workflow.yaml --
workflow: my-workflow
steps: [{id: note, task: worklog.format, with: {heading: a}}]
-- workflows/intake.yaml --
version: 1
source: ism
rules: [{name: all, workflow: my-workflow}]
-- intake.yaml --
version: 1
source: ism
rules: [{name: all, workflow: my-workflow}]
-- ticket.json --
{"TicketIdentifier": "100-291", "NonTranslatedTicketStatus": "New"}
-- portal/portal.intake.yaml --
version: 1
source: portal
schema: portal.json
rules: [{name: all, workflow: start-instance, request: "${{ payload.ticket }}", with: {instance_id: i-0a1b2c3d4e5f60001}}]
-- portal/portal.json --
{"type": "object", "required": ["ticket"], "properties": {"ticket": {"type": "string"}}}
-- payload.json --
{"ticket": "100-291"}
-- inputs.yaml --
server: b
-- ism.json --
{"app_url": "http://127.0.0.1:1", "user_auth_token": "any", "slice_token": "any", "webservice_user_name": "any", "webservice_user_password": "any"}
-- ec2.json --
{"access_key_id": "AKIAABCDEFGHIJKLMNOP", "secret_access_key": "a", "region_endpoint": "127.0.0.1:1"}
-- world.yaml --
tickets: []
-- asks.yaml --
workflow: asks
steps:
  - id: ok
    approval: {ask: "Go on?", by: [ann]}
-- start-instance.yaml --
workflow: start-instance
inputs: {o: {type: integer, default: 0}, hosts: {type: list, items: {type: string}, default: [a, b, c]}}
steps:
  - id: worklog
    task: worklog.format
    with: {heading: a}
  - id: fleet
    for_each: ${{ inputs.hosts }}
    as: host
    steps:
      - id: restart
        task: worklog.format
        with: {note: "${{ host == 'c' ? string(1 / inputs.o) : 'a' }}"}
-- corrected/start-instance.yaml --
workflow: start-instance
inputs: {o: {type: integer, default: 0}, hosts: {type: list, items: {type: string}, default: [a, b, c]}}
steps:
  - id: worklog
    task: worklog.format
    with: {heading: a}
  - id: fleet
    for_each: ${{ inputs.hosts }}
    as: host
    steps:
      - id: restart
        task: worklog.format
        with: {note: "${{ host == 'c' ? 'c' : 'a' }}"}
`

// exampleSetups make what the examples of a command are about: a home with the run of request
// 100-291 in a certain state, stored credentials, or files.
var exampleSetups = map[string]string{
	"test":         `errand run my-workflow.yaml`,
	"runs list":    `errand run my-workflow.yaml --request 100-291`,
	"runs show":    `errand run my-workflow.yaml --request 100-291`,
	"runs events":  `errand run my-workflow.yaml --request 100-291`,
	"runs record":  `errand run my-workflow.yaml --request 100-291`,
	"runs resume":  killVariable + `="2 before" errand run my-workflow.yaml --request 100-291`,
	"runs retry":   `errand run start-instance.yaml --request 100-291`,
	"runs approve": personVariable + `=kim errand run asks.yaml --request 100-291`,
	"runs cancel":  `errand run asks.yaml --request 100-291`,
	"runs resolve": `errand run restart-instance --request 100-291 --input instance_id=i-0a1b2c3d4e5f60002`,
	"runs adopt":   `errand run asks.yaml --request 100-291; cp -r "$ERRAND_HOME" copy; rm -r "$ERRAND_HOME"; mv copy "$ERRAND_HOME"`,

	"credentials edit":     `errand credentials add ec2 default --from-file ec2.json`,
	"credentials show":     `errand credentials add ec2 default --from-file ec2.json; errand credentials add ism default --from-file ism.json`,
	"credentials validate": `errand credentials add ec2 default --from-file ec2.json; errand credentials add ism default --from-file ism.json`,
	"credentials delete":   `errand credentials add ec2 old --from-file ec2.json`,
	"credentials rotate":   `errand credentials add ec2 default --from-file ec2.json`,
	"credentials rewrap":   `errand credentials add ec2 default --from-file ec2.json`,
	"credentials escrow":   `errand credentials add ec2 default --from-file ec2.json`,
	"credentials export":   `errand credentials add ec2 default --from-file ec2.json`,
	"credentials recover": `errand credentials add ec2 default --from-file ec2.json
errand credentials escrow --recipient $(age-keygen -y key.txt) > errand-escrow.age; rm "$HOME/.config/errand/key"`,
	"credentials import": `errand credentials add ec2 default --from-file ec2.json
errand credentials export --recipient $(age-keygen -y key.txt) > credentials.age; rm -r "$ERRAND_HOME"`,
	"serve":              `errand serve token add other --role requester --workflow start-instance`,
	"serve token revoke": `errand serve token add front-desk --role requester --workflow start-instance`,
	"serve audit list":   `errand serve pause intake`,
	"serve audit verify": `errand serve pause intake`,
	"serve unpause":      `errand serve pause intake; errand serve pause start-instance`,
	"restore":            `errand run my-workflow.yaml; errand backup /backup/errand-monday.tar; cp /backup/errand-monday.tar .; rm -r "$ERRAND_HOME"`,
}

// exampleExits are the exit codes of examples that cannot succeed here. All others exit with 0.
var exampleExits = map[string]int{
	"errand runs retry kq3vzt5mwxa2hd7c":                                                                cmd.ExitFailed, // it divides by zero again
	"errand runs retry 100-291 --from worklog":                                                          cmd.ExitFailed,
	"errand runs retry 100-291 --from 'fleet[2].restart'":                                               cmd.ExitFailed,
	"errand serve audit verify --head 1f0c9d3b7a5e48c2966d0b1e7f3a5c8d2b4f6a8091e3d5c7b9f1a3e5d7c9b0a2": cmd.ExitFailed,      // that of another log
	"errand credentials validate ec2 default":                                                           cmd.ExitUnreachable, // nobody listens
	"errand credentials validate ism default -o json":                                                   cmd.ExitUnreachable,
	"errand credentials delete ec2 old":                                                                 cmd.ExitUsage, // there is no terminal to ask
	"errand credentials rewrap --to-keyring":                                                            cmd.ExitCredentials,
	"errand lsp":                                                                                        cmd.ExitFailed, // the standard input of a shell is no client
	"errand lsp --definitions my-workflows/":                                                            cmd.ExitFailed,
	"errand credentials rewrap --to-passphrase":                                                         cmd.ExitUsage,
}

// exampleTools stand for programs that an example names and that may not be installed.
var exampleTools = map[string]string{
	"vault": `cat ec2.json`,
	"dot":   `cat`,
	"less":  `cat`,
	"aws":   `test "$1" = --endpoint-url`,
}

// Each example that a help prints does what it promises when a person types it, in a shell.
func TestExamples(t *testing.T) {
	t.Parallel()
	world := "timing: {pending: 0s, status_checks: 0s, stopping: 0s}\ntickets: [{id: 100-291}]\n" +
		"instances:\n  - {id: i-0a1b2c3d4e5f60001, state: stopped}\n  - {id: i-0a1b2c3d4e5f60002, state: running}\n" +
		"faults:\n  - {system: ec2, action: RebootInstances, lose_reply: 1}\n"
	for _, p := range helpPages(t) {
		t.Run(strings.Join(p.Path, "_"), func(t *testing.T) {
			t.Parallel()
			for _, example := range p.Examples {
				s := newStage(t, world)
				if setup := exampleSetups[strings.Join(p.Path, " ")]; setup != "" {
					s.sh(t, setup)
				}
				out, code := s.sh(t, example)
				if want := exampleExits[example]; code != want {
					t.Errorf("$ %s\nexit code %d, want %d\n%s", example, code, want, out)
				}
			}
		})
	}
}

// A stage is a folder with an environment of its own, in which a shell runs command lines.
type stage struct {
	folder string
	env    []string
}

func newStage(t *testing.T, world string) *stage {
	t.Helper()
	s := &stage{folder: t.TempDir()}
	write := func(name, text string, mode os.FileMode) {
		file := filepath.Join(s.folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range txtar.Parse([]byte(exampleFolder)).Files {
		write(f.Name, string(f.Data), 0o600)
	}
	for _, name := range []string{"my-workflow.txtar", "cases/throttled.txtar"} {
		write(name, "It works.\n\n-- case.yaml --\nworkflow: my-workflow\nexpect: {status: succeeded}\n", 0o600)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	write("key.txt", identity.String()+"\n", 0o600)
	write("bin/age-keygen", "#!/bin/sh\necho "+identity.Recipient().String()+"\n", 0o755)
	certificate, key := selfSigned(t)
	write("cert.pem", certificate, 0o600)
	write("key.pem", key, 0o600)
	for name, text := range exampleTools {
		write("bin/"+name, "#!/bin/sh\n"+text+"\n", 0o755)
	}
	for _, folder := range []string{"backup", "lib", "user/.config/fish/completions"} {
		if err := os.MkdirAll(filepath.Join(s.folder, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.env = append(serve(t, world).environment,
		"PATH="+filepath.Join(s.folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+filepath.Join(s.folder, "user"),
		"ERRAND_HOME="+filepath.Join(s.folder, "home"), personVariable+"=ann", "NO_COLOR=1",
		"AWS_CONFIG_FILE=none", "AWS_SHARED_CREDENTIALS_FILE=none")
	return s
}

// sh runs a command line in a shell, with the names of this machine, and returns what it prints and
// its exit code.
func (s *stage) sh(t *testing.T, line string) (string, int) {
	t.Helper()
	for _, name := range [][2]string{{"/backup/", filepath.Join(s.folder, "backup") + "/"}, {"/var/lib/", filepath.Join(s.folder, "lib") + "/"}} {
		line = strings.ReplaceAll(line, name[0], name[1])
	}
	if strings.Contains(line, "kq3vzt5mwxa2hd7c") {
		out, _ := s.sh(t, "errand runs list -o json")
		line = strings.ReplaceAll(line, "kq3vzt5mwxa2hd7c", runID.FindString(out))
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", line)
	shell.Dir, shell.Env = s.folder, s.env
	input, err := os.Open(filepath.Join(s.folder, "ec2.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	shell.Stdin = input
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	if strings.HasPrefix(line, "errand sandbox") || line == "errand serve" || strings.HasPrefix(line, "errand serve --") {
		return s.serve(t, shell, line)
	}
	if err := shell.Run(); err != nil && shell.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), shell.ProcessState.ExitCode()
}

// serve starts a command that serves, and interrupts it when it has printed its first line.
func (s *stage) serve(t *testing.T, shell *exec.Cmd, line string) (string, int) {
	t.Helper()
	line = strings.NewReplacer(":8330", ":0", ":8331", ":0").Replace(line)
	if strings.HasPrefix(line, "errand serve") && !strings.Contains(line, "--listen") {
		line += " --listen 127.0.0.1:0"
	}
	shell.Args[2] = "exec " + line
	shell.Stdout = nil
	output, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	first, _ := bufio.NewReader(output).ReadString('\n')
	if err := shell.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = shell.Wait()
	return first, shell.ProcessState.ExitCode()
}

// selfSigned returns a certificate for this machine and its key, in PEM form.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}
