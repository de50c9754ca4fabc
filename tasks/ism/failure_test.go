package ism

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"errand/engine/task"
)

func TestFailures(t *testing.T) {
	lock := "Selected ticket record is currently being modified by another user"
	refused := func(status int, text string) answer {
		return answer{status: status, body: `{"data":null,"error":` + text + `,"status":"FAILED"}`}
	}
	cases := []struct {
		name      string
		answer    answer
		code      string
		status    int
		transient bool
		unknown   bool
		message   string
	}{
		{"an error under a good status", refused(200, `"Text is required"`), codeError, 200, false, false, "ISM refused: Text is required"},
		{"an error that is an object with a message", refused(200, `{"code":7,"message":"no such type"}`), codeError, 200, false, false, "ISM refused: no such type"},
		{"an error that is another object", refused(200, `{"code": 7}`), codeError, 200, false, false, `ISM refused: {"code":7}`},
		{"an error that is a list", refused(200, `["a"]`), codeError, 200, false, false, `ISM refused: ["a"]`},
		{"400", refused(400, `"bad ticket"`), "http_400", 400, false, false, "ISM refused: bad ticket"},
		{"400 without a reason", answer{status: 400}, "http_400", 400, false, false, "ISM answered 400 Bad Request"},
		{"403", refused(403, `"not allowed"`), codeForbidden, 403, false, false, "ISM refused: not allowed; the tokens or the web service user"},
		{"404", refused(404, `"no ticket"`), "http_404", 404, false, false, "no ticket"},
		{"429", refused(429, `null`), "http_429", 429, true, false, "429 Too Many Requests"},
		{"500 with an error", refused(500, `"oops"`), "http_500", 500, true, true, "ISM refused: oops"},
		{"500 without one", answer{status: 500, body: "<html>oops</html>"}, "http_500", 500, true, true, "ISM answered 500 Internal Server Error"},
		{"502", answer{status: 502}, "http_502", 502, true, true, "502 Bad Gateway"},
		{"503", answer{status: 503, body: "<html>"}, "http_503", 503, true, false, "503 Service Unavailable"},
		{"a redirect is not followed", answer{status: 302}, "http_302", 302, false, false, "app_url may be wrong"},
		{"the lock under 400", refused(400, `"`+lock+`"`), codeLocked, 400, true, false, lock},
		{"the lock under 200", refused(200, `"`+lock+`"`), codeLocked, 200, true, false, lock},
		{"the lock under 500", refused(500, `{"message":"`+lock+`."}`), codeLocked, 500, true, false, lock},
		{"the lock in other letters", refused(403, `"`+strings.ToUpper(lock)+`"`), codeLocked, 403, true, false, ""},
		{"a web page under a good status", answer{status: 200, body: "<html>log in</html>"}, task.CodeNoReply, 200, true, true, "not the JSON that ISM sends"},
		{"JSON that is no envelope", answer{status: 200, body: `{"hello":1}`}, task.CodeNoReply, 200, true, true, "not the JSON that ISM sends"},
		{"no body under 200", answer{status: 200}, task.CodeNoReply, 200, true, true, "not the JSON that ISM sends"},
		{"half an envelope", answer{status: 200, body: `{"data":"Succ`}, task.CodeNoReply, 200, true, true, "not the JSON that ISM sends"},
		{"an answer that is cut", answer{status: 200, body: `{"data":"Succ`, cut: true}, task.CodeNoReply, 200, true, true, "it is cut"},
		{"an answer that is too long", answer{status: 200, body: strings.Repeat(" ", answerLimit+1)}, task.CodeNoReply, 200, true, true, "longer than 1 MiB"},
		{"a refused connection", answer{refused: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, task.CodeUnreachable, 0, true, false, "ISM could not be reached: connection refused"},
		{"a connection that is reset", answer{err: &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}}, task.CodeNoReply, 0, true, true, "ISM gave no answer: connection reset by peer"},
		{"an error that repeats the tokens", refused(400, `"bad canary-user-token, canary slice+token, canary+slice%2Btoken, canary&password of canary.user"`), "http_400", 400, false, false, "ISM refused: bad …, …, …, … of …"},
		{"a long error is cut", refused(400, `"`+strings.Repeat("x", 5000)+`"`), "http_400", 400, false, false, "xxx…"},
		{"an error of several lines", refused(400, `"a\r\n\tb"`), "http_400", 400, false, false, "ISM refused: a b"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, c.answer)
			d.attempts = 1
			reply := d.run("add_worklog", note)
			f := reply.Failure
			if f == nil {
				t.Fatalf("got %+v", reply)
			}
			if f.Code != c.code || f.Status != c.status || f.Transient != c.transient || f.Unknown != c.unknown || !strings.Contains(f.Message, c.message) {
				t.Errorf("got  %+v\nwant code %s, status %d, transient %v, unknown %v, %q", *f, c.code, c.status, c.transient, c.unknown, c.message)
			}
			if len(f.Message) > 700 || len(s.bodies) != 1 {
				t.Errorf("%d requests, message %q", len(s.bodies), f.Message)
			}
		})
	}
}

func TestGoodAnswers(t *testing.T) {
	for name, a := range map[string]answer{
		"as documented":           {status: 200, body: `{"data":"Success","error":null,"status":"CREATED"}`},
		"201":                     {status: 201, body: `{"data":"Success","error":null,"status":"CREATED"}`},
		"204":                     {status: 204},
		"201 without a body":      {status: 201},
		"an empty error":          {status: 200, body: `{"data":"Success","error":""}`},
		"an error with nothing":   {status: 200, body: `{"data":"Success","error":{}}`},
		"no error member":         {status: 200, body: `{"data":null}`},
		"a status that is number": {status: 200, body: `{"data":{},"error":null,"status":200}`},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := scripted(t, a)
			members(t, d.run("add_worklog", note))
		})
	}
}

func TestALookLeavesNothingOpen(t *testing.T) {
	d, _ := scripted(t, answer{status: 500})
	d.attempts = 1
	if f := d.run("get_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Unknown || !f.Transient {
		t.Errorf("got %+v", f)
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": 0, "soon": 0, "-1": 0} {
		d, _ := scripted(t, answer{status: 503, retryAfter: header})
		d.attempts = 1
		if f := d.run("add_worklog", note).Failure; f == nil || f.RetryAfter != want {
			t.Errorf("Retry-After: %s gave %+v", header, f)
		}
	}
}
