package catalog

import (
	"maps"
	"slices"

	"errand/engine/diag"
	"errand/engine/intake"
	"errand/engine/library"
)

// rules are those of an intake file.
type rules struct {
	source   *intake.Source // the last good one; nil if there was none
	text     string         // that was examined last
	problems []diag.Problem // of that text; with an error the source is an older one
}

// loadIntake checks the intake files that have changed. If a workflow has changed, it checks them all:
// their rules have the programs that they start.
func (c *Catalog) loadIntake(files []source, change *Change) map[string]rules {
	after := map[string]rules{}
	sameWorkflows := len(change.Loaded)+len(change.Removed)+len(change.Bad) == 0
	loader := intake.Loader{Registry: c.registry, Library: library.Library{Folder: c.folder}}
	for _, f := range files {
		was, existed := c.rules[f.file]
		sameText := existed && was.text == string(f.text)
		if sameText && sameWorkflows {
			after[f.file] = was
			continue
		}
		now := rules{text: string(f.text)}
		now.source, now.problems = loader.Load(f.file, f.text)
		bad := diag.HasErrors(now.problems)
		if bad {
			now.source = was.source
		}
		after[f.file] = now
		switch {
		case bad && !(sameText && diag.HasErrors(was.problems)):
			change.Bad = append(change.Bad, Bad{"", f.file, f.text, now.problems, now.source != nil})
		case !bad && (!sameText || diag.HasErrors(was.problems)):
			change.Intake = append(change.Intake, f.file)
		}
	}
	for file := range c.rules {
		if _, still := after[file]; !still {
			change.Intake = append(change.Intake, file)
		}
	}
	slices.Sort(change.Intake)
	return after
}

// Sources returns the checked intake files, sorted by name.
func (c *Catalog) Sources() []*intake.Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sources []*intake.Source
	for _, file := range slices.Sorted(maps.Keys(c.rules)) {
		if s := c.rules[file].source; s != nil {
			sources = append(sources, s)
		}
	}
	return sources
}
