package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"errand/engine/definition"
)

// switchesOverForms are the files that may distinguish the forms of a step, each with what differs
// there. All other files use the walk (definition.Places, program.Places), the methods of
// definition.Form and program.Action, or the table definition.Forms.
var switchesOverForms = map[string]string{
	"engine/definition/steps.go":  "which method reads the form",
	"engine/program/compile.go":   "which method compiles it",
	"engine/program/after.go":     "what is true if the steps after it run",
	"engine/program/too_short.go": "how long it takes at least",
	"engine/program/path_walk.go": "which ways through it a run can take",
	"engine/steps.go":             "which method runs it",
	"engine/plan/walk.go":         "which method plans it",
	"engine/graph/build.go":       "which boxes it has",
	"engine/golden/coverage.go":   "what a test case can reach of it",
	"engine/golden/mutant.go":     "which changes of it a test case must notice",
}

func TestSwitchesOverForms(t *testing.T) {
	files := parseAll(t)
	forms := map[string][]string{
		"definition": receivers(files, "engine/definition", "expressions"),
		"program":    receivers(files, "engine/program", "Form"),
	}
	for pkg, names := range forms {
		if len(names) != len(definition.Forms()) {
			t.Fatalf("package %[2]s has %[1]d forms, and the table has %[3]d: %[4]v", len(names), pkg, len(definition.Forms()), names)
		}
	}
	counts := map[string]int{}
	for file, parsed := range files {
		here := path.Base(path.Dir(file))
		ast.Inspect(parsed, func(n ast.Node) bool {
			var body *ast.BlockStmt
			isForm := func(e ast.Expr) bool { return isFormType(e, here, forms) }
			switch n := n.(type) {
			case *ast.TypeSwitchStmt:
				body = n.Body
			case *ast.SwitchStmt:
				body, isForm = n.Body, func(e ast.Expr) bool { return isFormWord(e, forms["definition"]) }
			default:
				return true
			}
			cases := 0
			for _, c := range body.List {
				if slices.ContainsFunc(c.(*ast.CaseClause).List, isForm) {
					cases++
				}
			}
			if cases >= 2 {
				counts[file]++
			}
			return true
		})
	}
	for file, n := range counts {
		if switchesOverForms[file] == "" {
			t.Errorf("%s has %d switches over the forms of a step; it must use the walk, a method of the form, or the table", file, n)
		}
		t.Logf("%s: %d", file, n)
	}
	for file, why := range switchesOverForms {
		if counts[file] == 0 {
			t.Errorf("switchesOverForms lists %s (%s), which has no switch over the forms of a step", file, why)
		}
	}
}

// parseAll parses every file of the module that is not a test. The keys are paths from the module's root.
func parseAll(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && isOtherModule("..", file) {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() && d.Name() == "testdata" {
			return err
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(relative)], err = parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// receivers lists the types of a package that have a method, without Step.
func receivers(files map[string]*ast.File, folder, method string) []string {
	var names []string
	for file, parsed := range files {
		if path.Dir(file) != folder {
			continue
		}
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != method {
				continue
			}
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
				if name := star.X.(*ast.Ident).Name; name != "Step" {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// isFormType reports whether a case of a type switch in package here is a form.
func isFormType(e ast.Expr, here string, forms map[string][]string) bool {
	star, ok := e.(*ast.StarExpr)
	if !ok {
		return false
	}
	switch x := star.X.(type) {
	case *ast.Ident:
		return slices.Contains(forms[here], x.Name)
	case *ast.SelectorExpr:
		pkg, ok := x.X.(*ast.Ident)
		return ok && slices.Contains(forms[pkg.Name], x.Sel.Name)
	}
	return false
}

// isFormWord reports whether a case is the name of a form: its constant in
// engine/definition/form.go, or a literal.
func isFormWord(e ast.Expr, forms []string) bool {
	if x, ok := e.(*ast.SelectorExpr); ok {
		e = x.Sel
	}
	switch x := e.(type) {
	case *ast.Ident:
		name, ok := strings.CutSuffix(x.Name, "Form")
		return ok && slices.Contains(forms, name)
	case *ast.BasicLit:
		return slices.ContainsFunc(definition.Forms(), func(f definition.FormSpec) bool { return x.Value == strconv.Quote(f.Name) })
	}
	return false
}
