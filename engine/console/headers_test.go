package console_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"errand/engine/access"
	"errand/engine/console"
)

// checkHeaders fails unless an answer of the console says how browsers must treat it.
func checkHeaders(t testing.TB, what string, a answer) {
	t.Helper()
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
		if got := a.header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: the header %s is %q", what, name, got)
		}
	}
	given := a.header.Values("Content-Security-Policy")
	if len(given) != 1 {
		t.Fatalf("%s: the policies are %q", what, given)
	}
	policy := map[string]string{}
	for directive := range strings.SplitSeq(given[0], "; ") {
		name, value, _ := strings.Cut(directive, " ")
		policy[name] = value
		if value != "'none'" && value != "'self'" {
			t.Errorf("%s: the policy has %s", what, directive)
		}
	}
	for _, name := range []string{"default-src", "frame-ancestors", "base-uri"} {
		if policy[name] != "'none'" {
			t.Errorf("%s: the policy has no %s 'none': %s", what, name, given[0])
		}
	}
	if policy["form-action"] != "'self'" {
		t.Errorf("%s: forms may go anywhere: %s", what, given[0])
	}
	cache, kind := a.header.Get("Cache-Control"), a.header.Get("Content-Type")
	isFile := strings.HasPrefix(kind, "text/css") || strings.HasPrefix(kind, "text/javascript") || kind == "image/svg+xml"
	if isFile && cache != "max-age=300" || !isFile && cache != "no-store" {
		t.Errorf("%s: %s with Cache-Control %q", what, kind, cache)
	}
	if a.text != "" && kind == "" {
		t.Errorf("%s: the body has no media type", what)
	}
	if a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Server") != "" {
		t.Errorf("%s: the headers are %v", what, a.header)
	}
}

// Every answer has the headers: pages, refusals, redirections, files and streams.
func TestHeaders(t *testing.T) {
	b := newBench(t, setting{streams: 2})
	desk := b.as("desk", access.Requester)
	pruned := b.pruned(desk, "100-6")
	runs := b.cast(desk, "100")
	olga, monitor, nobody := b.signedIn(b.as("olga", access.Operator)), b.signedIn(b.as("monitor", access.Monitor)), b.visitor()
	seen := map[int]bool{}
	check := func(what string, a answer) {
		t.Helper()
		seen[a.status] = true
		checkHeaders(t, what, a)
	}
	for _, r := range console.Rows() {
		e := exampleOf(r, runs.asking)
		check("a page for nobody: "+e.address, nobody.see(r, e))
		check("a page for a monitor: "+e.address, monitor.see(r, e))
		monitor = b.signedIn(b.secrets["monitor"])
		check(r.Method+" "+e.address, b.signedIn(b.secrets["olga"]).see(r, e))
		check("HEAD "+e.address, olga.send(http.MethodHead, e.address, ""))
		check("PUT "+e.address, olga.send(http.MethodPut, e.address, ""))
		check("a foreign form: "+e.address, olga.post(e.address, e.form, "Sec-Fetch-Site", "cross-site"))
		check("a foreign link: "+e.address, nobody.get(e.address, "Sec-Fetch-Site", "cross-site"))
		check("the script of nobody: "+e.address, nobody.get(e.address, "Sec-Fetch-Dest", "empty"))
		check("no form: "+e.address, olga.post(e.address, e.form, "Content-Type", "text/plain"))
	}
	for _, run := range append(runs.all(), pruned) {
		check("the run "+run, olga.get("/runs/"+run))
	}
	check("a large form", olga.post("/retry", url.Values{"run": {strings.Repeat("x", 1<<20)}}))
	check("a form that cannot be read", olga.send(http.MethodPost, "/retry", "%zz", "Content-Type", formType, "Sec-Fetch-Site", "same-origin"))
	check("an unknown address", olga.get("/nothing"))
	check("an address that is not clean", olga.get("//runs"))
	check("a stream of a run that does not exist", olga.get("/live?run=x"))
	for _, status := range []int{200, 303, 400, 401, 403, 404, 409, 413, 415, 422} {
		if !seen[status] {
			t.Errorf("no answer had the status %d", status)
		}
	}
}

// No template has a style, a handler or a script in itself, or loads something from elsewhere, and the
// script makes no markup of texts.
func TestTemplatesHaveNothingInline(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"a style":          regexp.MustCompile(`(?i)\bstyle\s*=|<style`),
		"a handler":        regexp.MustCompile(`(?i)[\s"'/]on[a-z]+\s*=`),
		"another address":  regexp.MustCompile(`(?i)(src|href|action|srcset|content|data)\s*=\s*["']?\s*(https?:|//|javascript:|data:)`),
		"a frame":          regexp.MustCompile(`(?i)<(iframe|frame|object|embed|base|applet|portal)\b`),
		"a script in text": regexp.MustCompile(`(?i)<script(>|\s[^>]*[^"]>)`),
	}
	script := regexp.MustCompile(`(?i)<script\b[^>]*>`)
	unsafe := regexp.MustCompile(`innerHTML\s*=[^=]|outerHTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|document\.cookie`)
	if !forbidden["a handler"].MatchString(`<a onclick="x">`) || !forbidden["a script in text"].MatchString(`<script>`) || !unsafe.MatchString("a.innerHTML = b") {
		t.Fatal("the expressions find nothing")
	}
	found := 0
	err := fs.WalkDir(console.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(console.Files(), name)
		if err != nil {
			return err
		}
		found++
		if strings.HasSuffix(name, ".js") {
			if bad := unsafe.FindString(string(data)); bad != "" {
				t.Errorf("%s has %q", name, bad)
			}
			return nil
		}
		if !strings.HasSuffix(name, ".html") {
			return nil
		}
		for what, expression := range forbidden {
			if bad := expression.FindString(string(data)); bad != "" {
				t.Errorf("%s has %s: %q", name, what, bad)
			}
		}
		for _, tag := range script.FindAllString(string(data), -1) {
			if !strings.Contains(tag, ` src="/`) {
				t.Errorf("%s has %s", name, tag)
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("there are %d files: %v", found, err)
	}
}
