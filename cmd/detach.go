package cmd

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// detach starts a process that continues a run after this process has ended. The new process writes
// its output to a log file in the home. With wait, it stays while the run waits for a person.
// detach prints the id of the run.
//
// If workers carry runs on, no process is needed.
func (o *opened) detach(ctx context.Context, run string, wait bool) error {
	if o.hasWorkers() {
		fmt.Fprintf(o.stderr, "the run is on record, and a worker carries it on; %s\n", o.atHome("errand runs show "+run+" shows how far the run is"))
		fmt.Fprintln(o.stdout, run)
		return nil
	}
	if _, err := o.Read(ctx, run); err != nil { // its record may have been deleted
		return runExit(err, run)
	}
	self := o.self
	if self == "" {
		var err error
		if self, err = os.Executable(); err != nil {
			return &Exit{Code: ExitInternal, Message: "cannot find the file of this program: " + err.Error(), Hint: "errand runs resume " + run}
		}
	}
	log, err := logFile(o.Folder, run)
	if err != nil {
		return &Exit{Code: ExitConfiguration, Message: err.Error(), Hint: "the run is on record; errand runs resume " + run + " continues it"}
	}
	defer func() { _ = log.Close() }()
	args := append([]string{"runs", "resume", run, "--home", o.Folder}, o.keys...)
	if wait {
		args = append(args, "--wait")
	}
	process := exec.Command(self, args...)
	process.Stdout, process.Stderr = log, log
	separate(process)
	if err := process.Start(); err != nil {
		return &Exit{Code: ExitInternal, Message: "cannot start a process: " + err.Error(), Hint: "the run is on record; errand runs resume " + run + " continues it"}
	}
	fmt.Fprintf(o.stderr, "process %d carries out the run; %s\n", process.Process.Pid, o.atHome("errand runs show "+run+" shows how far the run is"))
	fmt.Fprintln(o.stdout, run)
	return process.Process.Release()
}

func logFile(home, run string) (*os.File, error) {
	folder := filepath.Join(home, "logs")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(folder, run+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}
