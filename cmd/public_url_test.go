package cmd_test

import (
	"strings"
	"syscall"
	"testing"

	"errand/cmd"
	"errand/engine"
)

// A run writes the address of its page, which stays as it was when the run began: also if the next
// process has another address, or none. A run of the command line has none.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	s := deploy(t, newScene(t, "tickets: [{id: 100-1}, {id: 100-2}, {id: 100-3}, {id: 100-4}]"), map[string]string{"asked.yaml": `
workflow: asked
steps:
  - id: ask
    task: ism.add_worklog
    with: {ticket: "${{ request.id }}", text: "${{ run.url ?? 'no page' }}", client_viewable: false}
  - {id: ok, approval: {ask: "See ${{ run.url ?? 'nothing' }}", by: [kim]}}
  - id: note
    task: ism.add_worklog
    with: {ticket: "${{ request.id }}", text: "${{ run.url ?? 'no page' }} was decided", client_viewable: false}
`})
	s.addToken("desk", "--role", "requester", "--workflow", "asked")
	s.addToken("kim", "--role", "approver", "--person", "kim")
	want := map[string]string{}
	for i, c := range []struct {
		request, console, next string // the addresses of the process that starts the run, and of the next one
	}{
		{"100-1", "https://errand.example.com/", "https://other.example.com"},
		{"100-2", "https://example.com:8443", ""},
		{"100-3", "", "http://localhost:8331"},
	} {
		s.publicURL = c.console
		s.launch()
		run := s.begin("asked", c.request)
		s.until(run, func(v engine.View) bool { return len(v.Waits) == 1 && v.Waits[0].For == engine.WaitPerson })
		s.stop([]syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGTERM}[i])
		s.publicURL = c.next
		s.launch()
		s.approve("kim", run)
		s.until(run, func(v engine.View) bool { return v.Status == engine.Succeeded })
		s.stop(syscall.SIGTERM)
		page := "no page"
		if c.console != "" {
			page = strings.TrimSuffix(c.console, "/") + "/runs/" + run
		}
		want[c.request] = page
	}
	s.errand(t, "run", "asked", "--request", "100-4")
	want["100-4"] = "no page"
	for _, ticket := range s.state(t).Tickets {
		var texts []string
		for _, worklog := range ticket.Worklogs {
			_, text, _ := strings.Cut(worklog.Text, "\n\n") // after the reference
			texts = append(texts, text)
		}
		expected := []string{want[ticket.ID]}
		if ticket.ID != "100-4" {
			expected = append(expected, want[ticket.ID]+" was decided")
		}
		if got, want := strings.Join(texts, ", "), strings.Join(expected, ", "); got != want {
			t.Errorf("ticket %s has the worklogs %s, want %s", ticket.ID, got, want)
		}
	}
}

// An address that cannot be used is refused before the service starts.
func TestPublicURLRefused(t *testing.T) {
	d := newDesk(t)
	for text, want := range map[string]string{
		"errand.example.com":                "it must begin with https://",
		"http://errand.example.com":         `people reach "errand.example.com" over http only on this machine; use https`,
		"https://kim:s3cret@example.com":    "it must not have a user or a password",
		"https://errand.example.com/?token": "it must not have a query or a fragment",
		"https://errand.example.com/a)[b":   `the path "/a)[b" must be left out: the pages are at the root of their host`,
		"javascript:alert(1)":               "it must begin with https://",
		"\u202ehttps://errand.example.com":  "first path segment in URL cannot contain colon",
	} {
		_, said, code := d.run(t, "serve", "--listen", "127.0.0.1:0", "--public-url", text)
		if code != cmd.ExitUsage || said != "errand: --public-url: "+want+"\n  hint: expected an address such as https://errand.example.com\n" {
			t.Errorf("%q: exit code %d, %s", text, code, said)
		}
	}
}
