package console_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// A visitor is a browser with its own cookies.
type visitor struct {
	*bench
	client *http.Client
}

// visitor returns a browser that nobody has signed in with.
func (b *bench) visitor() *visitor {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	client := *b.http.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visitor{b, &client}
}

// signedIn returns a browser that is signed in with a token.
func (b *bench) signedIn(secret string) *visitor {
	b.Helper()
	v := b.visitor()
	if a := v.signIn(secret, "/"); a.status != http.StatusSeeOther || v.secret() == "" {
		b.Fatalf("signing in answers %d %s", a.status, a.text)
	}
	return v
}

// signIn sends the form that signs in.
func (v *visitor) signIn(secret, next string) answer {
	v.Helper()
	return v.post("/sign-in", url.Values{"token": {secret}, "next": {next}})
}

// cookies returns the cookies that the browser keeps.
func (v *visitor) cookies() []*http.Cookie {
	at, err := url.Parse(v.http.URL)
	if err != nil {
		v.Fatal(err)
	}
	return v.client.Jar.Cookies(at)
}

// secret returns the secret of the browser's session, or "".
func (v *visitor) secret() string {
	for _, c := range v.cookies() {
		if strings.HasSuffix(c.Name, "errand-session") {
			return c.Value
		}
	}
	return ""
}

// An answer is what a browser gets.
type answer struct {
	status int
	header http.Header
	text   string
}

// get asks for a page as a person does who follows a link here.
func (v *visitor) get(path string, headers ...string) answer {
	v.Helper()
	return v.send(http.MethodGet, path, "", append([]string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Dest", "document"}, headers...)...)
}

// post sends a form of a page of the console.
func (v *visitor) post(path string, form url.Values, headers ...string) answer {
	v.Helper()
	return v.send(http.MethodPost, path, form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}, headers...)...)
}

// send sends a request. headers are pairs of names and values; a later pair replaces an earlier one, and
// an empty value removes it. Of an event stream it reads the first line.
func (v *visitor) send(method, path, body string, headers ...string) answer {
	v.Helper()
	ctx, cancel := context.WithCancel(v.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, v.http.URL, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	r.URL.Path = ""
	r.URL.Opaque = "//" + r.URL.Host + path // as it is, without being cleaned
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	got, err := v.client.Do(r)
	if err != nil {
		v.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = got.Body.Close() }()
	a := answer{status: got.StatusCode, header: got.Header}
	if got.Header.Get("Content-Type") == "text/event-stream" {
		line := make([]byte, len("event: here"))
		_, _ = io.ReadFull(got.Body, line) // the status says enough
		a.text = string(line)
		return a
	}
	text, err := io.ReadAll(got.Body)
	if err != nil {
		v.Fatalf("%s %s: %v", method, path, err)
	}
	a.text = string(text)
	return a
}
