package golden

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/tools/txtar"

	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/pattern"
)

// maxSize is the size of the largest document that is read as a case, in bytes.
const maxSize = 16 << 20

// ReadFile reads the document of a case.
func ReadFile(file string) ([]byte, error) {
	return library.ReadFile(filepath.FromSlash(file), maxSize)
}

// Read reads a case. If its document is not valid, each run of the case fails for that reason.
func Read(file string) (*Case, error) {
	document, err := ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseOrBreak(file, document), nil
}

// writtenWorkflow finds the name of the workflow in a document that cannot be parsed.
var writtenWorkflow = pattern.New(`(?m)^workflow: *['"]?([a-z0-9-]+)`)

// parseOrBreak returns the case in a document, which may be one that cannot be run.
func parseOrBreak(file string, document []byte) *Case {
	file = filepath.ToSlash(file)
	c, err := Parse(file, document)
	if err == nil {
		return c
	}
	c = &Case{File: file, Workflow: path.Base(path.Dir(file)), broken: err}
	if found := writtenWorkflow.Regexp().FindSubmatch(document); found != nil {
		c.Workflow = string(found[1])
	}
	return c
}

// Find reads the cases in a folder and below it, in the order of their names. A document without a
// case.yaml is not a case. Find stops at the first file that cannot be read.
func Find(dir string) ([]*Case, error) {
	var cases []*Case
	err := filepath.WalkDir(dir, func(file string, f fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case f.IsDir() && file != dir && f.Name()[0] == '.':
			return filepath.SkipDir
		case f.IsDir() || filepath.Ext(file) != Ending:
			return nil
		}
		document, err := ReadFile(file)
		if err != nil {
			return err
		}
		if !isCase(document) {
			return nil
		}
		cases = append(cases, parseOrBreak(file, document))
		return nil
	})
	return cases, err
}

// isCase reports whether a document has a case.yaml, or a part whose name is meant to be that.
func isCase(document []byte) bool {
	return slices.ContainsFunc(txtar.Parse(document).Files, func(f txtar.File) bool {
		return f.Name == caseFile || diag.Nearest(f.Name, []string{caseFile}) != ""
	})
}

// A Verdict is the result of judging a case.
type Verdict struct {
	Case    *Case
	Outcome Outcome
	Err     error    // why the case cannot be run
	Wrong   []string // what is wrong with its outcome
}

// Passed reports whether the case ran and nothing is wrong with its outcome.
func (v Verdict) Passed() bool { return v.Err == nil && len(v.Wrong) == 0 }

// RunAll runs cases, several at a time, and judges them. The verdicts are in the order of the
// cases.
func (b Bench) RunAll(ctx context.Context, cases []*Case) []Verdict {
	return each(cases, func(c *Case) Verdict {
		o, err := b.Run(ctx, c)
		if err != nil {
			return Verdict{Case: c, Err: err}
		}
		return Verdict{Case: c, Outcome: o, Wrong: c.Judge(o)}
	})
}

// each calls a function with every item, with as many calls at a time as there are processors.
func each[Item, Made any](items []Item, do func(Item) Made) []Made {
	made := make([]Made, len(items))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			made[i] = do(item)
		})
	}
	group.Wait()
	return made
}
