package cmd_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// The page of the sandbox names what it serves, and each address answers.
func TestSandboxPage(t *testing.T) {
	t.Parallel()
	s := serve(t, "{}")
	page := s.page(t, "/")
	for path, want := range map[string]string{"/ec2": "<Code>MissingAuthenticationToken</Code>", "/ism": "the header user_auth_token is missing or empty", "/state": `"id": "i-0a1b2c3d4e5f60002"`} {
		if !strings.Contains(page, s.base+path) {
			t.Errorf("the page does not name %s:\n%s", path, page)
		}
		if got := s.page(t, path); !strings.Contains(got, want) {
			t.Errorf("%s answers %s, want %s", path, got, want)
		}
	}
}

// page returns the answer of the sandbox to a browser.
func (s *served) page(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get(s.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
