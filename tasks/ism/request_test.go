package ism

import (
	"encoding/json"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestRequestInTheSandbox(t *testing.T) {
	d, box, _ := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("request", `{"path":"/Ticket/100-291"}`))
	data := out["body"].(map[string]any)["data"].(map[string]any)
	if out["status"] != 200.0 || data["TicketIdentifier"] != "100-291" || out["result_message"] != "GET /Ticket/100-291 was answered" {
		t.Errorf("got %v", out)
	}
	out = tasktest.Outputs(t, d.Run("request", `{"path":"/Ticket","query":{"filter":"TicketIdentifier eq '100-1'","$top":5,"$skip":null}}`))
	if n := out["body"].(map[string]any)["data"].(map[string]any)["totalCount"]; n != 0.0 {
		t.Errorf("got %v", out)
	}
	tasktest.Outputs(t, d.Run("request", `{"method":"POST","path":"/Worklog","body":{"TicketIdentifier":"100-291","Text":"a"}}`))
	if added := worklogs(box); len(added) != 1 || added[0].Text != "a" {
		t.Errorf("added %+v", added)
	}
}

func TestRequestIsSentAsWritten(t *testing.T) {
	cases := []struct{ input, want, body string }{
		{`{"path":"/A b/ü%41"}`, "GET https://csm.example.com/csmconnector/A%20b/%C3%BC%2541", ""},
		{`{"path":"/A","query":{"a":"b c+d&e","n":1.50,"t":true,"z":null},"body":null}`, "GET https://csm.example.com/csmconnector/A?a=b%20c%2Bd%26e&n=1.50&t=true", ""},
		{`{"method":"PATCH","path":"/A","body":{"b":1,"a":"<"}}`, "PATCH https://csm.example.com/csmconnector/A", `{"b":1,"a":"<"}`},
		{`{"method":"DELETE","path":"/A/1"}`, "DELETE https://csm.example.com/csmconnector/A/1", ""},
		{`{"method":"POST","path":"/A","body":[1,"x"]}`, "POST https://csm.example.com/csmconnector/A", `[1,"x"]`},
	}
	for _, c := range cases {
		d, s := scripted(t, ok(`null`))
		tasktest.Outputs(t, d.Run("request", c.input))
		if got := s.Requests[0].Method + " " + s.Requests[0].URL.String(); got != c.want || strings.TrimSpace(s.Bodies[0]) != c.body {
			t.Errorf("sent %s %s, want %s %s", got, s.Bodies[0], c.want, c.body)
		}
	}
}

func TestRequestRefuses(t *testing.T) {
	for input, want := range map[string]string{
		`{"path":"Ticket"}`:                       "it begins with /",
		`{"path":""}`:                             "it begins with /",
		`{"path":"/"}`:                            "no part of it may be empty",
		`{"path":"/Ticket//ConfigurationItem"}`:   "no part of it may be empty",
		`{"path":"/../admin"}`:                    "may be . or ..",
		`{"path":"/Ticket?x=1"}`:                  "parameters belong in query",
		`{"path":"/Ticket\\admin"}`:               "it may not contain",
		`{"path":"/Ticket\u0000"}`:                "it may not contain",
		`{"path":"/A","query":{"a":[1]}}`:         "expected a text, a number or a boolean",
		`{"path":"/A","body":{}}`:                 "is not sent with a GET",
		`{"path":"/A","method":"GET","body":"x"}`: "is not sent with a GET",
	} {
		d, s := scripted(t, ok(`null`))
		if f := d.Run("request", input).Failure; f == nil || f.Code != task.CodeInput || !strings.Contains(f.Message, want) || len(s.Bodies) != 0 {
			t.Errorf("%s: got %+v after %d requests, want %q", input, f, len(s.Bodies), want)
		}
	}
}

// What the answer to a GET does not prove is read again. After any other request, a person is asked.
func TestRequestIsRepeatedOnlyIfItReads(t *testing.T) {
	get := func(t *testing.T) *tasktest.Driver { d, _, _ := inSandbox(t, ""); return d }(t).Type("request")
	for method, reads := range map[string]bool{"": true, `"method":"GET",`: true, `"method":"POST",`: false, `"method":"PUT",`: false, `"method":"PATCH",`: false, `"method":"DELETE",`: false} {
		input := `{` + method + `"path":"/A"}`
		if got := get.MayRepeat(task.Call{Input: json.RawMessage(input)}); got != reads {
			t.Errorf("%s: may repeat: %v", input, got)
		}
		for name, answer := range map[string]tasktest.Answer{
			"502": {Status: 502}, "429": {Status: 429}, "a page": {Status: 200, Body: "<html>", Header: map[string]string{"Content-Type": "text/html"}},
			"cut": {Status: 200, Body: `{"data":`, Cut: true}, "an error under 200": {Status: 200, Body: `{"data":null,"error":"mail failed"}`},
			"nothing": {Status: 200}, "a number that is too large": {Status: 200, Body: `{"data":1e999}`},
		} {
			d, s := scripted(t, answer)
			d.Attempts = 1
			if f := d.Run("request", input).Failure; f == nil || f.Unknown == reads || len(s.Bodies) != 1 {
				t.Errorf("%s, %s: got %+v after %d requests", input, name, f, len(s.Bodies))
			}
		}
		for name, answer := range map[string]tasktest.Answer{
			"400": {Status: 400, Body: `{"data":null,"error":"no"}`}, "404": {Status: 404}, "lock": {Status: 500, Body: `{"data":null,"error":"` + lockWords + `"}`},
		} {
			d, _ := scripted(t, answer)
			d.Attempts = 1
			if f := d.Run("request", input).Failure; f == nil || f.Unknown {
				t.Errorf("%s, %s: got %+v", input, name, f)
			}
		}
	}
}

func TestRequestAcceptsAnyJSON(t *testing.T) {
	for body, want := range map[string]string{`[1,2]`: `[1,2]`, `"a"`: `"a"`, `{"x":1}`: `{"x":1}`, `{"data":[],"error":null}`: `{"data":[],"error":null}`} {
		d, _ := scripted(t, tasktest.Answer{Status: 201, Body: body})
		out := tasktest.Outputs(t, d.Run("request", `{"method":"POST","path":"/A"}`))
		if got, _ := json.Marshal(out["body"]); string(got) != want || out["status"] != 201.0 {
			t.Errorf("got %v, want %s", out, want)
		}
	}
	d, _ := scripted(t, tasktest.Answer{Status: 204})
	if out := tasktest.Outputs(t, d.Run("request", `{"method":"DELETE","path":"/A"}`)); out["body"] != nil || out["status"] != 204.0 {
		t.Errorf("got %v", out)
	}
}
