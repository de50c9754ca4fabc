package ism

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

var (
	reached  = "app_url+ is reachable"
	accepted = []string{reached, "user_auth_token+ is accepted", "slice_token+ is accepted", "webservice_user_name+ is accepted", "webservice_user_password+ is accepted"}
	refused  = []string{reached, "user_auth_token- is refused, or one of the other three is: ", "slice_token- is refused", "webservice_user_name- is refused", "webservice_user_password- is refused"}
)

// Validate against the sandbox with faults.
func TestValidate(t *testing.T) {
	read := func(kind string) string {
		return `"faults":[{"system":"ism","action":"GET Worklog",` + kind + `}]`
	}
	for _, c := range []struct {
		name, members string
		want          []string
	}{
		{"good", "", accepted},
		{"the Service Desk edition", `"edition":"service-desk"`, append(slices.Clone(accepted), "+ ISM has no assets here: only its Service Management edition has them, not the Service Desk edition")},
		{"refused", read(`"error":"no such token","status":403`), refused},
		{"refused in another way", read(`"error":"no such token","status":401`), refused},
		{"assets may not be read", `"faults":[{"system":"ism","action":"GET ConfigurationItem","error":"no","status":403}]`, append(slices.Clone(accepted), "- assets cannot be read: ISM refused: no")},
		{"not reached", read(`"refuse":1`), []string{"app_url- is not reachable: ISM could not be reached: "}},
		{"no answer", read(`"lose_reply":1`), []string{"app_url- is not reachable: ISM gave no answer: "}},
		{"no web service", read(`"error":"no","status":404`), []string{"app_url- is reachable, but there is no ISM web service below it: "}},
		{"broken", read(`"error":"no","status":500`), []string{"- ISM answered 500 Internal Server Error: no"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, c.members)
			before := fmt.Sprintf("%+v", box.State())
			d.CompareChecks("", c.want...)
			if after := fmt.Sprintf("%+v", box.State()); after != before || len(tasktest.WithPrefix(*seen, "GET")) != len(*seen) {
				t.Errorf("it changed something, by %q", *seen)
			}
		})
	}
}

func TestValidateElsewhere(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer tasktest.Answer
	}{
		{"a page", tasktest.Answer{Status: 200, Body: "<html>"}},
		{"a redirect", tasktest.Answer{Status: 302}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := scripted(t, c.answer)
			d.CompareChecks("", "app_url- is reachable, but there is no ISM web service below it: ")
		})
	}
	at(t, tasktest.Unreachable(), nil).CompareChecks("", "app_url- is not reachable: ")
	newDriver(t, task.Environment{}).CompareChecks("", "- no credential of ism is stored, and the environment lacks app_url")
	newDriver(t, task.Environment{Credentials: tasktest.ClosedStore{}}).CompareChecks("", "- the stored credential cannot be read: the store is closed")
}

func TestFit(t *testing.T) {
	fit := Connector(task.Environment{}).Fit
	good := map[string]string{appURL: "https://csm.example.com", pathTable: `{"asset":"/x"}`}
	if wrong := fit(task.Conceal(good)); wrong != nil {
		t.Errorf("got %+v", wrong)
	}
	bad := map[string]string{appURL: "http://csm.example.com", pathTable: `{"assets":"/x"}`}
	if got := tasktest.CheckTexts(fit(task.Conceal(bad))); len(got) != 2 || !strings.HasPrefix(got[0], "app_url- is not https") || !strings.HasPrefix(got[1], "paths- is not a JSON object of paths") {
		t.Errorf("got %q", got)
	}
	if wrong := fit(nil); wrong != nil {
		t.Errorf("what is missing is not said here: %+v", wrong)
	}
}
