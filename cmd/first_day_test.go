//go:build unix

package cmd_test

import (
	"os"
	"path/filepath"
	"testing"

	"errand/cmd/cmdtest"
	"errand/engine/goldenfile"
)

// The page about the first day is carried out from top to bottom, by real processes. The page must
// show what each command prints. With -update, the test rewrites the page.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	page := filepath.Join("..", firstDay)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	b := cmdtest.NewBash(t, cmdtest.Stage{
		Place: "/srv/trial", Addresses: []string{"127.0.0.1:8330", "127.0.0.1:8331"}, Needs: []string{"curl", "systemd-analyze"},
		Programs: []string{"errand", "new/errand"}, Environment: []string{personVariable + "=i.meier"}, // the one in new is a newer program
	})
	goldenfile.Check(t, page, []byte(b.CarryOut(string(text))))
}
