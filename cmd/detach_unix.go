//go:build unix

package cmd

import (
	"os/exec"
	"syscall"
)

// separate makes a process the leader of a new session, so that it continues after the terminal is
// closed.
func separate(process *exec.Cmd) { process.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
