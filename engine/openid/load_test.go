package openid

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"errand/engine/access"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/task"
)

// Each file of testdata/problems has the problems that problems.txt lists.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*")
	if err != nil || len(files) < 15 {
		t.Fatal(files, err)
	}
	var made bytes.Buffer
	for _, file := range files {
		c, err := Load(file)
		if _, ok := errors.AsType[*FileError](err); !ok || !reflect.DeepEqual(c, Config{}) {
			t.Errorf("%s: %v, %v", file, c, err)
			continue
		}
		fmt.Fprintf(&made, "%v\n\n", err)
	}
	if strings.Contains(made.String(), "canary") {
		t.Error("a problem shows a secret")
	}
	goldenfile.Check(t, "testdata/problems.txt", made.Bytes())
}

// A secret that stands in the file is not shown with its problem.
func TestASecretInTheFileIsHidden(t *testing.T) {
	const file = "testdata/problems/secret-in-the-file.yaml"
	_, err := Load(file)
	found, ok := errors.AsType[*FileError](err)
	if !ok {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	err = diag.Render(&shown, found.Problems, func(string) []byte {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		return text
	}, diag.Style{})
	if err != nil || strings.Contains(shown.String(), "canary") || !strings.Contains(shown.String(), "***") {
		t.Errorf("shown, %v:\n%s", err, &shown)
	}
}

func TestLoad(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "secret"), "canary\n", 0o640)
	f := newFake(t)
	want := Config{
		Issuer: f.server.URL, ClientID: "errand", ClientSecret: task.NewSecret("canary"), Scopes: []string{"email"}, Person: "email", Groups: "roles",
		Roles:     map[string][]access.Role{"desk": {access.Requester}, "Operators": {access.Operator, access.Approver}},
		Workflows: map[string][]string{"Desk": {"start-instance"}},
	}
	for name, text := range map[string]string{
		"openid.yaml": "issuer: " + f.server.URL + "\nclient_id: errand\nclient_secret_file: secret\nscopes: [email]\nperson: email\ngroups: roles\n" +
			"roles:\n  desk: [requester]\n  Operators: [operator, approver]\nworkflows:\n  Desk: [start-instance]\n",
		"openid.json": `{"issuer": "` + f.server.URL + `", "client_id": "errand", "client_secret_file": "` + filepath.ToSlash(filepath.Join(folder, "secret")) + `", "scopes": ["email"], "person": "email", "groups": "roles",
			"roles": {"desk": ["requester"], "Operators": ["operator", "approver"]}, "workflows": {"Desk": ["start-instance"]}}`,
	} {
		file := filepath.Join(folder, name)
		write(t, file, text, 0o600)
		got, err := Load(file)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: loaded %+v, %v\nexpected %+v", name, got, err, want)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", got, got, got), "canary") {
			t.Error("a configuration shows its secret")
		}
	}
	write(t, filepath.Join(folder, "least.yaml"), "issuer: https://login.example.com\nclient_id: errand\nscopes: []\nroles: {operators: [operator]}\n", 0o600)
	got, err := Load(filepath.Join(folder, "least.yaml"))
	if err != nil || !got.ClientSecret.IsZero() || got.Scopes == nil || len(got.Scopes) > 0 {
		t.Errorf("loaded %+v, %v", got, err)
	}
	if _, err := Load(filepath.Join(folder, "absent.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
}

func TestSecretFiles(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "openid.yaml"), "issuer: https://login.example.com\nclient_id: errand\nclient_secret_file: secret\nroles: {operators: [operator]}\n", 0o600)
	for _, test := range []struct {
		text string
		mode os.FileMode
		want string
		said string // empty: the secret is good
	}{
		{"canary", 0o600, "canary", ""},
		{"canary\r\n", 0o400, "canary", ""},
		{" canary ", 0o440, " canary ", ""},
		{"canary", 0o644, "", "everybody can read the client's secret in "},
		{"canary", 0o606, "", "its mode is 0606; chmod o= "},
		{"", 0o600, "", "is not a text of one line"},
		{"\n", 0o600, "", "is not a text of one line"},
		{"canary\ncanary", 0o600, "", "is not a text of one line"},
		{strings.Repeat("canary", maxSecret), 0o600, "", "is not a text of one line"},
	} {
		if runtime.GOOS == "windows" && test.mode&0o007 != 0 {
			continue
		}
		write(t, filepath.Join(folder, "secret"), test.text, test.mode)
		c, err := Load(filepath.Join(folder, "openid.yaml"))
		if c.ClientSecret.Reveal() != test.want || (err == nil) != (test.said == "") || err != nil && !strings.Contains(err.Error(), test.said) {
			t.Errorf("%.20q with the mode %o: %v, expected %s", test.text, test.mode, err, test.said)
		}
		if err != nil && (strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "openid.yaml:3:1")) {
			t.Errorf("the problem is %v", err)
		}
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.RemoveAll(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

// The example of the operator's guide can be loaded, and the guide explains each key.
func TestTheGuide(t *testing.T) {
	page, err := os.ReadFile("../../examples/operations/openid.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```yaml\n(# file: openid.yaml\n.*?)```").FindSubmatch(page)
	if example == nil {
		t.Fatal("the guide has no example")
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "secret"), "canary", 0o600)
	text := strings.Replace(string(example[1]), "/etc/errand/openid-secret", filepath.ToSlash(filepath.Join(folder, "secret")), 1)
	write(t, filepath.Join(folder, "openid.yaml"), text, 0o600)
	c, err := Load(filepath.Join(folder, "openid.yaml"))
	if err != nil || c.ClientSecret.IsZero() {
		t.Errorf("loaded %+v, %v", c, err)
	}
	for _, key := range keys {
		if !bytes.Contains(page, []byte("| `"+key+"` |")) {
			t.Errorf("the guide has no row for %s", key)
		}
	}
}
