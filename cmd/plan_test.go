package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/tasks"
)

// errand plan has an exit code for each reason why there is no plan or a call is not permitted.
func TestExitCodesOfPlan(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Chdir(t.TempDir())
	denied := `{"faults": [{"system": "ec2", "action": "*", "error": "UnauthorizedOperation", "times": 9}]}`
	for file, text := range map[string]string{"denied.json": denied, "broken.yaml": "workflow: broken\n"} {
		if err := os.WriteFile(filepath.Join(".", file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const given = " --input instance_id=i-0a1b2c3d4e5f60001"
	cases := []struct {
		args string
		code int
	}{
		{"start-instance", cmd.ExitSucceeded},
		{"start-instance --sandbox --read" + given, cmd.ExitSucceeded},
		{"start-instance --input instance_id=x", cmd.ExitUsage},
		{"broken.yaml", cmd.ExitProblems},
		{"nothing-like-it", cmd.ExitNotFound},
		{"start-instance --sandbox --world denied.json --read" + given, cmd.ExitCredentials},
		{"start-instance --read --home none" + given, cmd.ExitCredentials},
	}
	for _, c := range cases {
		var out bytes.Buffer
		command := &cmd.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		if code := command.Run(t.Context(), append([]string{"plan"}, strings.Fields(c.args)...)); code != c.code {
			t.Errorf("errand plan %s: exit code %d, want %d\n%s", c.args, code, c.code, &out)
		}
	}
}
