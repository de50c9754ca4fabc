package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

func TestParsePublicURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://errand.example.com":         "https://errand.example.com",
		"https://errand.example.com/":        "https://errand.example.com",
		"HTTPS://Errand.Example.COM:8331/":   "https://errand.example.com:8331",
		"https://192.0.2.7":                  "https://192.0.2.7",
		"https://[2001:DB8::7]:8331":         "https://[2001:db8::7]:8331",
		"http://localhost:8331/":             "http://localhost:8331",
		"http://127.0.0.1:8331":              "http://127.0.0.1:8331",
		"http://[::1]:8331":                  "http://[::1]:8331",
		"http://[::ffff:127.0.0.1]":          "http://[::ffff:127.0.0.1]",
		"https://xn--strung-q2a.example.com": "https://xn--strung-q2a.example.com",
	} {
		got, err := service.ParsePublicURL(text)
		if got != want || err != nil {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
		if again, err := service.ParsePublicURL(got); again != got || err != nil {
			t.Errorf("%q, read again, is %q, %v", got, again, err)
		}
	}
	for text, want := range map[string]string{
		"":                                     "it must begin with https://",
		"errand.example.com":                   "it must begin with https://",
		"//errand.example.com":                 "it must begin with https://",
		"/errand":                              "it must begin with https://",
		"ftp://errand.example.com":             "it must begin with https://",
		"javascript:alert(1)":                  "it must begin with https://",
		"https:errand.example.com":             "it must begin with https://",
		"https://":                             `"" is not the name`,
		"https:///runs":                        `"" is not the name`,
		"https://:8331":                        `"" is not the name`,
		"https://kim:s3cret@errand.example":    "a user or a password",
		"https://errand.example.com@evil.test": "a user or a password",
		"https://errand.example.com?x=1":       "a query or a fragment",
		"https://errand.example.com/?":         "a query or a fragment",
		"https://errand.example.com#":          "a query or a fragment",
		"https://errand.example.com/#top":      "a query or a fragment",
		"http://errand.example.com":            `"errand.example.com" over http`,
		"http://192.0.2.7":                     `"192.0.2.7" over http`,
		"http://localhost.example.com":         `"localhost.example.com" over http`,
		"http://0.0.0.0":                       `"0.0.0.0" over http`,
		"https://errand.example.com:":          "does not end with a port",
		"https://errand.example.com:123456":    "does not end with a port",
		"https://errand.example.com:65536":     "does not end with a port",
		"https://errand.example.com:0":         "does not end with a port",
		"https://errand.example.com:port":      "invalid port",
		"https://errand example.com":           "invalid character",
		" https://errand.example.com":          "first path segment",
		"https://errand.example.com\n":         "invalid control character",
		"https://errand.example.com/%zz":       "invalid URL escape",
		`https://"><script>`:                   "is not the name",
		"https://errand..example.com":          "is not the name",
		"https://-errand.example.com":          "is not the name",
		"https://errand.example.com,evil.test": "is not the name",
		"https://störung.example.com":          "is not the name",
		"https://er%61nd.example.com":          "invalid URL escape",
		"https://[fe80::1%25eth0]":             "is not the name",
		"https://errand.example.com//":         "the path",
		"https://example.com/errand":           "at the root of their host",
		"https://errand.example.com/a//b":      "the path",
		"https://errand.example.com/a/../b":    "the path",
		"https://errand.example.com/.":         "the path",
		"https://errand.example.com/a b":       "the path",
		"https://errand.example.com/a)":        "the path",
		"https://errand.example.com/${{x}}":    "the path",
		"https://errand.example.com/\u202ea":   "the path",
		"https://errand.example.com/%2e%2e/a":  "the path",
	} {
		got, err := service.ParsePublicURL(text)
		if err == nil || got != "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q gives %q, %v; want %q", text, got, err, want)
		}
	}
}

// A run has the address of its page from the service that started it, also if another one answers.
func TestRunURL(t *testing.T) {
	folder := t.TempDir()
	at := func(console string) func(*service.Config) {
		return func(c *service.Config) { c.PublicURL = console }
	}
	benches := []*bench{newBenchIn(t, folder, at("https://errand.example.com")), newBenchIn(t, folder, at("https://example.com/errand")), newBenchIn(t, folder)}
	desk := benches[0].as("desk", access.Requester)
	for i, console := range []string{"https://errand.example.com/runs/", "https://example.com/errand/runs/", ""} {
		body := fmt.Sprintf(`{"workflow":"greet","request":"100-%d","inputs":{"who":"Kim"}}`, i)
		started := benches[i].ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusCreated)
		want := console
		if want != "" {
			want += started.member("run")
		}
		if got := started.member("url"); got != want {
			t.Errorf("the run has the address %q, want %q", got, want)
		}
		for n, b := range benches {
			if got := b.ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusOK).member("url"); got != want {
				t.Errorf("service %d gives the address %q, want %q", n, got, want)
			}
			if v := b.settled(started.member("run"), engine.Succeeded); v.URL != want {
				t.Errorf("the address on record is %q, want %q", v.URL, want)
			}
		}
	}
}
