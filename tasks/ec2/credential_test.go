package ec2

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestEndpoint(t *testing.T) {
	cases := []struct{ text, region, url string }{
		{"ec2.us-east-1.amazonaws.com", "us-east-1", ""},
		{" ec2.ap-southeast-2.amazonaws.com ", "ap-southeast-2", ""},
		{"ec2.us-gov-west-1.amazonaws.com", "us-gov-west-1", ""},
		{"ec2.cn-north-1.amazonaws.com.cn", "cn-north-1", ""},
		{"vpce-1.ec2.eu-west-1.vpce.amazonaws.com", "eu-west-1", "https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com"},
		{"eu-west-1.ec2.amazonaws.com", "eu-west-1", "https://eu-west-1.ec2.amazonaws.com"},
		{"cloud.example.com:8443", "", "https://cloud.example.com:8443"},
		{"http://127.0.0.1:8080/ec2/", "", "http://127.0.0.1:8080/ec2"},
		{"https://ec2.eu-west-1.amazonaws.com", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com"},
		{"EC2.EU-West-3.AmazonAWS.com", "eu-west-3", ""},
		{"HTTPS://EC2.EU-West-3.AmazonAWS.com/Path", "eu-west-3", "https://ec2.eu-west-3.amazonaws.com/Path"},
		{"eu-west-3", "eu-west-3", ""},
		{"US-GOV-East-1", "us-gov-east-1", ""},
		{"eusc-de-east-1", "eusc-de-east-1", ""},
		{"my-proxy-1", "my-proxy-1", "https://my-proxy-1"},
		{"ec2.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", ""},
		{"http://ec2.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "http://ec2.eusc-de-east-1.amazonaws.eu"},
		{"ec2.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", ""},
		{"ec2.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", ""},
		{"ec2.eu-west-1.api.aws", "eu-west-1", "https://ec2.eu-west-1.api.aws"},
		{"ec2-fips.us-east-2.amazonaws.com", "us-east-2", "https://ec2-fips.us-east-2.amazonaws.com"},
		{"ec2.eu-west-1.amazonaws.com.cn", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com.cn"},
	}
	for _, c := range cases {
		if got, err := parseEndpoint(c.text); err != nil || got != (endpoint{c.region, c.url}) {
			t.Errorf("%q: got %+v (%v), want region %q, url %q", c.text, got, err, c.region, c.url)
		}
	}
	for _, wrong := range []string{"ftp://x", "http://", "https://user:word@x", "x?y=1", "a b", "http://[::1"} {
		if got, err := parseEndpoint(wrong); err == nil {
			t.Errorf("%q: got %+v, want an error", wrong, got)
		}
	}
}

// The address of requests depends on the stored credential and on the environment. The transport
// records the address and sends nothing.
func TestRequestAddress(t *testing.T) {
	cases := []struct {
		name        string
		stored      map[string]string // in addition to the keys; nil if nothing is stored
		environment map[string]string
		host        string
		region      string
	}{
		{"the default region", map[string]string{}, nil, "ec2.us-east-1.amazonaws.com", "us-east-1"},
		{"a stored region's host", map[string]string{regionEndpoint: "ec2.eu-west-1.amazonaws.com"}, nil, "ec2.eu-west-1.amazonaws.com", "eu-west-1"},
		{"a stored region before the environment's", map[string]string{regionEndpoint: "ec2.eu-west-1.amazonaws.com"}, map[string]string{"AWS_REGION": "eu-north-1"}, "ec2.eu-west-1.amazonaws.com", "eu-west-1"},
		{"a region as the endpoint", map[string]string{regionEndpoint: "eu-west-3"}, nil, "ec2.eu-west-3.amazonaws.com", "eu-west-3"},
		{"a host in capitals", map[string]string{regionEndpoint: "EC2.EU-WEST-3.AMAZONAWS.COM"}, nil, "ec2.eu-west-3.amazonaws.com", "eu-west-3"},
		{"a host in China", map[string]string{regionEndpoint: "ec2.cn-north-1.amazonaws.com.cn"}, nil, "ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"a host of the European sovereign cloud", map[string]string{regionEndpoint: "ec2.eusc-de-east-1.amazonaws.eu"}, nil, "ec2.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
		{"a host of an isolated region", map[string]string{regionEndpoint: "ec2.us-iso-east-1.c2s.ic.gov"}, nil, "ec2.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
		{"a region", map[string]string{regionName: "eu-west-3"}, map[string]string{"AWS_REGION": "eu-north-1"}, "ec2.eu-west-3.amazonaws.com", "eu-west-3"},
		{"a region beside a URL", map[string]string{regionName: "eu-west-3", regionEndpoint: "http://127.0.0.1:8"}, map[string]string{"AWS_REGION": "eu-north-1"}, "127.0.0.1:8", "eu-west-3"},
		{"the default endpoint before AWS_ENDPOINT_URL_EC2", map[string]string{}, map[string]string{"AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:9"}, "ec2.us-east-1.amazonaws.com", "us-east-1"},
		{"a stored URL before AWS_ENDPOINT_URL_EC2", map[string]string{regionEndpoint: "http://127.0.0.1:8"}, map[string]string{"AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:9"}, "127.0.0.1:8", "us-east-1"},
		{"a stored URL in the environment's region", map[string]string{regionEndpoint: "http://127.0.0.1:8"}, map[string]string{"AWS_REGION": "eu-north-1"}, "127.0.0.1:8", "eu-north-1"},
		{"a stored URL and a profile that does not exist", map[string]string{regionEndpoint: "http://127.0.0.1:8"}, map[string]string{"AWS_PROFILE": "nobody"}, "127.0.0.1:8", "us-east-1"},
		{"the environment alone", nil, map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret, "AWS_REGION": "eu-north-1"}, "ec2.eu-north-1.amazonaws.com", "eu-north-1"},
		{"the environment without a region", nil, map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret}, "ec2.us-east-1.amazonaws.com", "us-east-1"},
		{"certificates of the environment's own", map[string]string{}, map[string]string{"AWS_CA_BUNDLE": certificate(t)}, "ec2.us-east-1.amazonaws.com", "us-east-1"},
		{"the environment's endpoint", nil, map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret, "AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:9"}, "127.0.0.1:9", "us-east-1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			seen := tasktest.Unsent()
			env := task.Environment{Transport: seen}
			if c.stored != nil {
				with := tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret}
				maps.Copy(with, c.stored)
				env.Credentials = with
			}
			d := newDriver(t, env)
			for name, value := range c.environment {
				t.Setenv(name, value)
			}
			if err := d.Ready(""); err != nil {
				t.Errorf("not ready: %v", err)
			}
			d.Attempts = 1
			reply := d.Run("ec2.get_instance_status", instance("i-1"))
			if len(seen.Requests) != 1 {
				t.Fatalf("%d requests; %v", len(seen.Requests), reply.Failure)
			}
			host, scope := seen.Requests[0].URL.Host, seen.Requests[0].Header.Get("Authorization")
			if host != c.host || !strings.Contains(scope, "/"+c.region+"/ec2/") {
				t.Errorf("went to %q as %q, want %s in %s; %v", host, scope, c.host, c.region, reply.Failure)
			}
		})
	}
}

// certificate writes a file with a certificate that a client is to trust.
func certificate(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestNoUsableCredential(t *testing.T) {
	profiles := filepath.Join(t.TempDir(), "config")
	text := "[default]\nregion = eu-west-1\n[profile bare]\nregion = eu-west-3\n[profile sso]\nsso_start_url = https://example.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = desk\n"
	if err := os.WriteFile(profiles, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, use string
		with      task.Credentials
		setenv    map[string]string
		message   string
		notReady  bool // Ready refuses it, without a request
	}{
		{"nothing anywhere", "", nil, nil, "no credential of ec2 is stored, and the environment has none", true},
		{"a name that is not stored", "prod", credential("x"), nil, `no credential of ec2 is stored under the name "prod"`, true},
		{"no secret key", "", tasktest.Store{accessKeyID: testKey}, nil, "secret_access_key is missing; access_key_id needs it", true},
		{"no access key", "", tasktest.Store{secretAccessKey: testSecret}, nil, "access_key_id is missing; secret_access_key needs it", true},
		{"a wrong endpoint", "", credential("ftp://x"), nil, "region_endpoint is neither a host nor", true},
		{"a store that cannot be read", "", tasktest.ClosedStore{}, nil, "the store is closed", true},
		{"a profile that does not exist", "", nil, map[string]string{"AWS_PROFILE": "nobody", "AWS_ACCESS_KEY_ID": ""}, "nobody", true},
		{"a stored profile that does not exist", "", tasktest.Store{profile: "nobody"}, nil, "nobody", true},
		{"a profile without keys", "", nil, map[string]string{"AWS_CONFIG_FILE": profiles, "AWS_PROFILE": "bare"}, "the environment has none", true},
		{"a stored profile without keys", "", tasktest.Store{profile: "bare"}, map[string]string{"AWS_CONFIG_FILE": profiles}, "the AWS configuration has none", true},
		{"a single sign-on that was not logged in", "", nil, map[string]string{"AWS_CONFIG_FILE": profiles, "AWS_PROFILE": "sso"}, "the environment has none", true},
		{"a key id without its secret", "", nil, map[string]string{"AWS_ACCESS_KEY_ID": testKey}, "the environment has none", true},
		{"a metadata service that is not there", "", nil, map[string]string{"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"}, "the environment has none", true},
		{"a container's service that is not there", "", nil, map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/"}, "the environment has none", true},
		{"a token file that is not there", "", nil, map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "nowhere", "AWS_ROLE_ARN": role}, "the environment has none", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDriver(t, task.Environment{Credentials: c.with, Transport: tasktest.Unsent()})
			for name, value := range c.setenv {
				t.Setenv(name, value)
			}
			err := d.Ready(c.use)
			if c.notReady {
				if f, ok := err.(*task.Failure); !ok || f.Code != task.CodeCredential || !f.Local || !strings.Contains(f.Message, c.message) {
					t.Errorf("ready said %v, want %q", err, c.message)
				}
			}
			d.Call.Credential = c.use
			d.Attempts = 1
			reply := d.Run("ec2.get_instance_status", instance("i-1"))
			if f := reply.Failure; f == nil || f.Code != task.CodeCredential || f.Unknown || f.Transient || !f.Local {
				t.Errorf("got %+v", reply)
			}
			if strings.Contains(c.name, "service that is not there") { // the SDK tries a service that is not there for seconds
				return
			}
			d.Call.Recover = true
			if f := d.Run("ec2.restart_instance", instance("i-1")).Failure; f == nil || !f.Local || f.Unknown {
				t.Errorf("got %+v; the engine makes this call again", f)
			}
		})
	}
}

// A credential that another service may issue is not refused, and that service is not asked. The
// metadata of this machine is asked.
func TestReadyAcceptsPossibleCredentials(t *testing.T) {
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
			_, _ = io.WriteString(w, "token")
		case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
			_, _ = io.WriteString(w, "desk")
		default:
			_, _ = io.WriteString(w, `{"Code":"Success","AccessKeyId":"`+roleKey+`","SecretAccessKey":"`+roleSecret+`","Token":"`+roleToken+`","Expiration":"2126-01-01T00:00:00Z"}`)
		}
	}))
	defer here.Close()
	folder := t.TempDir()
	token, file := filepath.Join(folder, "token"), filepath.Join(folder, "config")
	text := "[profile process]\ncredential_process = /nonexistent\n[profile far]\nrole_arn = " + role + "\nsource_profile = keys\n[profile keys]\naws_access_key_id = " + testKey + "\naws_secret_access_key = " + testSecret + "\n"
	for name, text := range map[string]string{token: "x", file: text} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, environment := range map[string]map[string]string{
		"keys":           {"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret},
		"a web identity": {"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": role},
		"a role":         {"AWS_CONFIG_FILE": file, "AWS_PROFILE": "far"},
		"a process":      {"AWS_CONFIG_FILE": file, "AWS_PROFILE": "process"},
		"a container":    {"AWS_CONTAINER_CREDENTIALS_FULL_URI": here.URL},
		"a machine":      {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": here.URL},
	} {
		t.Run(name, func(t *testing.T) {
			unsent := tasktest.Unsent()
			d := newDriver(t, task.Environment{Transport: unsent})
			for name, value := range environment {
				t.Setenv(name, value)
			}
			if err := d.Ready(""); err != nil || len(unsent.Requests) > 0 {
				t.Errorf("got %v after %d requests", err, len(unsent.Requests))
			}
		})
	}
}

// A client is kept for a credential, and a new one is made when the stored credential changes.
func TestClientFollowsWhatIsStored(t *testing.T) {
	seen := tasktest.Unsent()
	with := credential("http://a.test.invalid")
	c := &clients{env: task.Environment{Credentials: with, Transport: seen}}
	first, err := c.find(t.Context(), "", "run1")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := c.find(t.Context(), "", "run1"); again != first {
		t.Error("a new client was made")
	}
	with[regionEndpoint] = "http://b.test.invalid"
	if changed, _ := c.find(t.Context(), "", "run1"); changed == first {
		t.Error("the client was kept")
	}
}

// A session token signs requests, and appears nowhere else.
func TestSessionToken(t *testing.T) {
	seen := tasktest.Unsent()
	stored := tasktest.Store{accessKeyID: "ASIACANARY", secretAccessKey: testSecret, sessionToken: roleToken}
	d := newDriver(t, task.Environment{Credentials: stored, Transport: seen})
	d.Attempts = 1
	d.Run("get_instance_status", instance("i-1"))
	if len(seen.Requests) != 1 || seen.Requests[0].Header.Get("X-Amz-Security-Token") != roleToken {
		t.Errorf("sent %v", seen.Requests)
	}
	repeated := &tasktest.Script{Answers: []tasktest.Answer{{Status: 400, Body: xmlError("Odd", "no "+roleToken)}}}
	d = newDriver(t, task.Environment{Credentials: stored, Transport: repeated})
	if f := d.Run("get_instance_status", instance("i-1")).Failure; f == nil || f.Message != "no …" {
		t.Errorf("got %+v", f)
	}
	if variables := d.Connector.SecretVariables(); !slices.Contains(variables, "AWS_SESSION_TOKEN") {
		t.Errorf("the secrets of the environment are in %q", variables)
	}
}

// What is wrong with the values of a credential beyond each by itself.
func TestFitOfKeysAndRegions(t *testing.T) {
	keys := tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret}
	cases := []struct {
		more      tasktest.Store
		parameter string
		message   string
	}{
		{tasktest.Store{accessKeyID: "ASIACANARY"}, sessionToken, "is missing; an access_key_id that begins with ASIA belongs to temporary keys, which need it"},
		{tasktest.Store{accessKeyID: "", secretAccessKey: "", profile: "desk", sessionToken: "x"}, sessionToken, "is only used with access_key_id, which is missing"},
		{tasktest.Store{regionName: "Paris"}, regionName, "is not a region; write it like us-east-1"},
		{tasktest.Store{regionName: "eu-west-3", regionEndpoint: "ec2.eu-west-1.amazonaws.com"}, regionName, "is not the region of region_endpoint, eu-west-1"},
		{tasktest.Store{securityGroupIDs: "sg-1; sg-2"}, securityGroupIDs, "are separated by ';'; separate them with commas"},
		{tasktest.Store{securityGroupIDs: "sg-1 sg-2"}, securityGroupIDs, "are separated by blanks; separate them with commas"},
		{tasktest.Store{securityGroupIDs: "sg-1, sg-2,\nsg-3"}, "", ""},
		{tasktest.Store{accessKeyID: "ASIACANARY", sessionToken: "x", regionName: "eu-west-3"}, "", ""},
	}
	for _, c := range cases {
		values := maps.Clone(keys)
		maps.Copy(values, c.more)
		maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
		got := Connector(task.Environment{}).Fit(task.Conceal(values))
		if c.parameter == "" && len(got) > 0 || c.parameter != "" && (len(got) != 1 || got[0].Parameter != c.parameter || got[0].Message != c.message) {
			t.Errorf("%v: got %+v, want %s %s", c.more, got, c.parameter, c.message)
		}
	}
	stored := tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, securityGroupIDs: "sg-1;sg-2"}
	if err := newDriver(t, task.Environment{Credentials: stored}).Ready(""); err != nil {
		t.Errorf("security groups of new instances keep a credential from all other uses: %v", err)
	}
}

func TestConnectorReadsNothingWhenBuilt(t *testing.T) {
	connector := Connector(tasktest.Untouchable(t))
	if connector.Name != "ec2" || len(connector.Types) != 7 || len(connector.Credential) != 10 {
		t.Errorf("got %+v", connector)
	}
}

// A target distinguishes the endpoints, profiles and roles that requests may go to, and nothing
// else.
func TestTarget(t *testing.T) {
	keys := tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret}
	with := func(base tasktest.Store, more ...string) string {
		s := maps.Clone(base)
		for i := 0; i < len(more); i += 2 {
			s[more[i]] = more[i+1]
		}
		return Connector(task.Environment{}).Target(task.Conceal(s))
	}
	for _, same := range [][]string{
		{with(keys), with(keys, accessKeyID, "AKIDOTHER", secretAccessKey, "x", keyPairName, "x", securityGroupIDs, "sg-1"),
			with(keys, sessionToken, "x"), with(keys, regionName, defaultRegion), with(keys, regionEndpoint, defaultRegion), with(keys, regionEndpoint, strings.ToUpper(defaultEndpoint)),
			with(keys, regionEndpoint, defaultEndpoint), with(keys, regionEndpoint, " https://"+defaultEndpoint+"/ ")},
		{with(keys, roleARN, role), with(keys, roleARN, role, externalID, "x2")},
	} {
		for _, other := range same[1:] {
			if other != same[0] || strings.Contains(other, testKey) {
				t.Errorf("%q and %q are not the same", same[0], other)
			}
		}
	}
	profiles := tasktest.Store{profile: "desk"}
	different := []string{
		with(keys), with(keys, regionEndpoint, "ec2.eu-west-1.amazonaws.com"), with(keys, regionEndpoint, "http://127.0.0.1:1"), with(keys, roleARN, role),
		with(profiles), with(profiles, profile, "other"), with(profiles, regionEndpoint, defaultEndpoint), with(profiles, roleARN, role),
	}
	for i, one := range different {
		for _, other := range different[:i] {
			if one == other {
				t.Errorf("%q stands for two targets", one)
			}
		}
	}
}
