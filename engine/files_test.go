package engine_test

import (
	"bufio"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The longest file, in lines, and the longest line of a comment, in characters.
const (
	longestFile    = 400
	longestComment = 120
)

// Every file of Go, also of tests, holds one concept, so it is short; and the lines of its comments can be read
// beside another file.
func TestFilesAreShort(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		files++
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		lines := 0
		text := bufio.NewScanner(f)
		for text.Scan() {
			lines++
			if line := strings.TrimSpace(text.Text()); strings.HasPrefix(line, "//") && utf8.RuneCountInString(line) > longestComment {
				t.Errorf("%s:%d: a line of a comment has %d characters, want at most %d", file, lines, utf8.RuneCountInString(line), longestComment)
			}
		}
		if lines > longestFile {
			t.Errorf("%s has %d lines, want at most %d", file, lines, longestFile)
		}
		return text.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 1000 {
		t.Errorf("only %d files were read", files)
	}
}

var (
	namedFile = regexp.MustCompile(`(?:^|[^/\w])([a-z0-9_]+\*?\.go)\b`) // not one of another package
	platform  = regexp.MustCompile(`_(unix|windows|linux|other)\.go$`)
)

// isOneOfMany reports whether a file is one of many of a kind, which the comment of its package does not list one by
// one: a command in cmd, a part of the contract in runnertest.
func isOneOfMany(from string, parsed *ast.File) bool {
	return from == "engine/runnertest" || from == "cmd" && slices.ContainsFunc(parsed.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv != nil && f.Name.Name == "describe"
	})
}

// A comment that lists the files of its package lists each of them, and names no file that does not exist. A
// pattern such as memory*.go stands for several, and a file for those of each platform.
func TestPackageCommentsListTheirFiles(t *testing.T) {
	packages := map[string]*listing{}
	eachFile(t, func(from, file string, parsed *ast.File) {
		p := packages[from]
		if p == nil {
			p = &listing{}
			packages[from] = p
		}
		name := path.Base(file)
		p.files = append(p.files, name)
		if !isOneOfMany(from, parsed) {
			p.listed = append(p.listed, name)
		}
		if parsed.Doc != nil {
			for _, m := range namedFile.FindAllStringSubmatch(parsed.Doc.Text(), -1) {
				p.named = append(p.named, m[1])
			}
			p.says = append(p.says, name)
		}
	})
	lists := 0
	for from, p := range packages {
		if len(p.named) < 3 { // it lists no files
			continue
		}
		lists++
		for _, name := range p.named {
			if !slices.ContainsFunc(p.files, func(file string) bool { return matches(name, file) }) {
				t.Errorf("the comment of %s names %s, which does not exist", from, name)
			}
		}
		for _, file := range p.listed {
			if !slices.Contains(p.says, file) && !slices.ContainsFunc(p.named, func(name string) bool { return matches(name, file) }) {
				t.Errorf("the comment of %s does not name %s", from, file)
			}
		}
	}
	if lists < 30 {
		t.Errorf("only %d comments list files", lists)
	}
}

// A listing is what the comment of a package says about its files.
type listing struct {
	files  []string
	listed []string // those that the comment must name
	named  []string // files and patterns in the comment
	says   []string // the files that have the comment
}

// matches reports whether a name or a pattern in a comment is about a file.
func matches(name, file string) bool {
	before, after, isPattern := strings.Cut(name, "*")
	if isPattern {
		return strings.HasPrefix(file, before) && strings.HasSuffix(file, after)
	}
	return name == file || name == platform.ReplaceAllString(file, ".go")
}
