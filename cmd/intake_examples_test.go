package cmd_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine/goldenfile"
	"errand/tasks"
)

// The tickets of the example are tried with its rules. The golden files have what a designer reads.
func TestIntakeExamples(t *testing.T) {
	tickets, err := filepath.Glob("../examples/intake/tickets/*.json")
	if err != nil || len(tickets) < 10 {
		t.Fatalf("%d tickets: %v", len(tickets), err)
	}
	try := func(args ...string) (out string, code int) {
		var said bytes.Buffer
		c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		code = c.Run(t.Context(), args)
		return said.String(), code
	}
	if out, code := try("check", "--strict", "../examples/intake"); code != cmd.ExitSucceeded {
		t.Fatalf("exit code %d: %s", code, out)
	}
	starts := map[string]bool{} // the workflows that some ticket starts
	for _, ticket := range tickets {
		name := strings.TrimSuffix(filepath.Base(ticket), ".json")
		source := "ism"
		if strings.HasPrefix(name, "portal") {
			source = "portal"
		}
		out, code := try("intake", "test", ticket, "--definitions", "../examples/intake", "--source", source)
		goldenfile.Check(t, "testdata/intake/"+name+".out", []byte(out+fmt.Sprintf("exit code %d\n", code)))
		if _, after, ok := strings.Cut(out, "would start "); ok && code == cmd.ExitSucceeded {
			workflow, _, _ := strings.Cut(after, " ")
			starts[workflow] = true
		}
	}
	for _, workflow := range []string{"provision-instance", "start-instance", "stop-instance", "restart-instance", "terminate-instance"} {
		if !starts[workflow] {
			t.Errorf("no ticket starts %s", workflow)
		}
	}
}
