package webhook

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	_ "errand/engine/goldenfile"
	"errand/engine/task"
	"errand/tasks/tasktest"
)

func secretOf(raw string) string { return prefix + base64.StdEncoding.EncodeToString([]byte(raw)) }

const canary = "canary-0123456789-abcdef"

func TestParseKey(t *testing.T) {
	for _, c := range []struct{ name, secret, want string }{
		{"24 bytes", secretOf(strings.Repeat("k", 24)), ""},
		{"64 bytes", secretOf(strings.Repeat("k", 64)), ""},
		{"23 bytes", secretOf(strings.Repeat("k", 23)), "has a key of 23 bytes; a key has 24 to 64 random bytes"},
		{"65 bytes", secretOf(strings.Repeat("k", 65)), "has a key of 65 bytes; a key has 24 to 64 random bytes"},
		{"one byte", secretOf("k"), "has a key of 1 bytes"},
		{"nothing", prefix, "has a key of 0 bytes"},
		{"empty", "", "does not begin with whsec_"},
		{"no prefix", strings.TrimPrefix(secretOf(canary), prefix), "does not begin with whsec_"},
		{"no base64", prefix + canary, "has no base64 after whsec_"},
		{"base64 for addresses", prefix + strings.Repeat("-_", 20), "has no base64 after whsec_"},
		{"on two lines", secretOf(strings.Repeat("k", 24)) + "\n", "has no base64 after whsec_"},
		{"bits left over", prefix + strings.Repeat("k", 33) + "l==="[0:3], "has no base64 after whsec_"},
	} {
		k, err := ParseKey(c.secret)
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%s: %v, expected %q", c.name, err, c.want)
		case err != nil && strings.Contains(err.Error(), "canary"):
			t.Errorf("%s: the error contains the secret: %v", c.name, err)
		}
		if _, invalid := k.Verify(http.Header{}, nil); invalid == nil {
			t.Errorf("%s: a message without a signature is believed", c.name)
		}
	}
}

// The library accepts what the guard refuses. If it no longer does, the guard is not needed.
func TestWhatTheGuardIsFor(t *testing.T) {
	for _, secret := range []string{"", secretOf("k")} {
		w, err := standard.NewWebhook(secret)
		if err != nil {
			t.Fatalf("the library refuses %q now: %v", secret, err)
		}
		h := signed(t, func(h http.Header, id string, at time.Time, body []byte) error {
			signature, err := w.Sign(id, at, body)
			h.Set("Webhook-Signature", signature)
			return err
		}, "m", time.Now(), "{}")
		for range 2 {
			if err := w.Verify([]byte("{}"), h); err != nil {
				t.Fatalf("the library refuses %q now: %v", secret, err)
			}
		}
	}
}

func signed(t *testing.T, sign func(http.Header, string, time.Time, []byte) error, id string, at time.Time, body string) http.Header {
	t.Helper()
	h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}}
	if err := sign(h, id, at, []byte(body)); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, err := ParseKey(secretOf(strings.Repeat("k", 32)))
		if err != nil {
			t.Fatal(err)
		}
		other, err := ParseKey(secretOf(strings.Repeat("o", 32)))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		set := func(name string, values ...string) func(http.Header) {
			return func(h http.Header) { h[name] = values }
		}
		for _, c := range []struct {
			name string
			key  Key
			at   time.Time
			body string
			edit func(http.Header)
			want string
		}{
			{"a good one", key, now, `{"a":1}`, nil, ""},
			{"almost five minutes old", key, now.Add(-5 * time.Minute), `{"a":1}`, nil, ""},
			{"five minutes ahead", key, now.Add(5 * time.Minute), `{"a":1}`, nil, ""},
			{"older", key, now.Add(-5*time.Minute - time.Second), `{"a":1}`, nil, "the message is older than five minutes"},
			{"further ahead", key, now.Add(5*time.Minute + time.Second), `{"a":1}`, nil, "the message is from more than five minutes ahead"},
			{"another key", other, now, `{"a":1}`, nil, "no signature fits the message"},
			{"another body", key, now, `{"a":2}`, nil, "no signature fits the message"},
			{"another id", key, now, `{"a":1}`, set("Webhook-Id", "n"), "no signature fits the message"},
			{"another time", key, now, `{"a":1}`, set("Webhook-Timestamp", strconv.FormatInt(now.Unix()+1, 10)), "no signature fits the message"},
			{"another version", key, now, `{"a":1}`, func(h http.Header) {
				h.Set("Webhook-Signature", "v2"+strings.TrimPrefix(h.Get("Webhook-Signature"), "v1"))
			}, "no signature fits the message"},
			{"several signatures", key, now, `{"a":1}`, func(h http.Header) { h.Set("Webhook-Signature", "v1,AAAA v1a,x "+h.Get("Webhook-Signature")) }, ""},
			{"no id", key, now, `{"a":1}`, set("Webhook-Id"), "the message needs one header webhook-id"},
			{"an empty id", key, now, `{"a":1}`, set("Webhook-Id", ""), "the message needs one header webhook-id"},
			{"two ids", key, now, `{"a":1}`, set("Webhook-Id", "m", "n"), "the message needs one header webhook-id"},
			{"two times", key, now, `{"a":1}`, set("Webhook-Timestamp", "1", "2"), "the message needs one header webhook-timestamp"},
			{"no signature", key, now, `{"a":1}`, set("Webhook-Signature"), "the message needs one header webhook-signature"},
			{"a long id", key, now, `{"a":1}`, set("Webhook-Id", strings.Repeat("m", 257)), "the header webhook-id is not an id"},
			{"an id with a control character", key, now, `{"a":1}`, set("Webhook-Id", "a\x1b"), "the header webhook-id is not an id"},
			{"a time that is none", key, now, `{"a":1}`, set("Webhook-Timestamp", "soon"), "the header webhook-timestamp is not a number of seconds"},
			{"no key", Key{}, now, `{"a":1}`, nil, "no signature fits the message"},
			{"no key, and no id", Key{}, now, `{"a":1}`, set("Webhook-Id"), "the message needs one header webhook-id"},
			{"no key, and too old", Key{}, now.Add(-time.Hour), `{"a":1}`, nil, "the message is older than five minutes"},
		} {
			h := signed(t, key.Sign, "m", c.at, `{"a":1}`)
			if c.edit != nil {
				c.edit(h)
			}
			id, err := c.key.Verify(h, []byte(c.body))
			if c.want == "" && (err != nil || id != "m") || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
				t.Errorf("%s: %q, %v; expected %q", c.name, id, err, c.want)
			}
		}
		if got := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(got, "kkk") || strings.Contains(got, "107 107") {
			t.Errorf("the key shows itself: %s", got)
		}
		if err := (Key{}).Sign(http.Header{}, "m", now, nil); err == nil {
			t.Error("no key signs")
		}
	})
}

func TestCredential(t *testing.T) {
	good := secretOf(strings.Repeat("k", 24))
	for _, c := range []struct {
		name, secret, url string
		checks            []string // of Fit
		ready             string
	}{
		{"good", good, "", nil, ""},
		{"with a url", good, "https://hooks.example.com/errand?x=1", nil, ""},
		{"to this machine", good, "http://127.0.0.1:8080/", nil, ""},
		{"a short key", secretOf("canary"), "", []string{"secret- has a key of 6 bytes"}, "the secret has a key of 6 bytes"},
		{"no url", good, "hooks", []string{"url- is not an http or https URL"}, "the url is not an http or https URL"},
		{"not encrypted", good, "http://hooks.example.com/", []string{"url- is not https"}, "the url is not https"},
		{"with a user", good, "https://kim:canary@hooks.example.com/", []string{"url- has a user or a fragment"}, "the url has a user"},
		{"nothing", "", "", nil, "the secret does not begin with"},
	} {
		store := tasktest.Store{secretParameter: c.secret, urlParameter: c.url}
		connector := Connector(task.Environment{Credentials: store})
		texts := tasktest.CheckTexts(connector.Fit(task.Conceal(store)))
		if len(texts) != len(c.checks) || len(texts) > 0 && !strings.HasPrefix(texts[0], c.checks[0]) {
			t.Errorf("%s: fits %q, expected %q", c.name, texts, c.checks)
		}
		err := connector.Ready(t.Context(), task.DefaultCredential)
		if c.ready == "" && err != nil || c.ready != "" && (err == nil || !strings.Contains(err.Error(), c.ready)) {
			t.Errorf("%s: ready: %v, expected %q", c.name, err, c.ready)
		}
		checks := connector.Validate(t.Context(), task.DefaultCredential)
		if len(checks) != 1 || checks[0].OK != (c.ready == "") {
			t.Errorf("%s: validated %+v", c.name, checks)
		}
		if all := fmt.Sprint(texts, err, checks); strings.Contains(all, "canary") || strings.Contains(all, "kkk") {
			t.Errorf("%s: a message contains the secret: %s", c.name, all)
		}
	}
	if err := Connector(task.Environment{}).Ready(t.Context(), "desk"); err == nil {
		t.Error("a webhook without a credential is ready")
	}
	if err := Connector(task.Environment{}).Ready(t.Context(), task.DefaultCredential); err == nil {
		t.Error("a webhook without a credential is ready")
	}
}
