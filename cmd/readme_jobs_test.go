package cmd_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"errand/cmd"
	"errand/engine/journal"
)

// A job is a process that a page starts in the background.
type job struct {
	*exec.Cmd
	run   string        // the id of the run that it announced, or ""
	lines int           // that the page shows
	over  chan struct{} // closed when it has ended
}

// start starts a job, and returns the first lines that it prints: as many as the page shows. A
// sandbox listens on a free port, and the page does not show its standard error.
func (s *shell) start(args []string, shown int) string {
	serves := args[0] == "sandbox"
	port := ""
	if at := slices.Index(args, "--listen") + 1; serves {
		port = args[at][strings.LastIndex(args[at], ":"):]
		args[at] = "127.0.0.1:0"
	}
	output, input, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	j := &job{Cmd: exec.CommandContext(s.t.Context(), "errand", args...), lines: shown, over: make(chan struct{})}
	j.Env, j.Stdout = s.environment(), input
	if !serves {
		j.Stderr = input
	}
	if err := j.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.number(j.Cmd)
	_ = input.Close()
	s.jobs = append(s.jobs, j)
	reader := bufio.NewReader(output)
	text, err := firstLines(reader, shown)
	go func() {
		_, _ = io.Copy(io.Discard, reader)
		_ = j.Wait()
		_ = output.Close()
		close(j.over)
	}()
	s.t.Cleanup(func() { <-j.over }) // the end of the test's context kills the process
	if err != nil {
		s.t.Fatalf("errand %s: %v, after\n%s", strings.Join(args, " "), err, text)
	}
	if serves {
		s.names = append(s.names, [2]string{"127.0.0.1" + port, regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(text)})
	}
	j.run = runID.FindString(text)
	return s.normalize(text)
}

// firstLines reads a number of lines.
func firstLines(from *bufio.Reader, lines int) (string, error) {
	var text strings.Builder
	for range lines {
		line, err := from.ReadString('\n')
		text.WriteString(line)
		if err != nil {
			return text.String(), err
		}
	}
	return text.String(), nil
}

// environment returns the environment of a job: the variables that the page has set, and nothing
// else that is meant for Errand.
func (s *shell) environment() []string {
	all := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ERRAND_") })
	for name, value := range s.env {
		all = append(all, name+"="+value)
	}
	return append(all, personVariable+"=i.meier")
}

// kill sends a signal, such as "-9", to jobs, such as "%2". Before it kills a job, it waits for
// what a reader sees before the kill. As in a shell, the next job gets the number after those that
// are left.
func (s *shell) kill(signal string, numbers []string) {
	if runtime.GOOS == "windows" {
		s.t.Skip("Windows has no signals")
	}
	killed := map[int]*job{}
	for _, number := range numbers {
		n, err := strconv.Atoi(strings.TrimPrefix(number, "%"))
		if err != nil || n < 1 || n > len(s.jobs) || s.jobs[n-1] == nil {
			s.t.Fatalf("there is no job %s", number)
		}
		j := s.jobs[n-1]
		if signal == "-9" {
			s.waitForRecord(j)
			killed[n-1] = j
		}
		if out, err := exec.CommandContext(s.t.Context(), "kill", signal, strconv.Itoa(j.Process.Pid)).CombinedOutput(); err != nil {
			s.t.Fatalf("%v: %s", err, out)
		}
	}
	for at, j := range killed {
		if <-j.over; j.ProcessState.Exited() {
			s.t.Fatalf("errand %s had ended before it was killed", strings.Join(j.Args[1:], " "))
		}
		s.jobs[at] = nil
	}
	for len(s.jobs) > 0 && s.jobs[len(s.jobs)-1] == nil {
		s.jobs = s.jobs[:len(s.jobs)-1]
	}
}

// waitForRecord waits until the journal has the intent of a call of the job's run, and the events
// that the job has printed.
func (s *shell) waitForRecord(j *job) {
	store, err := journal.Open(s.t.Context(), s.env["ERRAND_HOME"])
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for {
		_, entries, err := store.Load(s.t.Context(), j.run)
		if err != nil {
			s.t.Fatal(err)
		}
		intent := slices.ContainsFunc(entries, func(e journal.Entry) bool { return e.Kind == journal.Intent })
		if intent && s.events(j.run) >= j.lines {
			return
		}
		select {
		case <-j.over:
			s.t.Fatalf("errand %s ended before its call was on record", strings.Join(j.Args[1:], " "))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// events returns the number of lines in which `errand runs events` prints the events of a run.
func (s *shell) events(run string) int {
	var out strings.Builder
	if code := s.errand(&out, io.Discard).Run(s.t.Context(), []string{"runs", "events", run}); code != cmd.ExitSucceeded {
		s.t.Fatalf("the events of the run %s: exit code %d", run, code)
	}
	return countLines(strings.TrimSuffix(out.String(), "\n"))
}
