package cmd_test

import (
	"bufio"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"errand/tasks/sandbox"
)

// errandIn returns a function that runs errand with an input, compares its exit code and returns
// what it prints.
func errandIn(t *testing.T) func(input string, want int, args ...string) string {
	return func(input string, want int, args ...string) string {
		t.Helper()
		process := exec.CommandContext(t.Context(), "errand", args...)
		process.Stdin = strings.NewReader(input)
		out, err := process.CombinedOutput()
		if _, failed := err.(*exec.ExitError); err != nil && !failed {
			t.Fatal(err)
		}
		if code := process.ProcessState.ExitCode(); code != want {
			t.Errorf("errand %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, out)
		}
		return string(out)
	}
}

// A change by which an open run would go on elsewhere is refused, whichever command makes it, and
// names the run. Other parameters may change, and so may credentials that no run has used.
func TestOpenRunsKeepTheirEndpoint(t *testing.T) {
	box, err := sandbox.New(sandbox.DefaultWorld(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box.EC2())
	defer server.Close()
	folder := t.TempDir()
	for name, value := range map[string]string{
		"ERRAND_HOME": filepath.Join(folder, "home"), "ERRAND_KEY_FILE": filepath.Join(folder, "key"), "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_EC2": server.URL,
	} {
		t.Setenv(name, value)
	}
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	identity := write("identity.txt", "AGE-SECRET-KEY-1FTKNUMQCKG8NACZXLC22SN2URTQLWE4XGS6DK4YZKCRY8ZW47HMQ8S3Z66\n")
	looks := write("looks.yaml", "workflow: looks\nsteps:\n  - {id: look, task: ec2.get_instance_status, with: {instance_id: i-0a1b2c3d4e5f60001}}\n  - {id: ask, approval: {ask: go, by: [kim]}}\n")
	errand := errandIn(t)
	var started struct{ Run string }
	out := errand("", 4, "run", looks, "--request", "100-291", "-o", "json")
	if err := json.Unmarshal([]byte(out[strings.Index(out, `{"version"`):]), &started); err != nil {
		t.Fatal(err)
	}
	parameters := func(endpoint string) string {
		return `{"access_key_id":"CANARYKEYID","secret_access_key":"canary-secret","region_endpoint":"` + endpoint + `"}`
	}
	refused := func(input string, args ...string) {
		t.Helper()
		out := errand(input, 6, args...)
		if !strings.Contains(out, "runs that have not ended have used it: "+started.Run+"\n") || !strings.Contains(out, "errand runs cancel "+started.Run) {
			t.Errorf("errand %s: the run %s is not named:\n%s", strings.Join(args, " "), started.Run, out)
		}
		errand(input, 0, append(args, "--force")...)
	}
	add := []string{"credentials", "add", "ec2", "default", "--from-file", "-"}
	edit := []string{"credentials", "edit", "ec2", "default", "--from-file", "-"}
	refused(parameters(server.URL), add...) // the run has used the environment
	errand(parameters("http://127.0.0.1:1"), 0, "credentials", "add", "ec2", "other", "--from-file", "-")
	errand(parameters("http://127.0.0.1:2"), 0, "credentials", "edit", "ec2", "other", "--from-file", "-")
	errand(`{"secret_access_key":"rotated-secret","region_endpoint":"`+server.URL+`/"}`, 0, edit...)
	export := exec.CommandContext(t.Context(), "errand", "credentials", "export", "--recipient", "age13nuthd5zyp0a6prqqw2ul9jespnej9w356nz8v0vgf0u4schv9kslwl98f")
	archive, err := export.Output()
	if err != nil {
		t.Fatal(err)
	}
	file := write("export.age", string(archive))
	errand("", 0, "credentials", "import", file, "--identity", identity, "--replace")
	refused(parameters("http://127.0.0.1:3"), edit...)
	refused("", "credentials", "import", file, "--identity", identity, "--replace")
	errand("", 0, "runs", "cancel", started.Run)
	errand(parameters("http://127.0.0.1:3"), 0, edit...)
}

// A credential that an unfinished run needs is deleted only with --force.
func TestDeleteCredentialInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	folder := t.TempDir()
	t.Setenv("ERRAND_HOME", filepath.Join(folder, "home"))
	t.Setenv("ERRAND_KEY_FILE", filepath.Join(folder, "key"))
	file := filepath.Join(folder, "parked.yaml")
	err := os.WriteFile(file, []byte(`workflow: parked
steps:
  - id: wait
    task: timer.delay
    with: {duration: 1h}
  - id: look
    task: ec2.get_instance_status
    with: {instance_id: i-0a1b2c3d4e5f60001}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	errand := errandIn(t)
	errand(`{"access_key_id":"CANARYKEYID","secret_access_key":"canary-secret","region_endpoint":"http://127.0.0.1:1/ec2"}`, 0, "credentials", "add", "ec2", "default", "--from-file", "-")
	parked := exec.CommandContext(t.Context(), "errand", "run", file, "--request", "100-291")
	stderr, err := parked.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parked.Start(); err != nil {
		t.Fatal(err)
	}
	id := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == "run" && id == "" {
			id = strings.TrimSuffix(words[1], ":")
		}
		if strings.Contains(lines.Text(), "waits") {
			if err := parked.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = parked.Wait()
	if out := errand("", 6, "credentials", "delete", "ec2", "default", "--yes"); !strings.Contains(out, "runs that have not ended need it: "+id) {
		t.Errorf("output: %s", out)
	}
	errand("", 0, "runs", "cancel", id)
	errand("", 0, "credentials", "delete", "ec2", "default", "--yes")
	errand("", 6, "credentials", "show", "ec2", "default")
}
