package temporaltest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"errand/engine/temporal/temporaltest"
)

// orphanVariable is set in the process that TestServerEndsWithItsTest kills.
const orphanVariable = "ERRAND_TEMPORAL_TEST_ORPHAN"

// A server whose test is killed stops by itself.
func TestServerEndsWithItsTest(t *testing.T) {
	temporaltest.Need(t)
	if os.Getenv(orphanVariable) != "" {
		s := temporaltest.Start(t, temporaltest.Options{})
		fmt.Printf("address %s\n", s.Address())
		select {}
	}
	folder := t.TempDir()
	test := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestServerEndsWithItsTest$", "-temporal")
	test.Env = append(os.Environ(), orphanVariable+"=1", "TMPDIR="+folder)
	stdout, err := test.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := test.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "address ")
	if err != nil || !found {
		t.Fatalf("the test started no server: %q, %v", line, err)
	}
	if err := test.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = test.Wait() // "signal: killed"
	for {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = connection.Close()
		time.Sleep(50 * time.Millisecond)
	}
	// The server closes its files last.
	for os.RemoveAll(folder) != nil {
		time.Sleep(50 * time.Millisecond)
	}
}
