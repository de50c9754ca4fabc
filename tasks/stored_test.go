package tasks

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/engine/credential"
	"errand/engine/task"
	"errand/tasks/sandbox"
)

// The stored values of the two connectors are used in their requests and appear nowhere else.
func TestStoredCredentialsAreUsed(t *testing.T) {
	box, err := sandbox.New(sandbox.DefaultWorld(), func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	key := credential.File{Path: filepath.Join(t.TempDir(), "key")}
	store := &credential.Store{Home: filepath.Join(t.TempDir(), "home"), Keys: []credential.Source{key}, Create: key}
	registry := Registry(task.Environment{Credentials: store, Transport: box.Transport()})
	ec2, _ := registry.Connector("ec2")
	ism, _ := registry.Connector("ism")
	secrets := map[string]string{"access_key_id": "AKIDCANARYCANARY", "secret_access_key": "canary/secret", "user_auth_token": "canary token", "slice_token": "canary slice", "webservice_user_password": "canary&password"}

	for _, c := range []struct {
		connector task.Connector
		given     map[string]string
		wrong     string // a part of the message
	}{
		{ec2, map[string]string{"region_endpoint": sandbox.EC2URL}, "access_key_id is missing; secret_access_key is missing; profile or role_arn can replace both"},
		{ec2, map[string]string{"profile": "x", "region_endpoint": "ftp://x", "role_arn": "x", "acces_key_id": "x"}, `ec2 has no parameter "acces_key_id"; role_arn is not the ARN of a role; write it like arn:aws:iam::123456789012:role/errand; region_endpoint is neither a host nor`},
		{ism, map[string]string{"app_url": "csm.example.com", "paths": "{", "slice_token": "x"}, "user_auth_token is missing; webservice_user_name is missing; webservice_user_password is missing; app_url is not an http or https URL; write it like https://csm3.example.com; paths is not a JSON object of paths"},
	} {
		err := store.Add(t.Context(), c.connector, "desk", task.Conceal(c.given))
		if e, ok := errors.AsType[*credential.InvalidError](err); !ok || !strings.Contains(e.Message, c.wrong) {
			t.Errorf("got %v\nwant %s", err, c.wrong)
		}
	}
	for connector, given := range map[string]map[string]string{
		"ec2": {"region_endpoint": sandbox.EC2URL, "key_pair_name": "service-desk"},
		"ism": {"app_url": sandbox.ISMURL, "webservice_user_name": "canary.user"},
	} {
		c, _ := registry.Connector(connector)
		for _, p := range c.Credential {
			if secret := secrets[p.Name]; secret != "" {
				given[p.Name] = secret + "\n" // as a person pastes it
			}
		}
		if err := store.Add(t.Context(), c, "desk", task.Conceal(given)); err != nil {
			t.Fatal(err)
		}
		if err := c.Ready(t.Context(), "desk"); err != nil {
			t.Error(err)
		}
		for _, check := range c.Validate(t.Context(), "desk") {
			if !check.OK {
				t.Errorf("%s: %+v", connector, check)
			}
		}
	}
	for name, input := range map[string]string{"ec2.get_instance_status": `{"instance_id":"i-0a1b2c3d4e5f60002"}`, "ism.get_service_request": `{"ticket":"100-291"}`} {
		typ, _ := registry.Lookup(name)
		if reply := typ.Run(t.Context(), task.Call{Run: "r", Step: "s", Credential: "desk", Input: json.RawMessage(input)}); reply.Failure != nil {
			t.Errorf("%s: %+v", name, reply.Failure)
		}
		reply := typ.Run(t.Context(), task.Call{Run: "r", Step: "s", Credential: "dask", Input: json.RawMessage(input)})
		if reply.Failure == nil || reply.Failure.Code != task.CodeCredential || !strings.Contains(reply.Failure.Message, `is stored under the name "dask"`) {
			t.Errorf("%s: %+v", name, reply.Failure)
		}
	}
	for _, secret := range secrets {
		if got := store.Mask().Text("x " + secret + " y"); got != "x [secret] y" {
			t.Errorf("the mask makes %q", got)
		}
	}
	e, err := store.Show(t.Context(), ec2, "desk")
	if err != nil || e.Parameters[0].Last != "NARY" || e.Used.IsZero() {
		t.Errorf("shown is %+v, %v", e, err)
	}

	lost := &credential.Store{Home: store.Home}
	unready, _ := Registry(task.Environment{Credentials: lost}).Connector("ec2")
	f, ok := errors.AsType[*task.Failure](unready.Ready(t.Context(), "desk"))
	if !ok || f.Code != task.CodeCredential || !strings.Contains(f.Message, "are locked with the key") || !strings.Contains(f.Message, "recover the store from an escrow") {
		t.Errorf("without its key it says %+v", f)
	}
}

// The mask leaves out the sandbox's word for every secret, and nothing else of this length.
func TestTheSandboxHasNoSecrets(t *testing.T) {
	mask := &credential.Mask{}
	for _, connector := range Connectors(task.Environment{}) {
		values, err := sandbox.Credentials{}.Find(t.Context(), connector.Name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range connector.Credential {
			if p.Encrypted {
				mask.AddVariable(values[p.Name])
			}
		}
	}
	mask.AddVariable(task.NewSecret("sandbax"))
	if got := mask.Text("sandbox sandbax"); got != "sandbox [secret]" {
		t.Errorf("the mask makes %q", got)
	}
}
