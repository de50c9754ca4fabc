package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"errand/cmd"
	"errand/cmd/cmdtest"
	"errand/engine/goldenfile"
	"errand/engine/home"
	"errand/engine/temporal"
	_ "errand/engine/temporal/temporaltest" // the flag -temporal
	"errand/tasks"
)

// inAHome is a backend whose runs are in the journal of the home, with the runner of errand.
var inAHome = backend{
	runner:   func(*settings) home.Maker { return home.Local },
	examine:  func(*settings) func(context.Context, *home.Home) []cmd.Finding { return examineNothing },
	setup:    makeKey,
	promote:  func(context.Context, *settings, *cmd.Use, temporal.Version) error { return nil },
	versions: someVersions,
}

// someVersions returns a version of each status for the deployment desk, and none for any other.
func someVersions(_ context.Context, s *settings) ([]temporal.VersionState, error) {
	if s.deployment != "desk" {
		return nil, nil
	}
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	return []temporal.VersionState{
		{Build: "1.6.0", Status: temporal.VersionInactive},
		{Build: "1.5.0", Status: temporal.VersionRamping, Since: at},
		{Build: "1.4.2", Status: temporal.VersionCurrent, Since: at},
		{Build: "1.4.1", Status: temporal.VersionDraining, Since: at, Checked: at.Add(3 * time.Minute)},
		{Build: "1.4.0", Status: temporal.VersionDraining, Since: at},
		{Build: "1.3.9", Status: temporal.VersionDrained, Since: at, Checked: at},
	}, nil
}

func makeKey(ctx context.Context, _ *settings, u *cmd.Use) ([]string, error) {
	store, err := u.Store()
	if err != nil {
		return nil, err
	}
	if made, err := temporal.MakeKey(ctx, store); !made {
		return nil, err
	}
	return []string{"a key"}, nil
}

func examineNothing(context.Context, *home.Home) []cmd.Finding {
	return []cmd.Finding{{What: "clock", OK: true, Message: "as that of the home"}, {What: "version", OK: true, Warning: true, Message: "none", Hint: name + " promote --help"}}
}

// people is a directory in which a process belongs to Ann, or to a person that a variable names.
type people struct{ me string }

// groupsOf are the groups of all people.
var groupsOf = map[string][]string{"ann": {}, "i.meier": {}, "kim": {"operators"}, "lee": {"electricians"}}

// Name implements cmd.Directory.
func (p people) Name(of string) (string, error) {
	who := cmp.Or(of, p.me, "ann")
	if _, known := groupsOf[who]; !known {
		return "", cmd.ErrNoUser
	}
	return who, nil
}

// Groups implements cmd.Directory.
func (people) Groups(of string) ([]string, error) { return groupsOf[of], nil }

// personVariable is who a process of these tests belongs to: Ann if it is not set. serverVariable makes a
// process keep its runs on a Temporal server and not in its home.
const (
	personVariable = "TEST_PERSON"
	serverVariable = "TEST_TEMPORAL"
)

// TestMain makes this test binary the programs that the scripts run.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	testscript.Main(m, map[string]func(){
		name: func() {
			b := inAHome
			if os.Getenv(serverVariable) != "" {
				b = onTemporal
			}
			c := newCommand(tasks.Connectors, b)
			c.Users = people{os.Getenv(personVariable)}
			after := func() {}
			if at := os.Getenv(cmdtest.Variable); at != "" {
				after = cmdtest.Type(c, os.Args[1:], at)
			}
			code := c.Run(context.Background(), os.Args[1:])
			after()
			os.Exit(code)
		},
		"errand": func() { os.Exit(cmd.New(tasks.Connectors).Run(context.Background(), os.Args[1:])) },
	})
}

// theProgram is the program in this process.
var theProgram = cmdtest.Program{Name: name, Run: func(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, said strings.Builder
	c := newCommand(tasks.Connectors, inAHome)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(""), &out, &said
	c.Getenv = func(string) string { return "" }
	c.Users = people{}
	code = c.Run(t.Context(), args)
	return out.String(), said.String(), code
}}

// pages returns the help of the program.
func pages(t *testing.T) []cmdtest.Page {
	t.Helper()
	return theProgram.Pages(t, 45)
}

// runScripts runs the scripts of a folder, and types what they print.
func runScripts(t *testing.T, folder string, least int) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	hints := t.TempDir()
	if err := cmdtest.Prepare(hints, theProgram.Read(pages(t))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmdtest.Report(t, hints, least) })
	testscript.Run(t, testscript.Params{
		Dir: folder, UpdateScripts: goldenfile.Updating() && !strings.HasPrefix(folder, os.TempDir()), RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPOSITORY", root)
			e.Setenv("ERRAND_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("AWS_CONFIG_FILE", filepath.Join(e.WorkDir, "none"))
			e.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(e.WorkDir, "none"))
			e.Setenv("NO_COLOR", "1")
			e.Setenv(cmdtest.Variable, hints)
			return nil
		},
	})
}

// others are the scripts of errand that print what both programs have in common, so that it names errand:
// the manual, and the notes of the shipped workflows.
var others = []string{"help.txtar", "plan.txtar"}

// named matches errand as the name of a program: in a command, and before a message.
var named = regexp.MustCompile(`(?m)(^|['^])errand: |\berrand ([a-z']|--|__)`)

// The scripts of errand hold for this program too, with its name in the place of errand, up to the first
// command that it lacks.
func TestScriptsOfErrand(t *testing.T) {
	files, err := filepath.Glob("../testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	commands := 0
	for _, file := range files {
		script := filepath.Base(file)
		if slices.Contains(others, script) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse([]byte(renamed(string(text))))
		archive.Comment = []byte(untilMissing(string(archive.Comment)))
		commands += strings.Count(string(archive.Comment), "exec "+name)
		if err := os.WriteFile(filepath.Join(folder, script), txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if commands < 300 {
		t.Errorf("the scripts have only %d commands", commands)
	}
	runScripts(t, folder, 40)
}

// renamed returns a text with the name of this program.
func renamed(text string) string {
	return named.ReplaceAllStringFunc(text, func(found string) string { return strings.Replace(found, "errand", name, 1) })
}

// untilMissing returns the lines of a script before the first command that the program lacks.
func untilMissing(script string) string {
	var kept strings.Builder
	for line := range strings.Lines(script) {
		if lacking(line) {
			break
		}
		kept.WriteString(line)
	}
	return kept.String()
}

func lacking(line string) bool {
	_, args, ok := strings.Cut(line, "exec "+name+" ")
	if !ok {
		_, args, ok = strings.Cut(line, " "+name+" ") // editor session errand lsp
	}
	for what := range without {
		path, flag, isFlag := strings.Cut(what, " --")
		if ok && strings.HasPrefix(strings.TrimSpace(args)+" ", path+" ") && (!isFlag || slices.Contains(strings.Fields(args), "--"+flag)) {
			return true
		}
	}
	return false
}

// The scripts of this program.
func TestScripts(t *testing.T) { runScripts(t, "testdata/script", 5) }
