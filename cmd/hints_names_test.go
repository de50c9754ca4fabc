package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every command that a text of the program names exists, with its flags. TestScripts types those
// that the scripts print.
func TestHintsNameWhatExists(t *testing.T) {
	g := theProgram.Read(helpPages(t))
	count := 0
	for _, root := range []string{".", "../engine", "../tasks"} {
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				return err
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
				found, wrong := g.Find(verb.ReplaceAllStringFunc(text, func(verb string) string { return strings.Repeat(" X", strings.Count(verb, " ")) }))
				count += len(found)
				for _, bad := range wrong {
					if !slices.ContainsFunc(notCommands, func(other string) bool { return strings.HasPrefix(text, other) }) {
						t.Errorf("%s: %q names a command that does not exist: %s", file, text, bad)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count < 80 {
		t.Errorf("the texts name only %d commands", count)
	}
}

// verb matches a verb of package fmt, and the space before it.
var verb = regexp.MustCompile(` ?%[-0-9]*[a-z]`)

// notCommands are the beginnings of texts in which "errand" is a part of a sentence or of a format.
var notCommands = []string{
	"errand runs declarative workflows", "errand escrow", "errand credentials", "errand credential 1", "errand home 1", "errand audit 1", "errand audit head 1", "# errand bundle 1",
	"run errand as that user", "%s has version %d", "histories are archived at", "a payload has at most",
}
