package task_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
)

type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestReadAllStopsAtTheLimit(t *testing.T) {
	for text, want := range map[string]error{"": nil, "12345": nil, "123456": task.ErrTooLong} {
		if got, err := task.ReadAll(strings.NewReader(text), 5); err != want || err == nil && string(got) != text {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	source := &endless{}
	if _, err := task.ReadAll(source, 1<<20); !errors.Is(err, task.ErrTooLong) || source.read > 2<<20 {
		t.Errorf("%d bytes were read: %v", source.read, err)
	}
	cut := io.MultiReader(strings.NewReader("12"), io.LimitReader(strings.NewReader(""), 0), failing{})
	if got, err := task.ReadAll(cut, 5); err != io.ErrUnexpectedEOF || string(got) != "12" {
		t.Errorf("got %q, %v", got, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestWebPage(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{"text/html", "<html><head><title>Please log in</title>", `a web page titled "Please log in"`},
		{"text/html; charset=utf-8", "<TITLE lang=en>\n Log&nbsp;in &amp; go\n</TITLE>", `a web page titled "Log in & go"`},
		{"", " <!DOCTYPE html><title>a</title>", `a web page titled "a"`},
		{"application/json", "<html>no title", "a web page without a title"},
		{"application/xhtml+xml", "", "a web page without a title"},
		{"text/html", "<title>" + strings.Repeat("x", 200) + "</title>", `a web page titled "` + strings.Repeat("x", 100) + `…"`},
		{"text/html", "<title>a\x1b[31m</title>", `a web page titled "a\x1b[31m"`},
		{"application/json", `{"data":"<html>"}`, ""},
		{"text/xml", "<Response/>", ""},
		{"", "", ""},
	} {
		if got := task.WebPage(c.kind, []byte(c.body)); got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.kind, c.body, got, c.want)
		}
	}
}

func TestUTF8(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{"application/json", "{\"a\":\"é\"}", "{\"a\":\"é\"}"},
		{"application/json; charset=UTF-8", "é", "é"},
		{"application/json", "\xef\xbb\xbf{}", "{}"},
		{"application/json; charset=ISO-8859-1", "{\"a\":\"\xe9\"}", "{\"a\":\"é\"}"},
		{`application/json; charset="windows-1252"`, "\x80 \x93\xe9\x94", "€ “é”"},
		{"application/json; charset=utf-16", "\x00{\x00}", "{}"},
		{"application/json; charset=utf-16le", "{\x00\xe9\x00}\x00", "{é}"},
		{"", "\xff\xfe{\x00}\x00", "{}"},
		{"application/json; charset=utf-8", "\xfe\xff\xd8\x3d\xde\x00", "😀"},
		{"not a media type;;;", "a", "a"},
	} {
		if got, err := task.UTF8(c.kind, []byte(c.body)); err != nil || string(got) != c.want {
			t.Errorf("%s %q: got %q, %v, want %q", c.kind, c.body, got, err, c.want)
		}
	}
	if _, err := task.UTF8("application/json; charset=Shift_JIS", []byte("a")); err == nil || err.Error() != `is in the charset "shift_jis", which is not supported; UTF-8 is` {
		t.Errorf("got %v", err)
	}
}

// Only a 4xx proves that nothing was done, except three that gateways send.
func TestJudgeStatus(t *testing.T) {
	for status := 200; status < 600; status++ {
		gateway := status == 408 || status == 425 || status == 429
		transient, unknown := task.JudgeStatus(status)
		if wantTransient := gateway || status >= 500; transient != wantTransient {
			t.Errorf("%d: transient is %v", status, transient)
		}
		if wantUnknown := gateway || status < 400 || status >= 500; unknown != wantUnknown {
			t.Errorf("%d: unknown is %v", status, unknown)
		}
	}
}

// A 503 is a throttle only if it says when to come back.
func TestIsThrottle(t *testing.T) {
	for status := 200; status < 600; status++ {
		for _, wait := range []time.Duration{0, time.Second} {
			if got, want := task.IsThrottle(status, wait), status == 429 || status == 503 && wait > 0; got != want {
				t.Errorf("%d with %s: got %t", status, wait, got)
			}
		}
	}
}
