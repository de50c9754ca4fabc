package cmd_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A deployed is a service of a scene, in a process that is ended and started again.
type deployed struct {
	*testing.T
	*scene
	address   string
	tokens    map[string]string // by name
	drain     string            // how long the end of the process waits for calls
	publicURL string            // of --public-url; "" means none
	program   string            // the path of the program; "" means the one in PATH
	process   *process
}

// deploy returns a service with definitions, by the names of their files. It is not started yet.
func deploy(t *testing.T, s *scene, definitions map[string]string) *deployed {
	t.Helper()
	folder := t.TempDir()
	for name, text := range definitions {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &deployed{T: t, scene: s.withVariable("ERRAND_DEFINITIONS=" + folder), address: freeAddress(t), tokens: map[string]string{}, drain: "5s"}
}

// freeAddress returns an address of loopback where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	return free.Addr().String()
}

// addToken makes a token.
func (s *deployed) addToken(name string, flags ...string) {
	s.Helper()
	made := s.errand(s.T, append([]string{"serve", "token", "add", name}, flags...)...)
	if made.code != 0 {
		s.Fatal(made.stderr)
	}
	s.tokens[name] = strings.TrimSpace(made.stdout)
}

// launch starts the service, and waits until it answers.
func (s *deployed) launch() {
	s.Helper()
	p := s.prepare(s.T, "serve", "--listen", s.address, "--drain", s.drain, "--log-level", "warn", "--public-url", s.publicURL)
	if s.program != "" {
		p.Path = s.program
	}
	s.process = p.begin(s.T)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if answer, err := http.Get("http://" + s.address + "/readyz"); err == nil {
			_ = answer.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			s.Fatal("the service does not answer: ", p.stderr.String())
		}
	}
}

// stop ends the service by a signal.
func (s *deployed) stop(signal syscall.Signal) {
	s.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		s.Fatal(err)
	}
	o := s.process.end(s.T)
	if signal == syscall.SIGTERM && o.code != 0 {
		s.Errorf("after SIGTERM the service ends with %d: %s", o.code, o.stderr)
	}
}

// call asks the service. status is 0 if there is no answer.
func (s *deployed) call(token, method, path string, body any, headers ...string) (status int, answer []byte) {
	s.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	r, err := http.NewRequestWithContext(s.Context(), method, "http://"+s.address+path, bytes.NewReader(text))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.tokens[token])
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = got.Body.Close() }()
	answer, err = io.ReadAll(got.Body)
	if err != nil {
		return 0, nil
	}
	return got.StatusCode, answer
}
