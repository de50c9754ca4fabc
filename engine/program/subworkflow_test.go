package program_test

import (
	"strings"
	"testing"

	"errand/engine/hosttest"
	"errand/engine/program"
)

// TestBrokenCallee calls workflows with problems. It looks for the message at the calling step.
func TestBrokenCallee(t *testing.T) {
	const main = "workflow: main\nsteps:\n  - workflow: callee\n"
	cases := []struct{ name, callee, want string }{
		{"a problem of the file", "workflow: callee\nsteps: []\n", "it has 1 error, the first in callee.yaml, line 2: "},
		{
			"a problem of an expression", "workflow: callee\ninputs: {m: {type: string, required: false}}\nsteps:\n  - task: stub.pure\n    with: {text: \"of ${{ inputs.m }}\"}\n",
			"it has 1 error, the first in callee.yaml, line 5: ",
		},
		{
			"a warning before the problem", "workflow: callee\nsteps:\n  - task: stub.once\n    retry: {attempts: 2}\n  - task: stub.pure\n    with: {text: \"${{ inputs.x }}\"}\n",
			"the first in callee.yaml, line 6: ",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			loader := program.Loader{Registry: hosttest.Registry(func() {}), Find: func(string) (string, []byte, error) { return "callee.yaml", []byte(c.callee), nil }}
			p, problems := loader.Load("main.yaml", []byte(main))
			if p != nil || len(problems) != 1 || problems[0].Rule != "unusable-workflow" || !strings.Contains(problems[0].Message, c.want) {
				t.Errorf("want one problem that says %q, got %v", c.want, problems)
			}
		})
	}
}
