package credential

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"errand/engine/task"
)

func masking(values ...string) *Mask {
	m := &Mask{}
	for _, v := range values {
		m.Add(task.NewSecret(v))
	}
	return m
}

const hairy = "p&ss/w+rd <\"ü\\'> 日本~=?"

// A secret is masked in every form, and the text next to it is left.
func TestMaskedForms(t *testing.T) {
	marshal := func(html bool) func(string) string {
		return func(s string) string {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(html)
			_ = e.Encode(s)
			return strings.Trim(strings.TrimSpace(b.String()), `"`)
		}
	}
	writings := map[string]func(string) string{
		"plain":                  func(s string) string { return s },
		"JSON":                   marshal(true),
		"JSON without HTML":      marshal(false),
		"JSON with slashes":      func(s string) string { return strings.ReplaceAll(marshal(true)(s), "/", `\/`) },
		"Go":                     func(s string) string { return strings.Trim(strconv.Quote(s), `"`) },
		"Go in ASCII":            func(s string) string { return strings.Trim(strconv.QuoteToASCII(s), `"`) },
		"HTML":                   html.EscapeString,
		"a query":                url.QueryEscape,
		"a query with %20":       func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
		"a query in small":       func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
		"a path":                 url.PathEscape,
		"hexadecimal":            func(s string) string { return hex.EncodeToString([]byte(s)) },
		"hexadecimal, capitals":  func(s string) string { return fmt.Sprintf("%X", s) },
		"base64":                 func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64 without padding": func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
		"base64 for URLs":        func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
		"base64 for URLs, bare":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	}
	for name, write := range writings {
		for _, secret := range []string{canarySecret, hairy, "abcdef", "Zm9vYmFy", "1234567890", strings.Repeat("long ", 900)} {
			m := masking("something else", secret)
			for _, c := range []struct{ before, after string }{{"", ""}, {"x ", " y"}, {"é", "é"}, {"[", "][" + "secre"}, {"a=", "&b="}, {`{"a":"`, `"}`}} {
				if strings.HasPrefix(name, "base64") && len(secret) > longestForm || strings.HasPrefix(secret, "long") && name != "plain" && !strings.HasPrefix(name, "JSON") && !strings.HasPrefix(name, "Go") && name != "HTML" {
					continue // a value of this length is masked only as it is
				}
				text := c.before + write(secret) + c.after
				if got := m.Text(text); got != c.before+task.Concealed+c.after {
					t.Errorf("%s of %.20q: %q became %q", name, secret, text, got)
				}
				twice := write(secret) + c.after + write(secret)
				if got := m.Text(twice); got != task.Concealed+c.after+task.Concealed {
					t.Errorf("%s of %.20q twice: %q", name, secret, got)
				}
			}
		}
	}
}

// In base64 a secret is often part of a longer text, such as a user and a password.
func TestMaskedInsideBase64(t *testing.T) {
	m := masking(canarySecret)
	for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		for before := range 7 {
			for after := range 7 {
				text := alphabet.EncodeToString([]byte(strings.Repeat("x", before) + canarySecret + strings.Repeat("y", after)))
				left, right, found := strings.Cut(m.Text(text), task.Concealed)
				if !found || len(left) > (before*8+5)/6 || len(right) > (after*8+5)/6+3 {
					t.Errorf("%d before, %d after: %q became %q", before, after, text, m.Text(text))
				}
				if !strings.HasPrefix(text, left) || !strings.HasSuffix(text, right) {
					t.Errorf("%q became %q", text, m.Text(text))
				}
			}
		}
	}
}

func TestShortValuesAreMaskedAsWords(t *testing.T) {
	m := masking("", "a", "abc", "abcd", "p@ss", "7777", "äöü")
	for text, want := range map[string]string{
		"a b abc":                  "a b abc",
		"abcd":                     "[secret]",
		"abcd.":                    "[secret].",
		"xabcd abcdx abcd_ 1abcd":  "xabcd abcdx abcd_ 1abcd",
		"éabcd":                    "éabcd",
		"abcd,abcd\nabcd":          "[secret],[secret]\n[secret]",
		"abcdabcd":                 "abcdabcd",
		"p@ss":                     "[secret]",
		"a p@ss!":                  "a [secret]!",
		"17777 7777 77770":         "17777 [secret] 77770",
		"äöü":                      "[secret]",
		"YWJjZA==":                 "YWJjZA==",
		"61626364":                 "61626364",
		`{"key":"abcd","n":7777}`:  `{"key":"[secret]","n":[secret]}`,
		"\xffabcd\xff a\xff7777":   "\xff[secret]\xff a\xff[secret]",
		"nothing to be found here": "nothing to be found here",
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestMaskedLines(t *testing.T) {
	key := "-----BEGIN KEY-----\nline one of it\n\tline two of it\n}\n-----END KEY-----"
	m := masking(key)
	if got := m.Text("error: bad line \"line two of it\" } " + key); got != `error: bad line "[secret]" } [secret]` {
		t.Errorf("got %q", got)
	}
}

// Longer secrets are masked first, so that no part of one remains.
func TestSecretsWithinSecrets(t *testing.T) {
	m := masking("secret", "secret/canary/secret", "canary/secret/x")
	if got := m.Text("secret/canary/secret secret/canary/secret/x x"); got != "[secret] [secret]/x x" {
		t.Errorf("got %q", got)
	}
}

func TestMaskedJSON(t *testing.T) {
	m := masking(canarySecret, hairy, "1234567", "4711", "tab\there")
	var escaped strings.Builder
	for _, r := range hairy {
		fmt.Fprintf(&escaped, `\u%04x`, r)
	}
	for data, want := range map[string]string{
		`{"a":"` + canarySecret + `","b":[1,true,null]}`:               `{"a":"[secret]","b":[1,true,null]}`,
		`{"` + canarySecret + `":1}`:                                   `{"[secret]":1}`,
		`{ "a" : "x ` + canarySecret + ` y" }`:                         `{ "a" : "x [secret] y" }`,
		`"` + escaped.String() + `"`:                                   `"[secret]"`,
		`"<` + escaped.String() + `>"`:                                 `"<[secret]>"`,
		`{"n":1234567,"m":12345678,"f":-1.5e9,"i":4711}`:               `{"n":"[secret]","m":"[secret]","f":-1.5e9,"i":"[secret]"}`,
		`[4711,47110,"4711","a4711"]`:                                  `["[secret]",47110,"[secret]","a4711"]`,
		`"tab\there"`:                                                  `"[secret]"`,
		`"tab\u0009here"`:                                              `"[secret]"`,
		`"a\\tb \"quoted\" \/"`:                                        `"a\\tb \"quoted\" \/"`,
		`{"a":"` + canarySecret + "\"}\n{\"b\":\"\\n\"}\n":             "{\"a\":\"[secret]\"}\n{\"b\":\"\\n\"}\n",
		`"` + base64.StdEncoding.EncodeToString([]byte(hairy)) + `\n"`: `"[secret]\n"`,
		`"not closed ` + canarySecret:                                  `"not closed [secret]`,
		`"not closed \`:                                                `"not closed \`,
		``:                                                             ``,
	} {
		got := m.JSON([]byte(data))
		if string(got) != want {
			t.Errorf("%s\nbecame\n%s\nwant\n%s", data, got, want)
		}
		if json.Valid([]byte(data)) && !json.Valid(got) {
			t.Errorf("%s is not JSON", got)
		}
	}
}

// If there is nothing to mask, nothing is copied.
func TestNothingToMask(t *testing.T) {
	text := strings.Repeat(`{"level":"info","message":"instance i-0a1b2c3d4e5f60001 was started: stopped -> pending"}`+"\n", 20)
	for name, m := range map[string]*Mask{"no secret": {}, "secrets": masking(canarySecret, hairy, "abcd")} {
		if got := m.Text(text); unsafe.StringData(got) != unsafe.StringData(text) {
			t.Errorf("%s: the text was copied", name)
		}
		data := []byte(text)
		if got := m.JSON(data); &got[0] != &data[0] {
			t.Errorf("%s: the data were copied", name)
		}
	}
}

func TestMaskGetsFoundSecrets(t *testing.T) {
	b := beginning(t)
	say := "it is " + canarySecret + " in the region north"
	if got := b.Mask().Text(say); got != say {
		t.Errorf("before a secret was found, the text becomes %q", got)
	}
	if _, err := b.Find(t.Context(), "cloud", "a"); err != nil {
		t.Fatal(err)
	}
	if got := b.Mask().Text(say + " " + canaryID); got != "it is [secret] in the region north [secret]" {
		t.Errorf("got %q", got)
	}
	b.add(desk, "x", given("secret", "another secret", "url", "https://desk.example.com"))
	if _, err := b.Find(t.Context(), "desk", "x"); err != nil {
		t.Fatal(err)
	}
	if got := b.Mask().Text("another secret, https://desk.example.com, " + canarySecret); got != "[secret], https://desk.example.com, [secret]" {
		t.Errorf("got %q", got)
	}
}

// Secrets that are not stored are masked as stored ones are, except short ones and the sandbox's
// word. Of those that pass, the last ones are known; a secret that is also stored stays.
func TestMaskOfTheEnvironment(t *testing.T) {
	m := &Mask{}
	for _, value := range []string{"variable-secret", "sandbox", "any", "short", ""} {
		m.AddVariable(task.NewSecret(value))
		m.AddPassing(task.NewSecret(value))
	}
	m.AddPassing(task.NewSecret("first-passing"))
	m.AddPassing(task.NewSecret("both-passing"))
	m.Add(task.NewSecret("both-passing"))
	if got := m.Text("variable-secret sandbox any short first-passing"); got != "[secret] sandbox any short [secret]" {
		t.Errorf("got %q", got)
	}
	for i := range 2 * mostPassing {
		m.AddPassing(task.NewSecret(fmt.Sprintf("passing-%d-", i)))
	}
	last := fmt.Sprintf("passing-%d-", 2*mostPassing-1)
	if got := m.Text("variable-secret first-passing both-passing " + last); got != "[secret] first-passing [secret] [secret]" {
		t.Errorf("got %q", got)
	}
	if len(m.known) > mostPassing+2 || len(m.passing) > mostPassing {
		t.Errorf("%d secrets, %d passing ones are kept", len(m.known), len(m.passing))
	}
}

// Masked JSON is still JSON, and masked text does not contain the secret.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{`{"a":"canary/secret+value","b":1234567}`, `"\u0063anary/secret+value"`, `[4711.0,"4711",-4711e2]`, `"\\"`, `"a\`, ``} {
		f.Add(seed, canarySecret)
		f.Add(seed, "1234567")
		f.Add(seed, "4711")
	}
	f.Fuzz(func(t *testing.T, data, secret string) {
		if len(data) > 1<<16 || len(secret) > 1<<12 {
			return
		}
		m := masking(secret)
		got := m.JSON([]byte(data))
		if json.Valid([]byte(data)) && !json.Valid(got) {
			t.Errorf("%q became %q", data, got)
		}
		if len(secret) < minForms {
			return
		}
		for piece := range strings.SplitSeq(m.Text(data), task.Concealed) {
			if strings.Contains(piece, secret) {
				t.Errorf("%q leaves %q", data, piece)
			}
		}
	})
}
