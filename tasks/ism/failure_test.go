package ism

import (
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestFailures(t *testing.T) {
	lock := "Selected ticket record is currently being modified by another user"
	refused := func(status int, text string) tasktest.Answer {
		return tasktest.Answer{Status: status, Body: `{"data":null,"error":` + text + `,"status":"FAILED"}`}
	}
	cases := []tasktest.FailureCase{
		{Name: "an error under a good status", Answer: refused(200, `"Text is required"`), Code: codeError, Status: 200, Unknown: true, Message: "ISM refused: Text is required"},
		{Name: "an error that is an object with a message", Answer: refused(200, `{"code":7,"message":"no such type"}`), Code: codeError, Status: 200, Unknown: true, Message: "ISM refused: no such type"},
		{Name: "an error that is another object", Answer: refused(200, `{"code": 7}`), Code: codeError, Status: 200, Unknown: true, Message: `ISM refused: {"code":7}`},
		{Name: "an error that is a list", Answer: refused(200, `["a"]`), Code: codeError, Status: 200, Unknown: true, Message: `ISM refused: ["a"]`},
		{Name: "400", Answer: refused(400, `"bad ticket"`), Code: "http_400", Status: 400, Message: "ISM refused: bad ticket"},
		{Name: "400 without a reason", Answer: tasktest.Answer{Status: 400}, Code: "http_400", Status: 400, Message: "ISM answered 400 Bad Request"},
		{Name: "403", Answer: refused(403, `"not allowed"`), Code: codeForbidden, Status: 403, Message: "ISM refused: not allowed", Advice: "the tokens or the web service user"},
		{Name: "404", Answer: refused(404, `"no ticket"`), Code: "http_404", Status: 404, Message: "no ticket"},
		{Name: "429", Answer: refused(429, `null`), Code: "http_429", Status: 429, Transient: true, Unknown: true, Throttled: true, Message: "429 Too Many Requests"},
		{Name: "500 with an error", Answer: refused(500, `"oops"`), Code: "http_500", Status: 500, Transient: true, Unknown: true, Message: "ISM answered 500 Internal Server Error: oops"},
		{Name: "500 without one", Answer: tasktest.Answer{Status: 500, Body: "<html>oops</html>"}, Code: "http_500", Status: 500, Transient: true, Unknown: true, Message: "ISM answered 500 Internal Server Error"},
		{Name: "502", Answer: tasktest.Answer{Status: 502}, Code: "http_502", Status: 502, Transient: true, Unknown: true, Message: "502 Bad Gateway"},
		{Name: "503", Answer: tasktest.Answer{Status: 503, Body: "<html>"}, Code: "http_503", Status: 503, Transient: true, Unknown: true, Message: "503 Service Unavailable"},
		{Name: "a redirect is not followed", Answer: tasktest.Answer{Status: 302}, Code: "http_302", Status: 302, Unknown: true, Advice: "app_url may be wrong"},
		{Name: "the lock under 400", Answer: refused(400, `"`+lock+`"`), Code: codeLocked, Status: 400, Transient: true, Message: lock},
		{Name: "the lock under 200", Answer: refused(200, `"`+lock+`"`), Code: codeLocked, Status: 200, Transient: true, Message: lock},
		{Name: "the lock under 500", Answer: refused(500, `{"message":"`+lock+`."}`), Code: codeLocked, Status: 500, Transient: true, Message: lock},
		{Name: "the lock in other letters", Answer: refused(403, `"`+strings.ToUpper(lock)+`"`), Code: codeLocked, Status: 403, Transient: true},
		{Name: "408", Answer: refused(408, `"late"`), Code: "http_408", Status: 408, Transient: true, Unknown: true, Message: "ISM answered 408 Request Timeout: late"},
		{Name: "425", Answer: tasktest.Answer{Status: 425}, Code: "http_425", Status: 425, Transient: true, Unknown: true, Message: "425 Too Early"},
		{Name: "404 with a page", Answer: tasktest.Answer{Status: 404, Body: "<html><title>Nothing here</title>"}, Code: "http_404", Status: 404, Message: `ISM answered 404 Not Found with a web page titled "Nothing here"`},
		{Name: "a web page under a good status", Answer: tasktest.Answer{Status: 200, Body: "<html><title>Please log in</title></html>"}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `it is a web page titled "Please log in"; is the address a log-in page?`},
		{Name: "a page that repeats a token", Answer: tasktest.Answer{Status: 200, Body: "<html><title>canary-user-token</title></html>"}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `titled "…"`},
		{Name: "another media type", Answer: tasktest.Answer{Status: 200, Body: "hello", Header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `it is "text/plain", not the JSON that ISM sends`},
		{Name: "a charset that is not known", Answer: tasktest.Answer{Status: 200, Body: `{"data":"Success"}`, Header: map[string]string{"Content-Type": "application/json; charset=Shift_JIS"}}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `it is in the charset "shift_jis"`},
		{Name: "a declared charset", Answer: tasktest.Answer{Status: 400, Body: "{\"error\":\"caf\xe9\"}", Header: map[string]string{"Content-Type": "application/json;charset=iso-8859-1"}}, Code: "http_400", Status: 400, Message: "ISM refused: café"},
		{Name: "JSON that is not an envelope", Answer: tasktest.Answer{Status: 200, Body: `{"hello":1}`}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "not the JSON that ISM sends"},
		{Name: "no body under 200", Answer: tasktest.Answer{Status: 200}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "not the JSON that ISM sends"},
		{Name: "half an envelope", Answer: tasktest.Answer{Status: 200, Body: `{"data":"Succ`}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "not the JSON that ISM sends"},
		{Name: "an answer that is cut", Answer: tasktest.Answer{Status: 200, Body: `{"data":"Succ`, Cut: true}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "it is incomplete"},
		{Name: "an answer that is too long", Answer: tasktest.Answer{Status: 200, Body: strings.Repeat(" ", answerLimit+1)}, Code: codeTooLong, Status: 200, Transient: true, Unknown: true, Message: "longer than 1 MiB"},
		{Name: "a refused connection", Answer: tasktest.Answer{Refused: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, Code: task.CodeUnreachable, Transient: true, Message: "ISM could not be reached: connection refused"},
		{Name: "a connection that is reset", Answer: tasktest.Answer{Err: &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}}, Code: task.CodeNoReply, Transient: true, Unknown: true, Message: "ISM gave no answer: connection reset by peer"},
		{Name: "an error that repeats the tokens", Answer: refused(400, `"bad canary-user-token, canary slice+token, canary+slice%2Btoken, canary&password of canary.user"`), Code: "http_400", Status: 400, Message: "ISM refused: bad …, …, …, … of …"},
		{Name: "a long error is cut", Answer: refused(400, `"`+strings.Repeat("x", 5000)+`"`), Code: "http_400", Status: 400, Message: "xxx…"},
		{Name: "an error of several lines", Answer: refused(400, `"a\r\n\tb"`), Code: "http_400", Status: 400, Message: "ISM refused: a b"},
	}
	tasktest.TestFailures(t, scripted, cases, "add_worklog", note, "")
}

func TestGoodAnswers(t *testing.T) {
	for name, a := range map[string]tasktest.Answer{
		"as documented":           {Status: 200, Body: `{"data":"Success","error":null,"status":"CREATED"}`},
		"201":                     {Status: 201, Body: `{"data":"Success","error":null,"status":"CREATED"}`},
		"204":                     {Status: 204},
		"201 without a body":      {Status: 201},
		"an empty error":          {Status: 200, Body: `{"data":"Success","error":""}`},
		"an error with nothing":   {Status: 200, Body: `{"data":"Success","error":{}}`},
		"no error member":         {Status: 200, Body: `{"data":null}`},
		"a byte order mark":       {Status: 200, Body: "\xef\xbb\xbf" + `{"data":"Success","error":null}`},
		"UTF-16":                  {Status: 200, Body: "\xff\xfe{\x00\"\x00d\x00a\x00t\x00a\x00\"\x00:\x001\x00}\x00"},
		"JSON by another name":    {Status: 200, Body: `{"data":"Success","error":null}`, Header: map[string]string{"Content-Type": "text/plain"}},
		"a status that is number": {Status: 200, Body: `{"data":{},"error":null,"status":200}`},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := scripted(t, a)
			tasktest.Outputs(t, d.Run("add_worklog", note))
		})
	}
}

func TestFailedReadIsNotUnknown(t *testing.T) {
	d, _ := scripted(t, tasktest.Answer{Status: 500})
	d.Attempts = 1
	if f := d.Run("get_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Unknown || !f.Transient {
		t.Errorf("got %+v", f)
	}
}

func TestRetryAfter(t *testing.T) {
	tasktest.TestRetryAfter(t, scripted, tasktest.Answer{Status: 503}, "add_worklog", note)
}

// The id of a request that a gateway names is kept for operators, and no message contains it.
func TestDetailsAreForOperators(t *testing.T) {
	answer := tasktest.Answer{Status: 400, Body: `{"data":null,"error":"not allowed"}`}
	answer.Header = map[string]string{"X-Correlation-Id": "c-77"}
	d, _ := scripted(t, answer)
	d.Attempts = 1
	f := d.Run("get_service_request", `{"ticket":"100-291"}`).Failure
	if want := []task.Detail{{Name: task.DetailRequestID, Value: "c-77"}}; f == nil || !slices.Equal(f.Details, want) || strings.Contains(f.ForOperators(), "c-77") {
		t.Errorf("got %+v, want the details %+v", f, want)
	}
}
