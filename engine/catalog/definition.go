package catalog

import (
	"maps"
	"slices"

	"errand/engine/diag"
)

// A Definition is the present text of a workflow, good or not.
type Definition struct {
	File     string
	Text     []byte         // the caller must not change it
	Problems []diag.Problem // of the text and of the workflows that it calls; warnings, too
	Older    bool           // the text has errors, and Workflow returns the program of an older text
}

// Definition returns the present text of a workflow. ok is false if there is none.
func (c *Catalog) Definition(name string) (d Definition, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[name]
	return Definition{File: e.file, Text: e.own, Problems: e.problems, Older: e.isBad() && e.program != nil}, ok
}

// Definitions returns the names of all workflows that have a text, sorted, also of those without a
// program.
func (c *Catalog) Definitions() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.entries))
}
