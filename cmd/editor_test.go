package cmd_test

import (
	"bufio"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// editor is a program for scripts that talks to a language server as an editor does. `editor
// SESSION COMMAND…` sends each line of the file SESSION in a frame, waits for the answer, and
// prints it on one line. It exits with the exit code of the server.
func editor() {
	lines, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	server := exec.Command(os.Args[2], os.Args[3:]...)
	server.Stderr = os.Stderr
	to, err := server.StdinPipe()
	if err != nil {
		panic(err)
	}
	from, err := server.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := server.Start(); err != nil {
		panic(err)
	}
	answers := bufio.NewReader(from)
	for line := range strings.Lines(string(lines)) {
		line = strings.TrimSpace(line)
		fmt.Fprintf(to, "Content-Length: %d\r\n\r\n%s", len(line), line)
		if strings.Contains(line, `"id":`) || strings.Contains(line, "didOpen") {
			fmt.Println(frame(answers))
		}
	}
	to.Close()
	if rest, err := io.ReadAll(answers); err != nil || len(rest) > 0 {
		fmt.Printf("and then %s %v\n", rest, err)
	}
	if server.Wait() != nil {
		os.Exit(server.ProcessState.ExitCode())
	}
}

// frame reads one message of the server.
func frame(r *bufio.Reader) string {
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return err.Error()
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return err.Error()
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return err.Error()
	}
	return string(body)
}
