//go:build unix

package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// certificateCommand is the command of the page that makes a certificate for the console.
var certificateCommand = regexp.MustCompile(`(?m)^openssl .*\\\n.*$`)

// The commands of the compose file work in the order in which they are started, with its variables: a home
// takes the place of Temporal, and folders that of the containers.
func TestComposition(t *testing.T) {
	folder := t.TempDir()
	c := readComposition(t)
	names := []string{"/var/lib/errand-key", filepath.Join(folder, "key"), "/var/lib/errand", filepath.Join(folder, "home"), "/etc/errand/tls", filepath.Join(folder, "tls"), "0.0.0.0:8331", "127.0.0.1:0"}
	names = append(names, "127.0.0.1:8330", sandboxOf(t, c.Services["sandbox"]))
	here := strings.NewReplacer(names...)
	for _, at := range []string{"key", "tls"} {
		if err := os.Mkdir(filepath.Join(folder, at), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	makeCertificate(t, folder)
	for name, value := range c.Services["setup"].Environment {
		t.Setenv(name, here.Replace(value))
	}
	command := func(service string) []string {
		return strings.Fields(here.Replace(strings.Join(c.Services[service].Command, " ")))
	}

	run(t, command("setup")...)
	if _, err := os.Stat(filepath.Join(folder, "key", "key")); err != nil {
		t.Error(err)
	}
	run(t, "serve", "token", "add", "me", "--role", "admin", "--person", "kim")
	w := begin(t, true, append(command("worker"), "--log-format", "json")...)
	w.until("the worker carries on runs")
	if out := run(t, "doctor"); strings.Count(out, ", credential default: tested") != 2 {
		t.Errorf("the doctor says\n%s", out)
	}
	p := begin(t, false, append(command("console"), "--log-level", "error")...)
	askConsole(t, p.until("https://"), filepath.Join(folder, "tls", "cert.pem"))
	p.stop()
	w.stop()
}

// sandboxOf starts the sandbox as a process, on a free port, and returns its address.
func sandboxOf(t *testing.T, s composed) string {
	t.Helper()
	program, err := exec.LookPath("errand")
	if err != nil {
		t.Fatal(err)
	}
	p := exec.CommandContext(t.Context(), program, strings.Fields(strings.ReplaceAll(strings.Join(s.Command, " "), ":8330", ":0"))...)
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Wait() }) // the end of the test's context kills it
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line)
	if err != nil || address == "" {
		t.Fatalf("the sandbox says %q: %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return address
}

// makeCertificate makes the certificate as the page says.
func makeCertificate(t *testing.T, folder string) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("the compose file was not tried: openssl is not installed")
	}
	page, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	p := exec.CommandContext(t.Context(), "bash", "-c", certificateCommand.FindString(string(page)))
	p.Dir = folder
	if out, err := p.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// askConsole asks the console whether it answers.
func askConsole(t *testing.T, url, certificate string) {
	t.Helper()
	text, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the console answers %d", answer.StatusCode)
	}
}
