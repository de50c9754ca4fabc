package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "errand/engine/goldenfile"
)

// layers are the packages, the lowest layer first. A package imports only from the layers below its
// own, and what beside lists.
var layers = [][]string{
	{"engine/diag", "engine/schema", "engine/pattern", "engine/goldenfile", "engine/sample", "engine/patience", "engine/plainfile", "definitions", "examples/operations"},
	{"engine/definition", "engine/expression", "engine/task", "engine/generator", "engine/access", "engine/picture"},
	{
		"engine", "engine/program", "engine/library", "engine/journal", "engine/credential",
		"tasks/ec2", "tasks/ism", "tasks/worklog", "tasks/timer", "tasks/webhook", "tasks/sandbox",
	},
	{"engine/local", "engine/temporal", "engine/virtual", "tasks"},
	{
		"engine/home", "engine/intake", "engine/alert", "engine/catalog", "engine/golden", "engine/plan", "engine/graph", "engine/chart", "engine/timeline", "engine/reference", "engine/scaffold",
		"engine/observe", "engine/openid", "engine/openid/openidtest", "engine/hosttest", "engine/runnertest", "engine/temporal/temporaltest", "engine/journal/journaltest", "tasks/tasktest",
	},
	{"engine/lsp", "engine/service", "engine/metrics", "engine/trace", "engine/observe/observetest"},
	{"engine/console"},
	{"cmd"},
	{"cmd/errand", "cmd/errand-worker", "cmd/cmdtest", "examples/custom"},
}

// beside lists, by package, what it imports from its own layer.
var beside = map[string][]string{
	"engine":            {"engine/program"},
	"engine/intake":     {"engine/home"},
	"engine/catalog":    {"engine/intake"},
	"engine/journal":    {"engine", "engine/program"},
	"engine/plainfile":  {"engine/pattern"},
	"engine/schema":     {"engine/diag"},
	"engine/runnertest": {"engine/hosttest"},
	"engine/temporal":   {"engine/local"},
}

// dependencyHomes lists the packages that may import each large dependency. Only the small lock
// between processes has several. Those without one are for tests only.
var dependencyHomes = map[string][]string{
	"gopkg.in/yaml.v3":                {"engine/definition"},
	"github.com/expr-lang/expr":       {"engine/expression"},
	"github.com/aws/aws-sdk-go-v2":    {"tasks/ec2"},
	"github.com/aws/smithy-go":        {"tasks/ec2"},
	"github.com/go-resty/resty":       {"tasks/ism"},
	"modernc.org/sqlite":              {"engine/journal"},
	"github.com/gofrs/flock":          {"engine/journal", "engine/credential", "engine/temporal/temporaltest"},
	"github.com/tink-crypto/tink-go":  {"engine/credential"},
	"filippo.io/age":                  {"engine/credential"},
	"github.com/zalando/go-keyring":   {"engine/credential"},
	"golang.org/x/crypto":             {"engine/credential"},
	"github.com/urfave/cli":           {"cmd"},
	"github.com/standard-webhooks":    {"tasks/webhook"},
	"github.com/creachadair/jrpc2":    {"engine/lsp"},
	"github.com/fsnotify/fsnotify":    {"engine/catalog"},
	"github.com/coreos/go-systemd":    {"engine/service"},
	"github.com/rogpeppe/go-internal": {"engine/diag"},
	"github.com/prometheus":           {"engine/metrics"},
	"go.opentelemetry.io":             {"engine/trace"},
	"github.com/coreos/go-oidc":       {"engine/openid"},
	"golang.org/x/oauth2":             {"engine/openid"},
	"pgregory.net/rapid":              {"engine/journal/journaltest"},
	"go.temporal.io/sdk":              {"engine/temporal"},

	"github.com/go-jose/go-jose":            {},
	"github.com/santhosh-tekuri/jsonschema": {},
	"go.uber.org/goleak":                    {},
}

// connectorImports are the packages of this module that a connector may import: the contract of a
// task type and the values in it.
var connectorImports = []string{"engine/task", "engine/schema"}

// hidden are the packages that one package must not import, although they are below it: the command
// line uses a runner and a home, and does not depend on what carries out the runs.
var hidden = map[string][]string{
	"cmd":         {"engine/journal", "engine/local", "engine/temporal"},
	"cmd/cmdtest": {"engine/journal", "engine/local", "engine/temporal"},
}

func TestImportsPointDown(t *testing.T) {
	level := map[string]int{}
	for i, layer := range layers {
		for _, p := range layer {
			level[p] = i
		}
	}
	seen := map[string]bool{}
	used := map[[2]string]bool{}
	eachImport(t, func(from, file, imported string) {
		seen[from] = true
		here, known := level[from]
		if !known {
			t.Errorf("%s: package %s has no layer; add it to the list in this test and to CONTRIBUTING.md", file, from)
			return
		}
		target, ours := strings.CutPrefix(imported, "errand/")
		if !ours {
			return
		}
		there, known := level[target]
		used[[2]string{from, target}] = known && there == here
		allowed := known && (there < here || there == here && slices.Contains(beside[from], target))
		if !allowed {
			t.Errorf("%s: %s imports %s, which is not below it", file, from, target)
		}
		if slices.Contains(hidden[from], target) {
			t.Errorf("%s: %s imports %s, which is hidden from it", file, from, target)
		}
		if connector := strings.HasPrefix(from, "tasks/"); connector && !slices.Contains(connectorImports, target) {
			t.Errorf("%s: the connector %s imports %s; of this module a connector may import only %v", file, from, target, connectorImports)
		}
	})
	for p := range level {
		if !seen[p] {
			t.Errorf("the layers name %s, which does not exist", p)
		}
	}
	for from, targets := range beside {
		for _, target := range targets {
			if !used[[2]string{from, target}] {
				t.Errorf("the list beside has %s for %s, which does not import it from its own layer", target, from)
			}
		}
	}
}

func TestOnlyOnePackageImportsALargeDependency(t *testing.T) {
	used := map[[2]string]bool{}
	eachImport(t, func(from, file, imported string) {
		for dependency, home := range dependencyHomes {
			if imported == dependency || strings.HasPrefix(imported, dependency+"/") {
				used[[2]string{dependency, from}] = true
				if !slices.Contains(home, from) {
					t.Errorf("%s: %s imports %s, which only %q may import", file, from, imported, home)
				}
			}
		}
	})
	for dependency, home := range dependencyHomes {
		for _, from := range home {
			if !used[[2]string{dependency, from}] {
				t.Errorf("the list says that %[2]s imports %[1]s, and it does not", dependency, from)
			}
		}
	}
}

// eachImport calls visit for each import of every file that is not a test, and once for the file
// itself, with imported empty.
func eachImport(t *testing.T, visit func(from, file, imported string)) {
	t.Helper()
	eachFile(t, func(from, file string, parsed *ast.File) {
		visit(from, file, "")
		for _, i := range parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			visit(from, file, name)
		}
	})
}

// eachFile visits every Go file of the module that is no test.
func eachFile(t *testing.T, visit func(from, file string, parsed *ast.File)) {
	t.Helper()
	root := ".."
	files := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || isOtherModule(root, file)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		files++
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		visit(path.Dir(relative), relative, parsed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were read, expected at least 50", files)
	}
}

// isOtherModule reports whether a folder below the root is a module of its own.
func isOtherModule(root, folder string) bool {
	if folder == root {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// Every test package has the flag -update, so that one command rewrites all golden files. Those of the
// runner on Temporal also have the flag -temporal, for the same reason.
func TestEveryTestPackageHasTheSharedFlags(t *testing.T) {
	tests, flags, temporal := map[string]bool{}, map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && isOtherModule("..", file) {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		dir := filepath.Dir(file)
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if strings.HasSuffix(file, "_test.go") {
			tests[dir] = true
			flags[dir] = flags[dir] || strings.Contains(string(text), `"errand/engine/goldenfile"`) || strings.Contains(string(text), `"errand/engine/hosttest"`)
			temporal[dir] = temporal[dir] || strings.Contains(string(text), `"errand/engine/temporal/temporaltest"`)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range tests {
		if !flags[dir] && filepath.Base(dir) != "goldenfile" {
			t.Errorf("the tests in %s do not import errand/engine/goldenfile, so `go test ./... -update` fails there", dir)
		}
		if under := filepath.ToSlash(dir) + "/"; !temporal[dir] && (strings.HasPrefix(under, "../engine/temporal/") || strings.HasPrefix(under, "../cmd/errand-worker/")) {
			t.Errorf("the tests in %s do not import errand/engine/temporal/temporaltest, so `go test ./engine/temporal/... ./cmd/errand-worker/... -temporal` fails there", dir)
		}
	}
}

// commandLine matches what only the command line may say: one of its commands about runs, or a flag.
var commandLine = regexp.MustCompile(`errand runs|(^|[\s"'(\x60\[|=])--[a-z]`)

// speaksToUsers are the texts outside cmd that mention a flag. Each is an example of data, or for the
// command line of another program.
var speaksToUsers = map[string]string{
	"engine/expression/functions.go": `trim("--web--", "-")`,
	"engine/temporal/examine.go":     "temporal operator namespace update --retention 90d -n ",
}

// Nothing below the command line knows its words: other faces of the same runs have others.
func TestOnlyTheCommandLineNamesItsFlags(t *testing.T) {
	said := map[string]bool{}
	texts := 0
	eachFile(t, func(from, file string, parsed *ast.File) {
		if !strings.HasPrefix(from, "engine") && !strings.HasPrefix(from, "tasks") {
			return
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			texts++
			if commandLine.MatchString(text) {
				if allowed := speaksToUsers[file]; allowed == text {
					said[file] = true
				} else {
					t.Errorf("%s says %s; the words of the command line belong in cmd", file, literal.Value)
				}
			}
			return true
		})
	})
	if texts < 3000 {
		t.Errorf("only %d texts were read", texts)
	}
	for file := range speaksToUsers {
		if !said[file] {
			t.Errorf("%s is allowed to mention a flag, and does not", file)
		}
	}
}
