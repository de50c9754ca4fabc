// Package temporaltest starts Temporal servers for tests. It defines the flag -temporal: without it,
// tests that need a server are skipped, because a server that is not in a cache yet takes minutes to
// build. Every test package of engine/temporal and cmd/errand-worker imports it, so that one command
// can set the flag for all of them.
package temporaltest

import (
	"flag"
	"testing"
)

var wanted = flag.Bool("temporal", false, "run the tests that need a Temporal server, and build the server if it is not in the cache")

// Namespace is the namespace of every server.
const Namespace = "default"

// Need skips the test if tests with a server are not wanted.
func Need(tb testing.TB) {
	tb.Helper()
	if !*wanted {
		tb.Skip("this test needs a Temporal server; run it with -temporal, and the first time with -timeout 30m, because the server is built then")
	}
}
