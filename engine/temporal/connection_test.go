package temporal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"errand/engine"
)

// environment is an environment for tests, so that no variable of this process counts.
type environment map[string]string

func (e environment) Environ() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(e)) {
		all = append(all, name+"="+e[name])
	}
	return all
}

func (e environment) LookupEnv(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

// write writes a file and returns its name.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// troubled checks an *engine.Trouble.
func troubled(t *testing.T, err error, code engine.TroubleCode, message, hint string) {
	t.Helper()
	trouble, ok := errors.AsType[*engine.Trouble](err)
	if !ok {
		t.Fatalf("got %T: %v", err, err)
	}
	if trouble.Code != code || !strings.Contains(trouble.Error(), message) || !strings.Contains(trouble.Hint, hint) || hint == "" && trouble.Hint != "" {
		t.Errorf("got %s: %q, hint %q; want %s: %q, hint %q", trouble.Code, trouble.Error(), trouble.Hint, code, message, hint)
	}
}

// Flags win over the environment, which wins over the file.
func TestWhichSettingWins(t *testing.T) {
	file := write(t, `
[profile.default]
address = "file:1"
namespace = "file-namespace"
api_key = "file-key"
[profile.other]
address = "other:2"
[profile.other.tls]
server_name = "other-name"
`)
	yes, no := true, false
	base := environment{"TEMPORAL_CONFIG_FILE": file}
	with := func(pairs ...string) environment {
		e := maps.Clone(base)
		for i := 0; i < len(pairs); i += 2 {
			e[pairs[i]] = pairs[i+1]
		}
		return e
	}
	key := write(t, "flag-key\n")
	for _, c := range []struct {
		name       string
		connection Connection
		env        environment
		want       string // address, namespace, TLS and the server's name
		key        string
	}{
		{"nothing", Connection{}, environment{"TEMPORAL_CONFIG_FILE": write(t, "")}, "localhost:7233 default plain", ""},
		{"the file", Connection{}, base, "file:1 file-namespace tls ", "file-key"},
		{"the environment", Connection{}, with("TEMPORAL_ADDRESS", "env:3", "TEMPORAL_NAMESPACE", "env", "TEMPORAL_API_KEY", "env-key"), "env:3 env tls ", "env-key"},
		{"flags", Connection{Address: "flag:4", Namespace: "flag", APIKeyFile: key, TLSServerName: "n"}, with("TEMPORAL_ADDRESS", "env:3", "TEMPORAL_NAMESPACE", "env", "TEMPORAL_API_KEY", "env-key", "TEMPORAL_TLS_SERVER_NAME", "env-name"), "flag:4 flag tls n", "flag-key"},
		{"another profile", Connection{Profile: "other"}, with("TEMPORAL_PROFILE", "default"), "other:2 default tls other-name", ""},
		{"a profile of the environment", Connection{}, with("TEMPORAL_PROFILE", "other"), "other:2 default tls other-name", ""},
		{"another file", Connection{ConfigFile: write(t, "[profile.default]\naddress = \"third:5\"\n")}, base, "third:5 default plain", ""},
		{"TLS off", Connection{TLS: &no}, base, "file:1 file-namespace plain", "file-key"},
		{"TLS off and a certificate's authority of the environment", Connection{TLS: &no}, with("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/does/not/matter"), "file:1 file-namespace plain", "file-key"},
		{"TLS on", Connection{TLS: &yes, ConfigFile: write(t, "")}, environment{}, "localhost:7233 default tls ", ""},
		{"TLS on, off in the environment", Connection{TLS: &yes}, with("TEMPORAL_TLS", "false"), "file:1 file-namespace tls ", "file-key"},
		{"off in the environment", Connection{}, with("TEMPORAL_TLS", "false"), "file:1 file-namespace plain", "file-key"},
		{"a resolver", Connection{Address: "dns:///a:1", ConfigFile: write(t, "")}, environment{}, "dns:///a:1 default plain", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := c.connection.options(c.env)
			if err != nil {
				t.Fatal(err)
			}
			got := o.HostPort + " " + o.Namespace + " plain"
			if tls := o.ConnectionOptions.TLS; tls != nil {
				got = o.HostPort + " " + o.Namespace + " tls " + tls.ServerName
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			p, err := c.connection.profile(c.env)
			if err != nil {
				t.Fatal(err)
			}
			has := p.APIKey
			if c.connection.APIKeyFile != "" {
				has, err = readAPIKey(c.connection.APIKeyFile)
			}
			if err != nil || has != c.key || (o.Credentials != nil) != (c.key != "") {
				t.Errorf("the API key is %q, %v", has, err)
			}
		})
	}
	if q := (Connection{}).Queue(); q != "errand" {
		t.Errorf("the task queue is %q", q)
	}
}

const apiKeyCanary = "eyJhbGciOiJFUzI1NiJ9.canary-of-a-key"

func TestWrongSettings(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	cert, key, _ := a.leaf("client")
	_, otherKey, _ := other.leaf("client")
	pemKey, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		name          string
		connection    Connection
		env           environment
		message, hint string
	}{
		{"an address without a port", Connection{Address: "temporal"}, nil, `the address of Temporal is "temporal"; expected HOST:PORT`, "localhost:7233"},
		{"no profile file", Connection{ConfigFile: missing}, nil, `the profile file "` + missing + `" cannot be read: no such file or directory`, ""},
		{"no profile file of the environment", Connection{}, environment{"TEMPORAL_CONFIG_FILE": missing}, "cannot be read: no such file", ""},
		{"a profile file that is a folder", Connection{ConfigFile: t.TempDir()}, nil, "cannot be read: is a directory", ""},
		{"no such profile", Connection{Profile: "prod"}, nil, `has no profile "prod"`, "temporal config list"},
		{"a file that is no TOML", Connection{ConfigFile: write(t, "[profile.default]\naddress = \"a:1\"\napi_key = "+apiKeyCanary+"\n")}, nil, "line 3 of the profile file", ""},
		{"a key of another type", Connection{ConfigFile: write(t, "[profile.default]\ntls = \""+apiKeyCanary+"\"\n")}, nil, "has a value of another type than expected", ""},
		{"no file of an API key", Connection{APIKeyFile: missing}, nil, `the file with the API key "` + missing + `" cannot be read: no such file`, ""},
		{"an API key for a file", Connection{APIKeyFile: apiKeyCanary}, nil, "(not shown: it does not look like the name of a file) cannot be read", ""},
		{"an empty API key", Connection{APIKeyFile: write(t, " \n")}, nil, "is empty", ""},
		{"an API key of two lines", Connection{APIKeyFile: write(t, apiKeyCanary+"\n"+apiKeyCanary)}, nil, "the API key has a character that no API key has", ""},
		{"such a key of the environment", Connection{}, environment{"TEMPORAL_API_KEY": apiKeyCanary + "\x00"}, "the API key has a character that no API key has", ""},
		{"a folder for an API key", Connection{APIKeyFile: t.TempDir()}, nil, "is a folder, not a file", ""},
		{"no certificate", Connection{TLSCert: missing, TLSKey: key}, nil, "the file with the client's certificate \"" + missing + "\" cannot be read", ""},
		{"a certificate without its key", Connection{TLSCert: cert}, nil, "there is a client's certificate without its key", ""},
		{"a key without its certificate", Connection{TLSKey: key}, nil, "there is a key without the client's certificate", ""},
		{"a key of another certificate", Connection{TLSCert: cert, TLSKey: otherKey}, nil, "private key does not match public key", ""},
		{"exchanged", Connection{TLSCert: key, TLSKey: cert}, nil, "has no certificate in PEM", ""},
		{"no key", Connection{TLSCert: cert, TLSKey: cert}, nil, "has no private key in PEM", ""},
		{"an empty key", Connection{TLSCert: cert, TLSKey: write(t, "")}, nil, "is empty", ""},
		{"an authority that is none", Connection{TLSCA: write(t, "nothing")}, nil, "has no certificate in PEM", ""},
		{"a key for a file", Connection{}, environment{"TEMPORAL_TLS_CLIENT_CERT_PATH": cert, "TEMPORAL_TLS_CLIENT_KEY_PATH": string(pemKey)}, "(not shown: it does not look like the name of a file)", ""},
		{"given twice", Connection{}, environment{"TEMPORAL_TLS_CLIENT_CERT_PATH": cert, "TEMPORAL_TLS_CLIENT_CERT_DATA": "x"}, "the client's certificate is given twice", ""},
		{"a broken key", Connection{}, environment{"TEMPORAL_TLS_CLIENT_CERT_PATH": cert, "TEMPORAL_TLS_CLIENT_KEY_DATA": "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LW9mLWEta2V5\n-----END PRIVATE KEY-----\n"}, "the key of the client's certificate cannot be used", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := environment{"TEMPORAL_CONFIG_FILE": write(t, "")}
			maps.Copy(env, c.env)
			_, err := c.connection.options(env)
			troubled(t, err, engine.TroubleSettings, c.message, c.hint)
			for _, secret := range []string{apiKeyCanary, "canary-of-a-key", "Y2FuYXJ5LW9mLWEta2V5", strings.Split(string(pemKey), "\n")[1]} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error has a secret: %v", err)
				}
			}
		})
	}
}

// dial dials with nothing but the given settings.
func dial(t *testing.T, c Connection) (client.Client, error) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "TEMPORAL_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.ConfigFile == "" {
		c.ConfigFile = write(t, "")
	}
	made, err := c.Dial(t.Context(), nil, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Cleanup(made.Close)
	}
	return made, err
}

func TestDial(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	_, _, server := a.leaf("temporal.example.com")
	_, _, old := a.leaf("temporal.example.com", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	clientCert, clientKey, _ := a.leaf("client")
	otherCert, otherKey, _ := other.leaf("client")
	key := write(t, apiKeyCanary)
	yes := true

	plain := (&fakeServer{}).start(t, nil)
	locked := (&fakeServer{apiKey: apiKeyCanary}).start(t, nil)
	forbidden := (&fakeServer{forbidden: true}).start(t, nil)
	secure := (&fakeServer{apiKey: apiKeyCanary}).start(t, &tls.Config{Certificates: []tls.Certificate{server}})
	expired := (&fakeServer{}).start(t, &tls.Config{Certificates: []tls.Certificate{old}})
	mutual := (&fakeServer{}).start(t, &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool()})
	l := listen(t)
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	no := false
	named := Connection{TLSCA: a.file, TLSServerName: "temporal.example.com"}
	with := func(c Connection, edit func(*Connection)) Connection {
		edit(&c)
		return c
	}
	for _, c := range []struct {
		name          string
		connection    Connection
		code          engine.TroubleCode // "" if it connects
		message, hint string
	}{
		{"without TLS", Connection{Address: plain}, "", "", ""},
		{"another namespace", Connection{Address: plain, Namespace: "desk"}, "", "", ""},
		{"no such namespace", Connection{Address: plain, Namespace: "none"}, engine.TroubleSettings, `Temporal at ` + plain + ` has no namespace "none"`, "temporal operator namespace list"},
		{"nobody listens", Connection{Address: nobody}, engine.TroubleUnreachable, "Temporal at " + nobody + " cannot be reached: dial tcp " + nobody, ""},
		{"an API key without TLS", Connection{Address: locked, APIKeyFile: key, TLS: &no}, "", "", ""},
		{"no API key", Connection{Address: locked}, engine.TroubleCredential, "refuses this client: it expects an API key", "TEMPORAL_API_KEY"},
		{"a wrong API key", Connection{Address: locked, APIKeyFile: write(t, "wrong-key"), TLS: &no}, engine.TroubleCredential, "refuses this client", "TEMPORAL_API_KEY"},
		{"no right", Connection{Address: forbidden}, engine.TroubleCredential, `does not allow this client to use the namespace "default"`, "TEMPORAL_API_KEY"},
		{"TLS and an API key", with(named, func(c *Connection) { c.Address, c.APIKeyFile = secure, key }), "", "", ""},
		{"TLS and no API key", with(named, func(c *Connection) { c.Address = secure }), engine.TroubleCredential, "refuses this client", "TEMPORAL_API_KEY"},
		{"TLS is off, and should be on", Connection{Address: secure}, engine.TroubleSettings, "Temporal at " + secure + " expects TLS, and TLS is off", "TEMPORAL_TLS=true"},
		{"TLS is on, and should be off", Connection{Address: plain, TLS: &yes}, engine.TroubleSettings, "does not speak TLS, and TLS is on", "TEMPORAL_TLS=false"},
		{"an unknown authority", with(named, func(c *Connection) { c.Address, c.TLSCA = secure, other.file }), engine.TroubleSettings, "is signed by an authority that this machine does not know", "TEMPORAL_TLS_SERVER_CA_CERT_PATH"},
		{"another name", with(named, func(c *Connection) { c.Address, c.TLSServerName = secure, "" }), engine.TroubleSettings, `is for [temporal.example.com], not for "127.0.0.1"`, "TEMPORAL_TLS_SERVER_NAME"},
		{"expired", with(named, func(c *Connection) { c.Address = expired }), engine.TroubleSettings, "is not valid: x509: certificate has expired", ""},
		{"mutual TLS", with(named, func(c *Connection) { c.Address, c.TLSCert, c.TLSKey = mutual, clientCert, clientKey }), "", "", ""},
		{"mutual TLS without a certificate", with(named, func(c *Connection) { c.Address = mutual }), engine.TroubleCredential, "it may expect a client's certificate, and there is none", "client's certificate"},
		{"mutual TLS with another's", with(named, func(c *Connection) { c.Address, c.TLSCert, c.TLSKey = mutual, otherCert, otherKey }), engine.TroubleCredential, "refuses the client's certificate", "client's certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := dial(t, c.connection)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			troubled(t, err, c.code, c.message, c.hint)
			if strings.Contains(err.Error(), apiKeyCanary) {
				t.Errorf("the error has the API key: %v", err)
			}
		})
	}
}

// A server that accepts connections and says nothing is not reached.
func TestDialToSilence(t *testing.T) {
	before := answerTimeout
	answerTimeout = 100 * time.Millisecond
	t.Cleanup(func() { answerTimeout = before })
	l := listen(t)
	t.Cleanup(func() { _ = l.Close() })
	_, err := dial(t, Connection{Address: l.Addr().String()})
	troubled(t, err, engine.TroubleUnreachable, "Temporal at "+l.Addr().String()+" did not answer", "")
}

func TestDialIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Connection{Address: "127.0.0.1:1", ConfigFile: write(t, "")}.Dial(ctx, nil, slog.New(slog.DiscardHandler))
	troubled(t, err, engine.TroubleUnreachable, "did not answer in time: context canceled", "")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
