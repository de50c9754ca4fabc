package access_test

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
)

func TestSessionIsValid(t *testing.T) {
	created := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	fresh := access.NewSession("", created)
	seen := func(after time.Duration) access.Session {
		s := fresh
		s.Seen = created.Add(after)
		return s
	}
	ended := fresh
	ended.Ended = created.Add(2 * time.Hour)
	for name, test := range map[string]struct {
		session access.Session
		after   time.Duration
		want    bool
	}{
		"at once":                        {fresh, 0, true},
		"a clock that is behind":         {fresh, -time.Minute, true},
		"just before it idles":           {fresh, time.Hour - 1, true},
		"idle":                           {fresh, time.Hour, false},
		"used":                           {seen(time.Hour), time.Hour, true},
		"just before it expires":         {seen(11*time.Hour + 30*time.Minute), 12*time.Hour - 1, true},
		"expired":                        {seen(11*time.Hour + 30*time.Minute), 12 * time.Hour, false},
		"ended":                          {ended, 0, false},
		"the zero session":               {access.Session{}, 0, false},
		"without a time when it expires": {access.Session{ID: "a", Created: created, Seen: created}, 0, false},
	} {
		if got := test.session.IsValid(created.Add(test.after)); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestNewSession(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	s, other := access.NewSession("Firefox on Linux", at), access.NewSession("Firefox on Linux", at)
	if len(s.ID) != 16 || s.ID == other.ID {
		t.Errorf("the ids are %q and %q", s.ID, other.ID)
	}
	other.ID = s.ID
	want := access.Session{ID: s.ID, Created: at, Seen: at, Expires: at.Add(12 * time.Hour), Agent: "Firefox on Linux"}
	if !reflect.DeepEqual(s, want) || !reflect.DeepEqual(other, want) {
		t.Errorf("got %+v\nand %+v\nwant %+v", s, other, want)
	}
	long := strings.Repeat("é", 199)
	for agent, want := range map[string]string{
		"":                          "",
		" \t Firefox\r\n on Linux ": "Firefox on Linux",
		"\x1b[31mFire\x00fox\u202e": "[31mFirefox",
		"Fire\xfffox\ufffd":         "Firefox",
		long + "ab":                 long + "a",
		long + " b":                 long,
	} {
		if got := access.NewSession(agent, at).Agent; got != want {
			t.Errorf("%q became %q, want %q", agent, got, want)
		}
	}
}

// A secret of a session is known by its hash. A text in another form has none, also if it is the
// secret of a token or decodes to the same bytes.
func TestSessionHashOf(t *testing.T) {
	secret, h := access.NewSessionSecret()
	if got, ok := access.SessionHashOf(secret); !ok || got != h {
		t.Errorf("the hash is %x, %t", got, ok)
	}
	if other, _ := access.NewSessionSecret(); other == secret || len(secret) != 43 {
		t.Error("secrets are equal, or short")
	}
	if _, ok := access.HashOf(secret); ok {
		t.Error("it has the form of a token's secret")
	}
	token, _ := access.NewSecret()
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	letters := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := secret[:42] + letters[strings.IndexByte(letters, secret[42])|1:][:1] // the same bytes for a decoder that is not strict
	for i, bad := range []string{
		"", token, secret[1:], secret + "A", secret[:42], secret + "\n", secret[:20] + "\n" + secret[20:], secret[:41] + "\r\n", secret + "=", " " + secret,
		last, strings.Repeat("+", 43), base64.StdEncoding.EncodeToString(raw),
	} {
		if _, ok := access.SessionHashOf(bad); ok {
			t.Errorf("text %d has a hash", i)
		}
	}
}
