package cmd

import (
	"os/exec"
	"syscall"
)

// alone gives a process no console, so that it outlives this one's.
func alone(process *exec.Cmd) {
	const detachedProcess = 0x8
	process.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess}
}
