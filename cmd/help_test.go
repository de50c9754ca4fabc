package cmd_test

import (
	"bytes"
	"io"
	"testing"

	"errand/cmd"
	"errand/tasks"
)

// The exit codes of errand help are tested here, because a script cannot distinguish exit codes.
func TestHelpExitCodes(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
	}{
		{[]string{"help"}, cmd.ExitSucceeded},
		{[]string{"help", "testing"}, cmd.ExitSucceeded},
		{[]string{"help", "runs", "show"}, cmd.ExitSucceeded},
		{[]string{"help", "tseting"}, cmd.ExitUsage},
		{[]string{"help", "runs", "nothing"}, cmd.ExitUsage},
		{[]string{"help", "testing", "operations"}, cmd.ExitUsage},
	} {
		var out bytes.Buffer
		c := &cmd.Command{Stdout: &out, Stderr: io.Discard, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		if code := c.Run(t.Context(), test.args); code != test.code {
			t.Errorf("errand %v: exit code %d, want %d", test.args, code, test.code)
		}
		if (out.Len() > 0) != (test.code == cmd.ExitSucceeded) {
			t.Errorf("errand %v prints on standard output:\n%s", test.args, &out)
		}
	}
}
