package journal_test

import (
	"testing"

	_ "errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/journal/journaltest"
)

func TestMemory(t *testing.T) {
	journaltest.Run(t, func(*testing.T) journal.Journal { return journal.NewMemory() })
}

func TestMemoryOfBrowserSessions(t *testing.T) {
	journaltest.RunBrowserSessions(t, func(*testing.T) journaltest.BrowserStore { return journal.NewMemory() })
}
