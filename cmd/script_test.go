package cmd_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"errand/cmd"
	"errand/cmd/cmdtest"
	"errand/engine/goldenfile"
	"errand/engine/home"
	"errand/tasks"
)

// TestMain makes this test binary the program that the scripts run. Its times are in UTC everywhere.
// builder is the folder of the person who runs the tests. Only the go command uses it.
var builder string

// The tests themselves have no home: one that does not name its own fails, and leaves alone what the
// person has who runs the tests.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	if name := filepath.Base(os.Args[0]); strings.HasPrefix(name, "cmd.test") {
		builder = os.Getenv("HOME")
		for _, variable := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"} {
			if err := os.Setenv(variable, filepath.Join(os.DevNull, "none")); err != nil {
				panic(err)
			}
		}
	}
	testscript.Main(m, map[string]func(){
		"editor": editor,
		"errand": func() {
			c := cmd.New(tasks.Connectors)
			c.Users = people{os.Getenv(personVariable)}
			c.Runner = home.LocalWith(killedAt(os.Getenv(killVariable)))
			after := func() {}
			if at := os.Getenv(cmdtest.Variable); at != "" {
				after = cmdtest.Type(c, os.Args[1:], at)
			}
			code := c.Run(context.Background(), os.Args[1:])
			after()
			os.Exit(code)
		},
	})
}

// TestScripts runs the command line as a user does. A script contains prose, commands and the
// expected output. The commands that a command prints are typed too.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	hints := t.TempDir()
	if err := cmdtest.Prepare(hints, theProgram.Read(helpPages(t))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmdtest.Report(t, hints, 80) })
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       goldenfile.Updating(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPOSITORY", root)
			e.Setenv("ERRAND_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("AWS_CONFIG_FILE", filepath.Join(e.WorkDir, "none"))
			e.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(e.WorkDir, "none"))
			e.Setenv("NO_COLOR", "1")
			e.Setenv(cmdtest.Variable, hints)
			return nil
		},
	})
}
