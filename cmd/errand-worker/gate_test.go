package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/task"
)

// Who sees all runs may decode; only an administrator may encode.
func TestGate(t *testing.T) {
	folder := t.TempDir()
	h := &home.Home{Folder: folder, Credentials: home.OpenCredentials(folder, credential.Places{}), Connectors: func(task.Environment) []task.Connector { return nil }, Runner: home.JournalOnly}
	o, err := h.Open(t.Context(), "the test", task.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now()
	secrets := map[string]string{"nobody": "", "a wrong one": "errand_" + "0"}
	for name, token := range map[string]access.Token{
		"requester": {Roles: []access.Role{access.Requester}, Workflows: []string{"start-instance"}},
		"operator":  {Roles: []access.Role{access.Operator}},
		"approver":  {Roles: []access.Role{access.Approver}},
		"monitor":   {Roles: []access.Role{access.Monitor}},
		"admin":     {Roles: []access.Role{access.Admin}},
		"late":      {Roles: []access.Role{access.Admin}, Expires: now.Add(-time.Minute)},
		"revoked":   {Roles: []access.Role{access.Admin}},
	} {
		secret, hash := access.NewSecret()
		token.Name, token.Created, secrets[name] = name, now.Add(-time.Hour), secret
		if err := o.Tokens().AddToken(t.Context(), token, hash); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Tokens().RevokeToken(t.Context(), "revoked", now); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"/decode operator": true, "/decode approver": true, "/decode admin": true, "/encode admin": true}
	for who, secret := range secrets {
		for _, path := range []string{"/decode", "/encode", "/other/decode", "/else"} {
			r := httptest.NewRequest(http.MethodPost, path, nil)
			if who != "nobody" {
				r.Header.Set("Authorization", "bearer "+secret)
			}
			want := allowed[path+" "+who] || who == "admin" && path == "/else" || path == "/other/decode" && allowed["/decode "+who]
			if got := (gate{o.Tokens()}).Allowed(r); got != want {
				t.Errorf("%s %s: %t, want %t", who, path, got, want)
			}
			r.Header.Add("Authorization", "Bearer "+secrets["admin"])
			if who != "nobody" && (gate{o.Tokens()}).Allowed(r) {
				t.Errorf("%s %s with two tokens is allowed", who, path)
			}
		}
	}
}
