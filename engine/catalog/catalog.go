// Package catalog keeps the compiled definitions of a folder and of those that are shipped, for a
// process that runs for long. It loads them again when their files change. A definition with
// problems never replaces a good one: the good one stays, and the problems are reported.
//
// In reading order: catalog.go (what is known, and how it is loaded), definition.go (the texts, for people),
// intake.go (the rules of intake), folder.go (the files, read inside their folder only), watch.go (when
// they change).
package catalog

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"errand/definitions"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
)

// A Catalog has the programs that can be started by name. It is safe for concurrent use.
type Catalog struct {
	folder   string // "": only the shipped definitions
	registry *task.Registry

	loading sync.Mutex // held during a load
	mu      sync.Mutex
	entries map[string]entry // by name
	rules   map[string]rules // by file
}

// An entry is what is known of a workflow.
type entry struct {
	program  *program.Program // the last good one; nil if there was none
	text     string           // the text that was examined last, with those of its subworkflows as far as they changed
	file     string
	own      []byte         // the workflow's part of the text
	problems []diag.Problem // of that text; with an error the program is an older one
}

// isBad reports whether the workflow's present text has errors.
func (e entry) isBad() bool { return diag.HasErrors(e.problems) }

// New returns a catalog of a folder, which may be empty. Nothing is loaded yet.
func New(folder string, registry *task.Registry) *Catalog {
	return &Catalog{folder: folder, registry: registry, entries: map[string]entry{}, rules: map[string]rules{}}
}

// A Change is what a load found new.
type Change struct {
	Loaded  []string // workflows whose program is another one now
	Removed []string // workflows that are gone
	Intake  []string // intake files whose rules are other ones now, or that are gone
	Bad     []Bad    // files with errors that were not there, or not the same, at the load before
}

// IsEmpty reports whether nothing has changed.
func (c Change) IsEmpty() bool { return len(c.Loaded)+len(c.Removed)+len(c.Intake)+len(c.Bad) == 0 }

// A Bad file has errors.
type Bad struct {
	Workflow string // "" for an intake file
	File     string
	Source   []byte
	Problems []diag.Problem
	Older    bool // what an older text of the file said is used instead
}

// Load reads the folder and compiles what has changed. If the folder cannot be read, everything stays
// as it was.
func (c *Catalog) Load() (Change, error) {
	c.loading.Lock()
	defer c.loading.Unlock()
	texts, intakes, err := readFolder(c.folder)
	if err != nil {
		return Change{}, err
	}
	known := map[string]source{}
	if err := addShipped(known); err != nil {
		return Change{}, err
	}
	maps.Copy(known, texts)
	change, entries := c.loadWorkflows(known)
	rules := c.loadIntake(intakes, &change)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries, c.rules = entries, rules
	return change, nil
}

// loadWorkflows compiles the definitions that have changed.
func (c *Catalog) loadWorkflows(known map[string]source) (change Change, after map[string]entry) {
	before, after := c.entries, map[string]entry{} // only Load writes the fields
	for _, name := range slices.Sorted(maps.Keys(known)) {
		was, existed := before[name]
		now := c.compile(name, known)
		if existed && was.text == now.text {
			after[name] = was
			continue
		}
		if now.program == nil {
			now.program = was.program
		}
		after[name] = now
		switch {
		case now.isBad():
			change.Bad = append(change.Bad, Bad{name, now.file, known[name].text, now.problems, now.program != nil})
		case was.program == nil || was.program.Digest != now.program.Digest:
			change.Loaded = append(change.Loaded, name)
		}
	}
	for name := range before {
		if _, still := after[name]; !still {
			change.Removed = append(change.Removed, name)
		}
	}
	slices.Sort(change.Removed)
	return change, after
}

// compile compiles a definition with those that it calls. The program is nil if there are errors.
func (c *Catalog) compile(name string, known map[string]source) entry {
	of := known[name]
	e := entry{file: of.file, own: of.text}
	texts := map[string]string{name: string(of.text)}
	find := func(called string) (string, []byte, error) {
		found, ok := known[called]
		if !ok {
			return "", nil, &library.NotFoundError{Name: called, Near: diag.Nearest(called, slices.Sorted(maps.Keys(known)))}
		}
		texts[called] = string(found.text)
		return found.file, found.text, nil
	}
	e.program, e.problems = program.Loader{Registry: c.registry, Find: find}.Load(of.file, of.text)
	for _, one := range slices.Sorted(maps.Keys(texts)) {
		e.text += fmt.Sprintf("%s %d\n%s", one, len(texts[one]), texts[one])
	}
	return e
}

// addShipped adds the shipped definitions.
func addShipped(to map[string]source) error {
	shipped, _, err := readAll(definitions.Files, "definitions")
	if err != nil {
		return err
	}
	maps.Copy(to, shipped)
	return nil
}

// Workflow returns the present program of a workflow.
func (c *Catalog) Workflow(name string) (*program.Program, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.entries[name].program
	return p, p != nil
}

// Names returns the names of the workflows that have a program, sorted.
func (c *Catalog) Names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name, e := range c.entries {
		if e.program != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Bad returns how many definitions and intake files have errors.
func (c *Catalog) Bad() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, e := range c.entries {
		if e.isBad() {
			n++
		}
	}
	for _, r := range c.rules {
		if diag.HasErrors(r.problems) {
			n++
		}
	}
	return n
}
