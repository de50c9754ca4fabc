//go:build unix

package cmd

import (
	"os/exec"
	"syscall"
)

// alone gives a process its own session, so that it outlives the terminal.
func alone(process *exec.Cmd) { process.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
