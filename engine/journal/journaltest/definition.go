package journaltest

import (
	"testing"

	"errand/engine/journal"
)

func anotherDefinition(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", ""))
	must(t, j, begin("two", ""))
	c := next("one", 0, "")
	c.Source, c.File, c.Digest = []byte("workflow: other\n"), "other.yaml", "d2"
	must(t, j, c)
	r, _ := load(t, j, "one")
	same(t, "the definition", []string{string(r.Source), r.File, r.Digest}, []string{"workflow: other\n", "other.yaml", "d2"})
	r, _ = load(t, j, "two")
	same(t, "the definition of the other run", []string{string(r.Source), r.File, r.Digest}, []string{"workflow: start-instance\n", "start.yaml", "d1"})
}

// A definition stays in the journal when its only run goes on with another one, and when the run
// has ended.
func definitionsAreKept(t *testing.T, j journal.Journal) {
	kept := func(what string, want map[string]string) {
		t.Helper()
		for digest, source := range want {
			got, err := j.Definition(t.Context(), digest)
			if source == "" {
				wants(t, what+": "+digest, err, journal.ErrNotFound)
			} else {
				wants(t, what+": "+digest, err, nil)
			}
			same(t, what+": "+digest, string(got), source)
		}
	}
	kept("nothing yet", map[string]string{"": "", "d1": ""})
	c := begin("one", "")
	c.Create.Source = []byte("\xff\x00 not text\r\n")
	must(t, j, c)
	c = begin("lost", "")
	c.Create.Source, c.Create.Digest = nil, "d9"
	must(t, j, c)
	for i, digest := range []string{"d2", "d3"} {
		c := next("one", i, "")
		c.Source, c.File, c.Digest = []byte("the source of "+digest), "other.yaml", digest
		must(t, j, c)
	}
	ended := next("one", 2, "")
	ended.State = journal.State{Status: "failed", Ended: start}
	must(t, j, ended)
	kept("after two others", map[string]string{
		"d1": "\xff\x00 not text\r\n", "d2": "the source of d2", "d3": "the source of d3", "d4": "", "d9": "",
	})
	found := begin("found", "")
	found.Create.Source, found.Create.Digest = []byte("the source of d9"), "d9"
	must(t, j, found)
	kept("when another run brings it", map[string]string{"d9": "the source of d9"})
}
