//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"errand/cmd/cmdtest"
	"errand/engine/goldenfile"
	"errand/engine/temporal/temporaltest"
)

// The administrator's page is carried out from top to bottom, by real processes with a real server. The page
// must show what each command prints. With -update, the test rewrites the page.
func TestGuide(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	page, err := filepath.Abs(guide)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	s := temporaltest.Start(t, temporaltest.Options{})
	b := cmdtest.NewBash(t, cmdtest.Stage{
		Place: "/srv/trial", Addresses: []string{"127.0.0.1:8330", "127.0.0.1:8331"}, Names: [][2]string{{"127.0.0.1:7233", s.Address()}}, Needs: []string{"curl"},
		Programs: []string{"errand", name}, Environment: []string{personVariable + "=i.meier", serverVariable + "=1"},
	})
	goldenfile.Check(t, page, []byte(b.CarryOut(string(text))))
}
