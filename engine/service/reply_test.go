package service_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A reply is an answer of the service.
type reply struct {
	*testing.T
	status int
	header http.Header
	text   string
}

// ask sends a request. headers are pairs of names and values.
func (b *bench) ask(secret, method, path, body string, headers ...string) reply {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

func (b *bench) send(r *http.Request) reply {
	b.Helper()
	answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return reply{b.T, answer.StatusCode, answer.Header, string(text)}
}

// want fails unless the reply has a status and, of a problem, the code.
func (r reply) want(status int, code ...string) reply {
	r.Helper()
	if r.status != status || len(code) > 0 && r.member("code") != code[0] {
		r.Fatalf("the answer is %d %s; expected %d %s", r.status, r.text, status, strings.Join(code, ""))
	}
	return r
}

// member returns a member of the body as text, or "".
func (r reply) member(name string) string {
	r.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(r.text), &body); err != nil {
		r.Fatalf("%s: %v", r.text, err)
	}
	switch v := body[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			r.Fatal(err)
		}
		return string(text)
	}
}

// into decodes the body.
func into[T any](r reply) (v T) {
	r.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.text)))
	if err := decoder.Decode(&v); err != nil {
		r.Fatalf("%s: %v", r.text, err)
	}
	return v
}
