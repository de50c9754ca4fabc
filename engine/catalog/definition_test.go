package catalog_test

import (
	"slices"
	"testing"

	"errand/engine/catalog"
)

// The present text is shown with its problems, whichever program is used.
func TestDefinition(t *testing.T) {
	f := folder{t, t.TempDir()}
	c := catalog.New(f.path, registry())
	f.write("my-one.yaml", definition("my-one", "ok"))
	f.write("my-bad.yaml", "workflow: my-bad\n")
	load(t, c)
	if got := own(c.Definitions()); !slices.Equal(got, []string{"my-bad", "my-one"}) {
		t.Errorf("the definitions are %q", got)
	}
	if d, ok := c.Definition("my-one"); !ok || string(d.Text) != definition("my-one", "ok") || len(d.Problems) > 0 || d.Older || d.File != f.path+"/my-one.yaml" {
		t.Errorf("a good one: %+v, %v", d, ok)
	}
	if d, ok := c.Definition("my-bad"); !ok || string(d.Text) != "workflow: my-bad\n" || len(d.Problems) == 0 || d.Older {
		t.Errorf("a bad one: %+v, %v", d, ok)
	}
	f.write("my-one.yaml", "workflow: my-one\nsteps: [{task: nothing}]\n")
	load(t, c)
	if d, _ := c.Definition("my-one"); string(d.Text) != "workflow: my-one\nsteps: [{task: nothing}]\n" || len(d.Problems) == 0 || !d.Older {
		t.Errorf("a good one that became bad: %+v", d)
	}
	if d, ok := c.Definition("my-none"); ok {
		t.Errorf("there is %+v", d)
	}
}
