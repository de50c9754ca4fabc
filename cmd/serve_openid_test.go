package cmd_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"errand/cmd"
	"errand/engine/openid/openidtest"
)

// The problems of the file are shown as those of other files, before the service starts.
func TestOpenIDFile(t *testing.T) {
	d := newDesk(t)
	file := filepath.Join(d.folder, "openid.yaml")
	if err := os.WriteFile(file, []byte("issuer: http://login.example.com\nclient_id: errand\nrole: {operators: [operator]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	public := []string{"--public-url", "https://errand.example.com"}
	for _, test := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"no address", []string{"--openid", file}, cmd.ExitUsage, []string{"--openid needs --public-url", "https://errand.example.com/sign-in/callback"}},
		{"no file", append(public, "--openid", file+"2"), cmd.ExitNotFound, []string{file + "2"}},
		{"problems", append(public, "--openid", file), cmd.ExitProblems, []string{
			"there is no key \"role\"", "role: {operators: [operator]}", "begins with http", file + ": 3 errors; the service was not started",
		}},
	} {
		out, said, code := d.run(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, test.args...)...)
		if code != test.code || out != "" {
			t.Errorf("%s: exit code %d, %s\n%s", test.name, code, out, said)
		}
		for _, text := range test.says {
			if !strings.Contains(said, text) {
				t.Errorf("%s: it does not say %q:\n%s", test.name, text, said)
			}
		}
	}
}

// A person whom the provider signs in sees the pages of the service, with what the home has.
func TestServeOpenID(t *testing.T) {
	provider := openidtest.New(t)
	s := deploy(t, newScene(t, "tickets: [{id: 100-1}]"), map[string]string{"noted.yaml": `
workflow: noted
steps:
  - {task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: noted, client_viewable: false}}
`})
	s.openid = filepath.Join(t.TempDir(), "openid.yaml")
	if err := os.WriteFile(s.openid, []byte("issuer: "+provider.Issuer+"\nclient_id: "+openidtest.ClientID+"\nroles: {desk-admins: [admin]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.publicURL = "http://" + s.address
	s.launch()
	defer s.stop(syscall.SIGTERM)
	provider.SignIn("kim", "desk-admins")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	read := func(answer *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s %v\n%s", answer.Status, err, text)
		}
		return string(text)
	}
	onward := regexp.MustCompile(`content="0; url=([^"]*)"`)
	left := onward.FindStringSubmatch(read(browser.PostForm(s.publicURL+"/sign-in/provider", url.Values{"next": {"/about"}})))
	if left == nil {
		t.Fatal("the page does not lead to the provider")
	}
	came := onward.FindStringSubmatch(read(browser.Get(html.UnescapeString(left[1]))))
	if came == nil || came[1] != "/about" {
		t.Fatalf("the page goes on to %v", came)
	}
	for page, texts := range map[string][]string{
		"/sign-in?next=%2Fabout": {s.home},
		"/sessions":              {strings.TrimPrefix(provider.Issuer, "http://"), "this one"},
		"/credentials":           {">noted<", "from the environment"},
		"/audit":                 {"session.begin", "openid:account-of-kim"},
		"/about":                 {"ec2.restart_instance", "Nothing was checked"},
	} {
		for _, text := range texts {
			if found := read(browser.Get(s.publicURL + page)); !strings.Contains(found, text) {
				t.Errorf("%s has no %q:\n%s", page, text, found)
			}
		}
	}
	if found := read(browser.PostForm(s.publicURL+"/about/check", nil)); !strings.Contains(found, "ism, credential default") || !strings.Contains(found, "intact; 0 runs") {
		t.Errorf("the findings are\n%s", found)
	}
}
