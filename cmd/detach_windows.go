package cmd

import (
	"os/exec"
	"syscall"
)

// separate starts a process without a console, so that it continues after the console is closed.
func separate(process *exec.Cmd) {
	const detachedProcess = 0x8
	process.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess}
}
