package ism

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestEveryRequestCarriesTheHeaders(t *testing.T) {
	d, s := scripted(t, ok(`{"TicketIdentifier":"100-291","TicketStatus":"New","TicketTypeId":4}`), ok(`{"TicketIdentifier":"100-291","TicketStatus":"Closed"}`))
	tasktest.Outputs(t, d.Run("close_service_request", `{"ticket":"100-291"}`))
	if len(s.Requests) != 2 {
		t.Fatalf("%d requests", len(s.Requests))
	}
	for _, r := range s.Requests {
		for name, want := range secrets {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", r.Method, r.URL, name, got, want)
			}
		}
		if r.Header.Get("csm_app_url") != "https://csm.example.com/" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s: headers %v", r.Method, r.URL, r.Header)
		}
		if !strings.HasPrefix(r.URL.String(), "https://csm.example.com/csmconnector/Ticket") {
			t.Errorf("asked for %s", r.URL)
		}
	}
}

func TestEnvironmentIsUsedIfNothingIsStored(t *testing.T) {
	s := &tasktest.Script{Answers: []tasktest.Answer{ok(`{"TicketIdentifier":"100-291","TicketStatus":"New"}`)}}
	d := newDriver(t, task.Environment{Transport: s})
	t.Setenv("ERRAND_ISM_APP_URL", "https://env.example.com/csmconnector/")
	for name, value := range secrets {
		t.Setenv("ERRAND_ISM_"+strings.ToUpper(name), value+"\n")
	}
	t.Setenv("ERRAND_ISM_PATHS", `{"ticket":"/other/{ticket}/view"}`)
	if err := d.Ready(""); err != nil {
		t.Errorf("not ready: %v", err)
	}
	tasktest.Outputs(t, d.Run("get_service_request", `{"ticket":"100-291"}`))
	if got := s.Requests[0].URL.String(); got != "https://env.example.com/other/100-291/view" {
		t.Errorf("asked for %s", got)
	}
	if got := s.Requests[0].Header.Get(userToken); got != secrets[userToken] {
		t.Errorf("%s is %q", userToken, got)
	}
}

// A stored credential takes nothing from the environment, not even a parameter that it lacks.
func TestAStoredCredentialIsNeverMixed(t *testing.T) {
	for _, p := range parameters() {
		t.Run(p.Name, func(t *testing.T) {
			stored := credential("https://csm.example.com")
			delete(stored, p.Name)
			s := &tasktest.Script{Answers: []tasktest.Answer{ok(`{"TicketIdentifier":"100-291","TicketStatus":"New"}`)}}
			d := newDriver(t, task.Environment{Credentials: stored, Transport: s})
			for _, other := range parameters() {
				value := "other"
				switch other.Name {
				case appURL:
					value = "https://other.example.com"
				case pathTable:
					value = `{"ticket":"/other/{ticket}/view"}`
				}
				t.Setenv(other.Variable, value)
			}
			reply := d.Run("get_service_request", `{"ticket":"100-291"}`)
			if p.Required {
				if f := reply.Failure; f == nil || f.Message != "the stored credential lacks "+p.Name || len(s.Requests) > 0 {
					t.Errorf("got %+v and %d requests", f, len(s.Requests))
				}
				return
			}
			tasktest.Outputs(t, reply)
			if r := s.Requests[0]; !strings.HasPrefix(r.URL.String(), "https://csm.example.com/csmconnector/") || strings.Contains(fmt.Sprint(r.Header), "other") {
				t.Errorf("sent to %s with %v", r.URL, r.Header)
			}
		})
	}
}

func TestUnusableCredentials(t *testing.T) {
	change := func(name, value string) tasktest.Store {
		s := credential("https://csm.example.com")
		s[name] = value
		return s
	}
	cases := []struct {
		name, use string
		with      task.Credentials
		message   string
	}{
		{"nothing anywhere", "", nil, "the environment lacks app_url (ERRAND_ISM_APP_URL), user_auth_token (ERRAND_ISM_USER_AUTH_TOKEN), slice_token (ERRAND_ISM_SLICE_TOKEN), webservice_user_name (ERRAND_ISM_WEBSERVICE_USER_NAME), webservice_user_password (ERRAND_ISM_WEBSERVICE_USER_PASSWORD)"},
		{"a name that is not stored", "prod", credential("https://x"), `no credential of ism is stored under the name "prod"`},
		{"a parameter that is missing", "", change(sliceToken, " "), "the stored credential lacks slice_token"},
		{"a store that cannot be read", "", tasktest.ClosedStore{}, "the store is closed"},
		{"plain http off this machine", "", change(appURL, "http://csm.example.com"), "app_url is not https"},
		{"no URL", "", change(appURL, "csm.example.com"), "app_url is not an http or https URL"},
		{"a URL with a user", "", change(appURL, "https://a:b@csm.example.com"), "app_url has more than a host"},
		{"a URL with a query", "", change(appURL, "https://csm.example.com?x=1"), "app_url has more than a host"},
		{"paths that are not JSON", "", change(pathTable, "asset"), "paths is not a JSON object of paths"},
		{"a path that is not known", "", change(pathTable, `{"assets":"/x"}`), `unknown field "assets"`},
		{"a path without a slash", "", change(pathTable, `{"asset":"x"}`), `paths has "x" for asset; a path begins with / and has no query`},
		{"a path with a query", "", change(pathTable, `{"asset":"/x?y"}`), "a path begins with / and has no query"},
		{"a path without its ticket", "", change(pathTable, `{"ticket":"/x"}`), "lacks {ticket}"},
		{"two objects", "", change(pathTable, `{} {}`), `is not a JSON object of paths: expected the end of the text, not "{", at column 4`},
		{"a path given twice", "", change(pathTable, `{"asset":"/x","asset":"/y"}`), `the name "asset" occurs twice in this object, at column 15`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDriver(t, task.Environment{Credentials: c.with})
			err := d.Ready(c.use)
			if f, ok := errors.AsType[*task.Failure](err); !ok || f.Code != task.CodeCredential || !f.Local || !strings.Contains(f.Message, c.message) {
				t.Errorf("ready said %v, want %q", err, c.message)
			}
			d.Call.Credential = c.use
			for _, recover := range []bool{false, true} {
				d.Call.Recover = recover
				if f := d.Run("add_worklog", note).Failure; f == nil || f.Code != task.CodeCredential || f.Transient || f.Unknown || !f.Local {
					t.Errorf("got %+v with recover %v", f, recover)
				}
			}
		})
	}
}

func TestUsableAddresses(t *testing.T) {
	for text, base := range map[string]string{
		"https://csm.example.com": "https://csm.example.com", "https://csm.example.com/app/": "https://csm.example.com/app", "http://localhost:8080": "http://localhost:8080",
		"http://127.0.0.1:8080/csmconnector": "http://127.0.0.1:8080", "http://[::1]:8080/": "http://[::1]:8080",
	} {
		if got, err := new(system).base(text); err != nil || got != base {
			t.Errorf("%s: got %s (%v), want %s", text, got, err, base)
		}
	}
}

func TestConnectorReadsNothingWhenBuilt(t *testing.T) {
	connector := Connector(tasktest.Untouchable(t))
	if connector.Name != "ism" || len(connector.Types) == 0 || len(connector.Credential) != 7 {
		t.Errorf("got %+v", connector)
	}
}

// A target is the address of the application, however it is written.
func TestTarget(t *testing.T) {
	target := func(changes ...string) string {
		s := credential("https://csm.example.com")
		for i := 0; i < len(changes); i += 2 {
			s[changes[i]] = changes[i+1]
		}
		return Connector(task.Environment{}).Target(task.Conceal(s))
	}
	same := target()
	for _, got := range []string{target(appURL, "https://csm.example.com/"), target(appURL, " https://csm.example.com/csmconnector"), target(userPassword, "rotated", userName, "other")} {
		if got != same {
			t.Errorf("got %q, want %q", got, same)
		}
	}
	if got := target(appURL, "https://csm2.example.com"); got == same || got == "" {
		t.Errorf("another application has the target %q", got)
	}
}
