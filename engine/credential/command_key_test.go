package credential

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestKeyCommand checks the key of a command, and the errors. What it prints on standard output is
// never in an error.
func TestKeyCommand(t *testing.T) {
	k := NewKey()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(part, "print")
	const rubbish = "rubbish-that-may-be-a-secret"
	for _, c := range []struct {
		name, prints, complains, ends string
		limit                         time.Duration
		message, hint                 string
	}{
		{"prints a key", k.line() + "\n", "", "", 0, "", ""},
		{"prints it bare", hex.EncodeToString([]byte(k.secret.Reveal())), "unlocked\n", "", 0, "", ""},
		{"fails", rubbish, "vault is \x1b[31msealed\x1b[0m\nask ops\n", "fail", 0, "failed: exit status 3", "its standard error: vault is [31msealed [0m ask ops"},
		{"fails in silence", rubbish, "", "fail", 0, "failed: exit status 3", ""},
		{"prints rubbish", rubbish, "warning", "", 0, "did not print a key: expected 32 bytes in hexadecimal or base64", "its standard error: warning"},
		{"prints nothing", "", "", "", 0, "did not print a key", ""},
		{"prints without an end", strings.Repeat("x", 100_000), strings.Repeat("y", 5000), "", 0, "did not print a key", "its standard error: " + strings.Repeat("y", 4096)},
		{"hangs", rubbish, "", "hang", 200 * time.Millisecond, "took longer than 200ms", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Command{[]string{program, c.prints, c.complains, c.ends}, c.limit}.Key(t.Context(), KeyQuery{})
			if c.message == "" {
				if err != nil || got.Fingerprint() != k.Fingerprint() {
					t.Errorf("got %v", err)
				}
				return
			}
			e := said[*KeyError](t, err, c.message, c.hint)
			if e.Reason != KeyUnusable || strings.Contains(err.Error(), rubbish) || !strings.HasPrefix(e.Message, "the key command "+program+" ") || c.hint == "" && e.Hint != "" {
				t.Errorf("got %v", err)
			}
		})
	}
	_, err = Command{Argv: []string{filepath.Join(t.TempDir(), "nothing")}}.Key(t.Context(), KeyQuery{})
	said[*KeyError](t, err, "failed: ", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Command{Argv: []string{program, "", "", "hang"}}.Key(ctx, KeyQuery{})
	said[*KeyError](t, err, "was cancelled", "")
}

// A key command gets variables that say where things are, and none that may contain a secret.
func TestKeyCommandGetsNoSecrets(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(part, "names")
	for _, secret := range []string{
		"ERRAND_ISM_WEBSERVICE_USER_PASSWORD", "ERRAND_ISM_USER_AUTH_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN", "ERRAND_KEY_COMMAND", "VAULT_TOKEN", "GITHUB_TOKEN", "https_proxy", "PGPASSWORD",
	} {
		t.Setenv(secret, "canary")
	}
	for _, name := range []string{"HOME", "LC_MESSAGES", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY"} {
		t.Setenv(name, "/somewhere")
	}
	_, err = Command{Argv: []string{program}}.Key(t.Context(), KeyQuery{})
	e := said[*KeyError](t, err, "failed: exit status 1", "its standard error: ")
	if strings.Contains(e.Hint, "canary") {
		t.Errorf("the command got %s", e.Hint)
	}
	for _, name := range []string{"PATH", "HOME", "LC_MESSAGES", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY"} {
		if !strings.Contains(e.Hint+" ", " "+name+" ") {
			t.Errorf("the command did not get %s: %s", name, e.Hint)
		}
	}
}

// The operator's guide lists the variables that a key command gets.
func TestKeyCommandVariablesAreDocumented(t *testing.T) {
	guide, err := os.ReadFile("../../examples/operations/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(guide), "### The key command\n")
	section, _, ended := strings.Cut(section, "Set any other variable in the command")
	if !found || !ended {
		t.Fatal("the guide has no list of them")
	}
	var listed []string
	for _, match := range regexp.MustCompile("`([A-Z_]+\\*?)`").FindAllStringSubmatch(section, -1) {
		listed = append(listed, match[1])
	}
	if !slices.Equal(listed, commandVariables) {
		t.Errorf("the guide lists %q, want %q", listed, commandVariables)
	}
}

func TestSplitCommand(t *testing.T) {
	for text, want := range map[string]string{
		"pass show errand":                    "pass|show|errand",
		"  a\tb \n":                           "a|b",
		`vault kv get -field=key "my store"`:  "vault|kv|get|-field=key|my store",
		`a 'b "c" d' e"f"'g'`:                 `a|b "c" d|efg`,
		`a "" b`:                              "a||b",
		`a "it's"`:                            "a|it's",
		`sh -c 'echo $HOME | head \n'`:        `sh|-c|echo $HOME | head \n`,
		`C:\Program\x.exe a`:                  `C:\Program\x.exe|a`,
		`"C:\Program Files\x.exe" $A ~ * a;b`: `C:\Program Files\x.exe|$A|~|*|a;b`,
	} {
		if got, err := SplitCommand(text); err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", " ", `a "b`, "a 'b", `""`, `"" a`} {
		if got, err := SplitCommand(text); err == nil {
			t.Errorf("%s: got %q", text, got)
		}
	}
}
