package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// detach leaves a run to a process of its own, which goes on after this one and writes what it shows to a file beside the journal.
// The run's id is what is printed.
func (c *Command) detach(d *desk, run string) error {
	self := c.Self
	if self == "" {
		var err error
		if self, err = os.Executable(); err != nil {
			return &Exit{Code: ExitInternal, Message: "this program's own file is not known: " + err.Error(), Hint: "errand runs resume " + run}
		}
	}
	log, err := logFile(d.home, run)
	if err != nil {
		return &Exit{Code: ExitConfiguration, Message: err.Error(), Hint: "the run is on record; errand runs resume " + run + " carries it out"}
	}
	defer func() { _ = log.Close() }()
	process := exec.Command(self, append([]string{"runs", "resume", run, "--home", d.home}, d.keys...)...)
	process.Stdout, process.Stderr = log, log
	alone(process)
	if err := process.Start(); err != nil {
		return &Exit{Code: ExitInternal, Message: "no process could be started: " + err.Error(), Hint: "the run is on record; errand runs resume " + run + " carries it out"}
	}
	fmt.Fprintf(c.Stderr, "process %d carries it out; errand runs show %s tells how far it is\n", process.Process.Pid, run)
	fmt.Fprintln(c.Stdout, run)
	return process.Process.Release()
}

func logFile(home, run string) (*os.File, error) {
	folder := filepath.Join(home, "logs")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(folder, run+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}
