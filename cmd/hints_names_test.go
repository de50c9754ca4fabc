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

	"errand/cmd"
	"errand/cmd/cmdtest"
)

// Every command that a text of the program names exists, with its flags; also in the words of an edition, which
// lacks some commands and flags, so that it leaves their texts as they are. TestScripts types those
// that the scripts print.
func TestHintsNameWhatExists(t *testing.T) {
	g := theProgram.Read(helpPages(t))
	c, reword := cmd.NewOther()
	other := cmdtest.Program{Name: "errand-other", Run: func(t *testing.T, args ...string) (string, string, int) {
		var out, said strings.Builder
		c.Stdout, c.Stderr = &out, &said
		code := c.Run(t.Context(), args)
		return out.String(), said.String(), code
	}}
	ofOther := other.Read(other.Pages(t, 50))
	count, reworded := 0, 0
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
				said := verb.ReplaceAllStringFunc(text, func(verb string) string { return strings.Repeat(" X", strings.Count(verb, " ")) })
				found, wrong := g.Find(said)
				ours, lacking := ofOther.Find(reword(said))
				count, reworded = count+len(found), reworded+len(ours)
				for _, bad := range append(wrong, lacking...) {
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
	if reworded < 70 {
		t.Errorf("the texts of an edition name only %d commands", reworded)
	}
}

// verb matches a verb of package fmt, and the space before it.
var verb = regexp.MustCompile(` ?%[-0-9]*[a-z]`)

// notCommands are the beginnings of texts in which "errand" is a part of a sentence or of a format.
var notCommands = []string{
	"errand runs declarative workflows", "errand escrow", "errand credentials", "errand credential 1", "errand home 1", "errand audit 1", "errand audit head 1", "# errand bundle 1",
	"run errand as that user", "%s has version %d", "histories are archived at", "a payload has at most",
}
