package ec2

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// More canaries: the credentials that STS returns for a role, and those of a profile.
const (
	roleKey       = "ASIACANARYCANARY"
	roleSecret    = "role/secret/canary"
	roleToken     = "role/token/canary"
	profileKey    = "AKIDPROFILECANARY"
	profileSecret = "profile/secret/canary"
	role          = "arn:aws:iam::123456789012:role/errand"
)

// A cloud is an STS and an EC2 on this machine. It keeps the requests to them.
type cloud struct {
	sts, ec2 *httptest.Server
	assumed  []url.Values
	signed   []string // the service and the access key of each request: "sts KEY", "ec2 KEY"
	refuse   func(w http.ResponseWriter) bool
}

// assumed is STS's answer with the credentials of a role.
const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>` + roleKey +
	`</AccessKeyId><SecretAccessKey>` + roleSecret + `</SecretAccessKey><SessionToken>` + roleToken +
	`</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

var signer = regexp.MustCompile(`Credential=([^/]+)/[0-9]{8}/([^/]+)/([^/]+)/`)

func newCloud(t *testing.T) *cloud {
	c := &cloud{refuse: func(http.ResponseWriter) bool { return false }}
	note := func(r *http.Request) url.Values {
		by := signer.FindStringSubmatch(r.Header.Get("Authorization"))
		if by == nil {
			t.Errorf("a request is signed %q", r.Header.Get("Authorization"))
			return nil
		}
		c.signed = append(c.signed, by[3]+" "+by[1])
		body, _ := io.ReadAll(r.Body)
		sent, _ := url.ParseQuery(string(body))
		return sent
	}
	c.sts = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.assumed = append(c.assumed, note(r))
		if c.refuse(w) {
			return
		}
		fmt.Fprint(w, assumed)
	}))
	c.ec2 = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, xmlError(notFound, "no"))
	}))
	t.Cleanup(c.sts.Close)
	t.Cleanup(c.ec2.Close)
	return c
}

// RoundTrip sends what is for the STS of a region to the cloud's.
func (c *cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Host, "sts.") && strings.HasSuffix(r.URL.Host, ".amazonaws.com") {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(c.sts.URL, "http://")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// driver returns a driver in an environment with the cloud's STS and the two files of the AWS
// configuration.
func (c *cloud) driver(t *testing.T, values tasktest.Store) *tasktest.Driver {
	t.Helper()
	env := task.Environment{Transport: c}
	if values != nil {
		values = maps.Clone(values)
		values[regionEndpoint] = c.ec2.URL
		env.Credentials = values
	}
	d := newDriver(t, env)
	d.Attempts = 1
	t.Setenv("AWS_ENDPOINT_URL_STS", c.sts.URL)
	t.Setenv("AWS_ENDPOINT_URL_EC2", c.ec2.URL)
	for variable, text := range map[string]string{
		"AWS_CONFIG_FILE": "[profile desk]\nregion = eu-west-3\n[profile far]\nrole_arn = " + role + "\nsource_profile = desk\n" +
			"[profile named]\nrole_arn = " + role + "\nsource_profile = desk\nrole_session_name = mine\n",
		"AWS_SHARED_CREDENTIALS_FILE": "[desk]\naws_access_key_id = " + profileKey + "\naws_secret_access_key = " + profileSecret + "\n",
	} {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(variable, file)
	}
	return d
}

// Which key signs a request, and under which session name a role is assumed, depends on the
// credential.
func TestRolesAndProfiles(t *testing.T) {
	cases := []struct {
		name        string
		stored      tasktest.Store
		environment map[string]string
		signed      []string
		session     string // RoleSessionName, or "" if no role is assumed
		external    string
	}{
		{"keys", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret}, nil, []string{"ec2 " + testKey}, "", ""},
		{"keys and a role", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role}, nil, []string{"sts " + testKey, "ec2 " + roleKey}, "errand-run1", ""},
		{"a role of another account", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role, externalID: "desk:42"}, nil, []string{"sts " + testKey, "ec2 " + roleKey}, "errand-run1", "desk:42"},
		{"a role alone takes what the environment has", tasktest.Store{roleARN: role}, map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret}, []string{"sts " + testKey, "ec2 " + roleKey}, "errand-run1", ""},
		{"a profile", tasktest.Store{profile: "desk"}, nil, []string{"ec2 " + profileKey}, "", ""},
		{"a profile before the environment's keys", tasktest.Store{profile: "desk"}, map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret}, []string{"ec2 " + profileKey}, "", ""},
		{"a profile and a role", tasktest.Store{profile: "desk", roleARN: role, externalID: "x2"}, nil, []string{"sts " + profileKey, "ec2 " + roleKey}, "errand-run1", "x2"},
		{"a profile that names a role", tasktest.Store{profile: "far"}, nil, []string{"sts " + profileKey, "ec2 " + roleKey}, "errand-run1", ""},
		{"a profile that names its session", tasktest.Store{profile: "named"}, nil, []string{"sts " + profileKey, "ec2 " + roleKey}, "mine", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t)
			d := cloud.driver(t, c.stored)
			for name, value := range c.environment {
				t.Setenv(name, value)
			}
			if err := d.Ready(""); err != nil {
				t.Errorf("not ready: %v", err)
			}
			if f := d.Run("ec2.get_instance_status", instance("i-1")).Failure; f == nil || f.Code != notFound {
				t.Errorf("got %+v", f)
			}
			if !slices.Equal(cloud.signed, c.signed) {
				t.Errorf("signed %q, want %q", cloud.signed, c.signed)
			}
			if c.session == "" {
				return
			}
			if len(cloud.assumed) != 1 || cloud.assumed[0].Get("RoleSessionName") != c.session || cloud.assumed[0].Get("ExternalId") != c.external || cloud.assumed[0].Get("RoleArn") != role {
				t.Errorf("STS was asked for %v", cloud.assumed)
			}
		})
	}
}

// Without a stored endpoint the region of the profile is used. With keys it is the default region.
func TestAProfileHasARegion(t *testing.T) {
	for _, c := range []struct {
		name   string
		stored tasktest.Store
		region string
	}{
		{"a profile", tasktest.Store{profile: "desk"}, "eu-west-3"},
		{"a profile and an endpoint", tasktest.Store{profile: "desk", regionEndpoint: "ec2.eu-north-1.amazonaws.com"}, "eu-north-1"},
		{"keys", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret}, "us-east-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t)
			cloud.driver(t, tasktest.Store{}) // for its environment
			clients := &clients{env: task.Environment{Credentials: c.stored}}
			cfg, err := clients.config(t.Context(), task.Conceal(c.stored), "s")
			if err != nil || cfg.Region != c.region {
				t.Errorf("got %s (%v), want %s", cfg.Region, err, c.region)
			}
		})
	}
}

// Each run has its own session, which its calls share.
func TestASessionBelongsToItsRun(t *testing.T) {
	cloud := newCloud(t)
	d := cloud.driver(t, tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role})
	for _, run := range []string{"a", "b", "a", "b", "ä/" + strings.Repeat("x", 80)} {
		d.Call.Run = run
		d.Run("ec2.get_instance_status", instance("i-1"))
	}
	var sessions []string
	for _, a := range cloud.assumed {
		sessions = append(sessions, a.Get("RoleSessionName"))
	}
	if want := []string{"errand-a", "errand-b", "errand---" + strings.Repeat("x", 55)}; !slices.Equal(sessions, want) {
		t.Errorf("sessions %q, want %q", sessions, want)
	}
}

// The number of accounts that are kept for runs is limited. Runs without a role share one account.
func TestNumberOfAccountsIsLimited(t *testing.T) {
	for _, c := range []struct {
		stored tasktest.Store
		most   int
	}{
		{tasktest.Store{roleARN: role, accessKeyID: testKey, secretAccessKey: testSecret}, mostRuns},
		{credential("http://127.0.0.1:9"), 1},
	} {
		newDriver(t, task.Environment{})
		clients := &clients{env: task.Environment{Credentials: c.stored, Transport: tasktest.Unsent()}}
		for i := range 2 * mostRuns {
			if _, err := clients.find(t.Context(), "", fmt.Sprint("run", i)); err != nil {
				t.Fatal(err)
			}
		}
		if len(clients.made) != c.most || len(clients.runs) > mostRuns {
			t.Errorf("%d accounts of %d runs are kept, want %d", len(clients.made), len(clients.runs), c.most)
		}
		_, first := clients.made[accountKey{"", "run0"}]
		if _, last := clients.made[accountKey{"", fmt.Sprint("run", 2*mostRuns-1)}]; c.most > 1 && (first || !last) {
			t.Error("the newest are not those that are kept")
		}
	}
}

// refusal writes an error answer of STS.
func refusal(status int, code, message string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, message)
		return true
	}
}

// If a role cannot be assumed, the credential is not usable, for good or for now. No request was
// sent to EC2, so nothing is unknown.
func TestARoleThatCannotBeAssumed(t *testing.T) {
	for _, c := range []struct {
		name      string
		refuse    func(http.ResponseWriter) bool
		transient bool
		message   string
	}{
		{"not trusted", refusal(403, "AccessDenied", "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: "+role), false, "AccessDenied: User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: " + role + "; the role may not exist"},
		{"a wrong secret key", refusal(403, "SignatureDoesNotMatch", "you signed "+testSecret), false, "the secret access key may be wrong"},
		{"an unknown key", refusal(403, "InvalidClientTokenId", "no "+testKey), false, "InvalidClientTokenId: no …; the access key is unknown"},
		{"throttled", refusal(400, "Throttling", "Rate exceeded"), true, "Rate exceeded"},
		{"broken", refusal(500, "InternalFailure", "x"), true, "InternalFailure"},
		{"a web page", func(w http.ResponseWriter) bool {
			fmt.Fprint(w, "<html><title>Please log in</title>")
			return true
		}, true, `the answer is a web page titled "Please log in"; is the address a log-in page?`},
		{"a page that says no", func(w http.ResponseWriter) bool {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<html><title>No</title>")
			return true
		}, false, `the answer is a web page titled "No"`},
		{"without an end", func(w http.ResponseWriter) bool {
			for range 64 {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return true
				}
			}
			t.Error("64 MiB were read")
			return true
		}, true, "the answer is longer than 8 MiB"},
		{"hung up", func(w http.ResponseWriter) bool {
			connection, _, _ := http.NewResponseController(w).Hijack()
			return connection.Close() == nil
		}, true, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t)
			cloud.refuse = c.refuse
			d := cloud.driver(t, tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role})
			f := d.Run("ec2.restart_instance", instance("i-1")).Failure
			if f == nil || f.Code != task.CodeCredential || f.Local || f.Unknown || f.Transient != c.transient || f.Message != noUsableCredential || !strings.Contains(f.ForOperators(), c.message) {
				t.Errorf("got %+v, want %q, transient %v", f, c.message, c.transient)
			}
			if len(cloud.assumed) != 1 || len(cloud.signed) != 1 {
				t.Errorf("requests %q: nothing below the engine tries again", cloud.signed)
			}
		})
	}
}

func TestFit(t *testing.T) {
	with := func(more tasktest.Store) tasktest.Store {
		s := tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret}
		maps.Copy(s, more)
		return s
	}
	for _, c := range []struct {
		name string
		v    tasktest.Store
		want string // the names of the wrong parameters
	}{
		{"keys", with(nil), ""},
		{"nothing", tasktest.Store{keyPairName: "x"}, accessKeyID + " " + secretAccessKey},
		{"half", tasktest.Store{accessKeyID: testKey}, secretAccessKey},
		{"the other half", tasktest.Store{secretAccessKey: testKey}, accessKeyID},
		{"a profile", tasktest.Store{profile: "x"}, ""},
		{"a profile and keys", with(tasktest.Store{profile: "x"}), profile},
		{"a profile and half", tasktest.Store{profile: "x", accessKeyID: "x"}, secretAccessKey + " " + profile},
		{"a role", tasktest.Store{roleARN: role}, ""},
		{"a role elsewhere", tasktest.Store{roleARN: "arn:aws-us-gov:iam::123456789012:role/a/b"}, ""},
		{"a user is not a role", tasktest.Store{roleARN: "arn:aws:iam::123456789012:user/x"}, roleARN},
		{"no ARN", tasktest.Store{roleARN: "errand"}, roleARN},
		{"no account", tasktest.Store{roleARN: "arn:aws:iam::12345678901x:role/x"}, roleARN},
		{"an external id", with(tasktest.Store{roleARN: role, externalID: "a:b/c=d"}), ""},
		{"an external id without a role", with(tasktest.Store{externalID: "ab"}), externalID},
		{"a short external id", with(tasktest.Store{roleARN: role, externalID: "a"}), externalID},
		{"an external id with a space", with(tasktest.Store{roleARN: role, externalID: "a b"}), externalID},
		{"everything at once", tasktest.Store{profile: "x", accessKeyID: "x", roleARN: "x", externalID: "é!", regionEndpoint: "ftp://x"}, secretAccessKey + " " + profile + " " + roleARN + " " + externalID + " " + regionEndpoint},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, check := range fit(task.Conceal(c.v)) {
				got = append(got, check.Parameter)
				if check.OK || check.Message == "" || strings.Contains(check.Message, testKey) {
					t.Errorf("got %+v", check)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("wrong are %q, want %q", got, c.want)
			}
		})
	}
}
