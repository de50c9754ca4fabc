package golden

import (
	"slices"
	"strings"

	"errand/engine/diag"
	"errand/engine/schema"
)

// The files of a document.
const (
	caseFile       = "case.yaml"
	mocksFile      = "mocks.yaml"
	worldFile      = "world.yaml"
	traceFile      = "trace"
	afterwardsFile = "afterwards"
)

// partNames are the parts that a document can have, except definitions.
var partNames = []string{caseFile, mocksFile, worldFile, traceFile, afterwardsFile}

// definitionEnding is the ending of a part with a definition.
const definitionEnding = ".yaml"

// checkParts returns an error for a part that nobody reads, whatever the workflow is, or that the
// document has twice.
func (c *Case) checkParts() error {
	seen := map[string]bool{}
	for i, f := range c.archive.Files {
		switch {
		case seen[f.Name]:
			return c.fault(c.marker(i), "the part %s is in the document twice", schema.Show(f.Name))
		case !slices.Contains(partNames, f.Name) && !strings.HasSuffix(f.Name, definitionEnding):
			return c.unread(i)
		}
		seen[f.Name] = true
	}
	return nil
}

// checkDefinitions returns an error for a part with a definition that was not read. read has the
// names of the parts that were.
func (c *Case) checkDefinitions(read map[string]bool) error {
	for i, f := range c.archive.Files {
		if !slices.Contains(partNames, f.Name) && !read[f.Name] {
			return c.unread(i)
		}
	}
	return nil
}

func (c *Case) unread(i int) error {
	name := c.archive.Files[i].Name
	help := "known are " + strings.Join(partNames, ", ") + ", and NAME.yaml for the workflow NAME"
	if near := diag.Nearest(name, partNames); near != "" {
		help = diag.DidYouMean(name, partNames)
	}
	return c.fault(c.marker(i), "nothing reads the part %s; %s", schema.Show(name), help)
}
