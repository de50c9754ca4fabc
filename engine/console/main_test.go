package console_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: of a stream, a watcher or a connection.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
