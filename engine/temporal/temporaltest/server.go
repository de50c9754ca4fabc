package temporaltest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Options are what differs between servers. The zero value is a server with Temporal's defaults.
type Options struct {
	Retention                 time.Duration // how long closed workflows are kept; 0 means 24 hours
	SuggestContinueAsNewAfter int           // events in a history; 0 means Temporal's default, 4096
	HistoryLimit              int           // events at which a workflow is ended; 0 means Temporal's default, 51200
	ShortestTimer             time.Duration // shorter timers take about this long; 0 means Temporal's default, a second
}

// flags returns the options as the server's flags.
func (o Options) flags() []string {
	var flags []string
	if o.Retention != 0 {
		flags = append(flags, "-retention", o.Retention.String())
	}
	if o.SuggestContinueAsNewAfter != 0 {
		flags = append(flags, "-suggest-continue-as-new-after", strconv.Itoa(o.SuggestContinueAsNewAfter))
	}
	if o.HistoryLimit != 0 {
		flags = append(flags, "-history-limit", strconv.Itoa(o.HistoryLimit))
	}
	if o.ShortestTimer != 0 {
		flags = append(flags, "-shortest-timer", o.ShortestTimer.String())
	}
	return flags
}

// A Server is a process on loopback with its database in a file. Its address and its file stay the
// same as long as the test runs. The methods are for the goroutine of the test.
type Server struct {
	tb      testing.TB
	binary  string
	flags   []string
	folder  string
	address string

	process *exec.Cmd      // nil if there is none
	stdin   io.WriteCloser // the process stops when it is closed
}

// Start starts a server with an empty database and waits until it is ready. The server ends with the
// test, even if the process of the test is killed.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	Need(tb)
	s := &Server{tb: tb, binary: findBinary(tb), flags: o.flags(), folder: tb.TempDir()}
	tb.Cleanup(s.end)
	s.launch("0")
	return s
}

// Address returns the host and the port for clients.
func (s *Server) Address() string { return s.address }

// Kill ends the process with SIGKILL.
func (s *Server) Kill() {
	s.tb.Helper()
	s.mustRun()
	if err := s.process.Process.Kill(); err != nil {
		s.tb.Fatal(err)
	}
	_ = s.process.Wait() // "signal: killed"
	s.release()
}

// Stop asks the process to stop, and waits for its end.
func (s *Server) Stop() {
	s.tb.Helper()
	s.mustRun()
	_ = s.stdin.Close()
	if err := s.process.Wait(); err != nil {
		s.tb.Fatalf("the server was asked to stop: %v\n%s", err, s.log())
	}
	s.release()
}

// Restart starts a server that was killed or stopped, with its file and its port, and waits until it
// is ready.
func (s *Server) Restart() {
	s.tb.Helper()
	if s.process != nil {
		s.tb.Fatal("the server runs; Kill or Stop it before Restart")
	}
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.launch(port)
}

// launch starts the process and waits for the line that says that it is ready.
func (s *Server) launch(port string) {
	s.tb.Helper()
	// The log file is the child's only other output, so a process that nobody reads is not blocked.
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	process := exec.Command(s.binary, append([]string{"-file", filepath.Join(s.folder, "temporal.db"), "-port", port}, s.flags...)...)
	process.Stderr = log
	stdin, err := process.StdinPipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	if err := process.Start(); err != nil {
		s.tb.Fatal(err)
	}
	s.process, s.stdin = process, stdin
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	var ready struct{ Address string }
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err == nil && ready.Address == "" {
		err = errors.New(`expected {"address":"HOST:PORT"}`)
	}
	if err != nil {
		s.tb.Fatalf("the server is not ready: %v\n%s%s", err, line, s.log())
	}
	s.address = ready.Address
}

// end ends a process that still runs. Its file is thrown away, so it need not stop properly.
func (s *Server) end() {
	if s.process != nil {
		s.Kill()
	}
	if s.tb.Failed() {
		s.tb.Logf("the log of the Temporal server:\n%s", s.log())
	}
}

func (s *Server) mustRun() {
	s.tb.Helper()
	if s.process == nil {
		s.tb.Fatal("the server does not run")
	}
}

func (s *Server) release() {
	_ = s.stdin.Close()
	s.process, s.stdin = nil, nil
}

func (s *Server) logFile() string { return filepath.Join(s.folder, "log") }

// log returns the end of what the processes wrote to standard error.
func (s *Server) log() []byte {
	const most = 16 << 10
	text, err := os.ReadFile(s.logFile())
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-most):]
}
