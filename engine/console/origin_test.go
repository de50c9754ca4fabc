package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/console"
)

const formType = "application/x-www-form-urlencoded"

// A forgery is a request that is not that of a form of the console.
type forgery struct {
	method, query, media string
	headers              []string
}

// forgeries returns requests that must change nothing. host is that of the console.
func forgeries(host string) (all []forgery) {
	foreign := [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "SAME-ORIGIN"}, {"Sec-Fetch-Site", "same-origin, cross-site"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://" + host}, {"Sec-Fetch-Site", "same-site", "Origin", "http://" + host},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}, {"Sec-Fetch-Site", "", "Origin", "http://" + host + ".evil.example"},
		{"Sec-Fetch-Site", "", "Origin", "http://127.0.0.1"}, {"Sec-Fetch-Site", "", "Origin", "http://evil.example/" + host}, {"Sec-Fetch-Site", "", "Origin", "http://" + host + "@evil.example"},
		{"Sec-Fetch-Site", "", "Origin", "%"},
	}
	media := []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded2", "text/plain; a=application/x-www-form-urlencoded", "*/*", "application/"}
	for _, headers := range foreign {
		for _, m := range append(media, formType) {
			all = append(all, forgery{http.MethodPost, "", m, headers})
		}
	}
	own := []string{"Sec-Fetch-Site", "same-origin"}
	for _, m := range media {
		all = append(all, forgery{http.MethodPost, "", m, own}, forgery{http.MethodPost, "", m, []string{"Sec-Fetch-Site", "none"}}, forgery{http.MethodPost, "", m, []string{"Sec-Fetch-Site", ""}})
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "PROPFIND", "post"} {
		all = append(all, forgery{method, "", formType, own})
		for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
			all = append(all, forgery{method, "?_method=POST", formType, append([]string{name, http.MethodPost}, own...)})
		}
	}
	return all
}

// A deed is a form of the console and what it does.
type deed struct {
	secret  string // of who sends it
	address string
	form    url.Values
	done    func(answer) error
}

// deeds returns a deed for each page that changes something.
func (b *bench) deeds() map[string]deed {
	desk, robin := b.as("desk", access.Requester), b.as("robin", access.Operator, access.Approver)
	failed := [2]string{b.start(desk, "breaks", "", nil), b.start(desk, "breaks", "", nil)}
	asking := [2]string{b.start(desk, "ask", "", nil), b.start(desk, "ask", "", nil)}
	for i := range 2 {
		b.settled(failed[i], engine.Failed)
		b.settled(asking[i], engine.Waiting)
	}
	is := func(run string, has func(engine.View) bool) func(answer) error {
		return func(answer) error {
			v, err := b.runner.Read(b.Context(), run)
			if err == nil && !has(v) {
				err = fmt.Errorf("run %s is %s", run, v.Status)
			}
			return err
		}
	}
	retried := func(v engine.View) bool { return len(v.Rounds) > 0 }
	return map[string]deed{
		"POST /retry":                      {robin, "/retry", url.Values{"run": {failed[0]}}, is(failed[0], retried)},
		"POST /runs/{id}/retry":            {robin, "/runs/" + failed[1] + "/retry", url.Values{"from": {""}}, is(failed[1], retried)},
		"POST /runs/{id}/cancel":           {robin, "/runs/" + asking[0] + "/cancel", url.Values{}, is(asking[0], func(v engine.View) bool { return v.Cancelling || v.Status == engine.Cancelled })},
		"POST /runs/{id}/questions/{step}": {robin, "/runs/" + asking[1] + "/questions/ok", url.Values{"verdict": {"approve"}}, is(asking[1], func(v engine.View) bool { return len(v.Questions) == 0 })},
		"POST /sign-in": {robin, "/sign-in", url.Values{"token": {robin}}, func(a answer) error {
			if len(a.header.Values("Set-Cookie")) != 1 {
				return fmt.Errorf("it answers %d", a.status)
			}
			return nil
		}},
		"POST /sign-out": {robin, "/sign-out", url.Values{}, func(a answer) error {
			if len(a.header.Values("Set-Cookie")) != 1 || a.header.Get("Location") != "/sign-in" {
				return fmt.Errorf("it answers %d", a.status)
			}
			return nil
		}},
	}
}

// Only a form of the console changes anything: the journal, the sessions and the audit log stay as they
// are after every other request, with the cookie.
func TestOnlyOwnFormsChangeAnything(t *testing.T) {
	b := newBench(t, setting{})
	deeds := b.deeds()
	all, err := b.runner.List(t.Context(), engine.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for _, v := range all {
		runs = append(runs, v.Run)
	}
	host := strings.TrimPrefix(b.http.URL, "http://")
	for _, r := range console.Rows() {
		if r.Method == http.MethodGet {
			continue
		}
		d, known := deeds[r.Method+" "+r.Pattern]
		if !known {
			e := exampleOf(r, runs[0])
			d = deed{secret: b.as("admin", access.Admin), address: e.address, form: url.Values{}}
		}
		v := b.signedIn(d.secret)
		before := b.changes(runs...)
		for _, f := range forgeries(host) {
			body := d.form.Encode()
			if strings.HasPrefix(f.media, "multipart/") {
				body = multipartOf(d.form)
			}
			if f.method == http.MethodGet || f.method == http.MethodHead {
				f.query, body = f.query+"&"+body, ""
				f.query = "?" + strings.TrimLeft(f.query, "?&")
			}
			a := v.send(f.method, d.address+f.query, body, append([]string{"Content-Type", f.media}, f.headers...)...)
			if isRead := f.method == http.MethodGet || f.method == http.MethodHead; (a.status < 400 && !isRead) || a.status >= 500 || len(a.header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s %s%s of %q with %q answers %d", f.method, d.address, f.query, f.media, f.headers, a.status)
			}
		}
		if after := b.changes(runs...); after != before {
			t.Errorf("forged requests to %s changed something:\n%s\n%s", d.address, before, after)
		}
	}
}

// A form of the console works, also one of a browser that sends no Sec-Fetch-Site.
func TestOwnFormsWork(t *testing.T) {
	for name, headers := range map[string][]string{
		"a browser": {}, "an old browser": {"Sec-Fetch-Site", "", "Origin", "OWN"}, "a person's own request": {"Sec-Fetch-Site", "none"}, "no browser": {"Sec-Fetch-Site", ""},
		"a charset": {"Content-Type", formType + "; charset=UTF-8"},
	} {
		b := newBench(t, setting{})
		for page, d := range b.deeds() {
			given := append([]string{}, headers...)
			for i := range given {
				given[i] = strings.Replace(given[i], "OWN", b.http.URL, 1)
			}
			a := b.signedIn(d.secret).post(d.address, d.form, given...)
			if err := d.done(a); err != nil || a.status >= 400 {
				t.Errorf("%s from %s answers %d: %v", page, name, a.status, err)
			}
		}
	}
}

// multipartOf encodes a form as multipart/form-data with the boundary x.
func multipartOf(form url.Values) string {
	var b strings.Builder
	for name, values := range form {
		for _, value := range values {
			fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, value)
		}
	}
	return b.String() + "--x--\r\n"
}
