package ec2

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// elsewhere is an address that no request with a stored endpoint may go to.
const elsewhere = "http://127.0.0.1:1"

// sdkVariables are the environment variables that the SDK reads, each with a value that would
// divert a request or change how it is signed. FILE stands for a configuration file that diverts,
// CREDENTIALS for a credentials file, CERTIFICATE for a certificate.
var sdkVariables = map[string]string{
	"AWS_ACCESS_KEY": "AKIDOTHER", "AWS_ACCESS_KEY_ID": "AKIDOTHER", "AWS_SECRET_ACCESS_KEY": "other-secret", "AWS_SECRET_KEY": "other-secret",
	"AWS_SESSION_TOKEN": "other-token", "AWS_ACCOUNT_ID": "210987654321", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
	"AWS_AUTH_SCHEME_PREFERENCE": "sigv4a", "AWS_CA_BUNDLE": "CERTIFICATE", "AWS_CONFIG_FILE": "FILE", "AWS_SHARED_CREDENTIALS_FILE": "CREDENTIALS",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN": "other-token", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "FILE",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI": elsewhere, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/other",
	"AWS_DEFAULTS_MODE": "standard", "AWS_PROFILE": "other", "AWS_DEFAULT_PROFILE": "other", "AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-north-1",
	"AWS_DISABLE_CLOCK_SKEW_CORRECTION": "true", "AWS_DISABLE_REQUEST_COMPRESSION": "true", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "1",
	"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": elsewhere, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6", "AWS_EC2_METADATA_V1_DISABLED": "true",
	"AWS_ENABLE_ENDPOINT_DISCOVERY": "true", "AWS_ENDPOINT_URL": elsewhere, "AWS_ENDPOINT_URL_EC2": elsewhere, "AWS_ENDPOINT_URL_STS": elsewhere,
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_EXECUTION_ENV": "other", "AWS_LAMBDA_FUNCTION_NAME": "other", "_X_AMZN_TRACE_ID": "other",
	"AWS_LOGIN_CACHE_DIRECTORY": "other", "AWS_MAX_ATTEMPTS": "9", "AWS_RETRY_MODE": "adaptive", "AWS_NEW_RETRIES_2026": "true",
	"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required", "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required", "AWS_RESTRICT_FILE_PERMISSIONS": "unrestricted",
	"AWS_ROLE_ARN": role, "AWS_ROLE_SESSION_NAME": "other", "AWS_WEB_IDENTITY_TOKEN_FILE": "FILE",
	"AWS_S3_DISABLE_EXPRESS_SESSION_AUTH": "true", "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS": "true", "AWS_S3_USE_ARN_REGION": "true",
	"AWS_SDK_UA_APP_ID": "other", "AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_USE_FIPS_ENDPOINT": "true",
}

// profileKeys are the keys of a profile that the SDK reads, with such values. A key without a value
// chooses the credentials of the profile.
var profileKeys = map[string]string{
	"aws_access_key_id": "", "aws_secret_access_key": "", "aws_session_token": "", "role_arn": "", "source_profile": "", "credential_source": "",
	"external_id": "", "mfa_serial": "", "role_session_name": "", "duration_seconds": "", "sso_session": "", "sso_region": "", "sso_start_url": "",
	"sso_account_id": "", "sso_role_name": "", "credential_process": "", "web_identity_token_file": "", "login_session": "",
	"region": "eu-north-1", "endpoint_url": elsewhere, "services": "elsewhere", "ignore_configured_endpoint_urls": "true",
	"use_dualstack_endpoint": "true", "use_fips_endpoint": "true", "endpoint_discovery_enabled": "true",
	"ec2_metadata_service_endpoint_mode": "IPv6", "ec2_metadata_service_endpoint": elsewhere, "ec2_metadata_v1_disabled": "true",
	"s3_use_arn_region": "true", "s3_disable_multiregion_access_points": "true", "s3_disable_express_session_auth": "true",
	"defaults_mode": "standard", "max_attempts": "9", "retry_mode": "adaptive", "ca_bundle": "CERTIFICATE", "sdk_ua_app_id": "other",
	"disable_request_compression": "true", "request_min_compression_size_bytes": "1", "disable_clock_skew_correction": "true",
	"aws_account_id": "210987654321", "account_id_endpoint_mode": "required", "auth_scheme_preference": "sigv4a",
	"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required",
}

// folderOf returns the folder with the source of a function.
func folderOf(t *testing.T, function any) string {
	t.Helper()
	file, _ := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).FileLine(reflect.ValueOf(function).Pointer())
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("the source of the SDK is not there; run the test without -trimpath: %v", err)
	}
	return filepath.Dir(file)
}

// namesIn returns what a pattern's group matches in the Go files of a folder, without their tests.
func namesIn(t *testing.T, folder string, files string, pattern *regexp.Regexp) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, files))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	var names []string
	for _, file := range found {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range pattern.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	return names
}

// A version of the SDK that reads another variable or another key of a profile needs a look at what
// that may change.
func TestEverythingThatTheSDKReadsIsKnown(t *testing.T) {
	variable := regexp.MustCompile(`"(_?(?:AWS|X_AMZN)_[A-Z0-9_]+)"`)
	var read []string
	for _, function := range []any{config.LoadDefaultConfig, sdk.New, sts.New, retry.NewStandard, middleware.AddRecursionDetection} {
		read = append(read, namesIn(t, folderOf(t, function), "*.go", variable)...)
	}
	compareNames(t, "variables", read, sdkVariables)
	key := regexp.MustCompile("(?m)^\t[A-Za-z0-9]+ += [`\"]([a-z0-9]+(?:_[a-z0-9]+)*)[`\"]")
	keys := namesIn(t, folderOf(t, config.LoadDefaultConfig), "shared_config.go", key)
	values := []string{"true", "false", "auto", "default", "when_supported", "when_required"} // constants that are no keys
	compareNames(t, "keys of profiles", slices.DeleteFunc(keys, func(name string) bool { return slices.Contains(values, name) }), profileKeys)
}

func compareNames(t *testing.T, what string, read []string, known map[string]string) {
	t.Helper()
	slices.Sort(read)
	if read, known := slices.Compact(read), slices.Sorted(maps.Keys(known)); !slices.Equal(read, known) {
		t.Errorf("the SDK reads the %s\n%q; the test knows\n%q", what, read, known)
	}
}

// A recorder is an STS and an EC2 at every address. It keeps where each request went: "HOST by KEY
// for REGION".
type recorder struct{ sent []string }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	by := signer.FindStringSubmatch(request.Header.Get("Authorization"))
	if by == nil {
		by = make([]string, 4)
	}
	r.sent = append(r.sent, request.URL.Host+" by "+by[1]+" for "+by[2])
	status, body := http.StatusBadRequest, xmlError("DryRunOperation", "no")
	if by[3] == "sts" {
		status, body = http.StatusOK, assumed
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
}

// storedKinds are credentials of each kind that has an endpoint, and where requests go with them.
var storedKinds = []struct {
	name   string
	stored tasktest.Store
	sent   []string
	chain  bool // the key is the environment's
}{
	{"keys with a URL", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, regionEndpoint: "http://ec2.eu-west-1.test.invalid"},
		[]string{"ec2.eu-west-1.test.invalid by " + testKey + " for eu-west-1"}, false},
	{"keys with a region's host", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, regionEndpoint: "ec2.eu-west-1.amazonaws.com"},
		[]string{"ec2.eu-west-1.amazonaws.com by " + testKey + " for eu-west-1"}, false},
	{"keys at the default endpoint", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret},
		[]string{"ec2.us-east-1.amazonaws.com by " + testKey + " for us-east-1"}, false},
	{"keys and a role", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role, regionEndpoint: "http://ec2.eu-west-1.test.invalid"},
		[]string{"sts.eu-west-1.amazonaws.com by " + testKey + " for eu-west-1", "ec2.eu-west-1.test.invalid by " + roleKey + " for eu-west-1"}, false},
	{"a profile", tasktest.Store{profile: "desk", regionEndpoint: "ec2.eu-west-1.amazonaws.com"},
		[]string{"ec2.eu-west-1.amazonaws.com by " + profileKey + " for eu-west-1"}, false},
	{"a profile and a role", tasktest.Store{profile: "desk", roleARN: role, regionEndpoint: "http://ec2.eu-west-1.test.invalid"},
		[]string{"sts.eu-west-1.amazonaws.com by " + profileKey + " for eu-west-1", "ec2.eu-west-1.test.invalid by " + roleKey + " for eu-west-1"}, false},
	{"a role", tasktest.Store{roleARN: role, regionEndpoint: "http://ec2.eu-west-1.test.invalid"},
		[]string{"sts.eu-west-1.amazonaws.com by  for eu-west-1", "ec2.eu-west-1.test.invalid by " + roleKey + " for eu-west-1"}, true},
}

// chooseChain are the variables that choose the credentials of the environment.
var chooseChain = []string{"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"}

// Nothing in the environment and in a profile diverts a request with a stored endpoint or with
// stored keys, nor the one for a stored role, nor signs it otherwise. Validation asks the same
// address.
func TestStoredCredentialsWin(t *testing.T) {
	for _, kind := range storedKinds {
		t.Run(kind.name, func(t *testing.T) {
			divert := func(name string, variables map[string]string, keys string) {
				t.Run(name, func(t *testing.T) {
					seen := &recorder{}
					d := newDriver(t, task.Environment{Credentials: kind.stored, Transport: seen})
					d.Attempts = 1
					files := configuration(t, keys)
					t.Setenv("AWS_CONFIG_FILE", files["FILE"])
					t.Setenv("AWS_SHARED_CREDENTIALS_FILE", files["CREDENTIALS"])
					if kind.chain {
						t.Setenv("AWS_ACCESS_KEY_ID", testKey)
						t.Setenv("AWS_SECRET_ACCESS_KEY", testSecret)
					}
					for variable, value := range variables {
						if file, ok := files[value]; ok {
							value = file
						}
						if !kind.chain || !slices.Contains(chooseChain, variable) {
							t.Setenv(variable, value)
						}
					}
					d.Run("ec2.restart_instance", instance("i-1"))
					compareSent(t, "a run", seen, kind.sent, kind.chain)
					seen.sent = nil
					d.Connector.Validate(t.Context(), "")
					compareSent(t, "validation", seen, kind.sent, kind.chain)
				})
			}
			for variable, value := range sdkVariables {
				divert(variable, map[string]string{variable: value}, "")
			}
			divert("every variable", sdkVariables, "")
			for key, value := range profileKeys {
				if value != "" {
					divert(key, nil, key+" = "+value)
				}
			}
		})
	}
}

// compareSent compares where requests went. In a chain, the first key is not compared.
func compareSent(t *testing.T, who string, seen *recorder, want []string, chain bool) {
	t.Helper()
	got := slices.Compact(slices.Clone(seen.sent))
	if chain && len(got) > 0 {
		host, rest, _ := strings.Cut(got[0], " by ")
		_, region, _ := strings.Cut(rest, " for ")
		got[0] = host + " by  for " + region
	}
	if len(got) > len(want) { // validation takes the role's session anew
		got = got[:len(want)]
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s sent %q, want %q", who, seen.sent, want)
	}
}

// configuration writes the files of an AWS configuration with more keys in its profiles, and a
// certificate.
func configuration(t *testing.T, keys string) map[string]string {
	t.Helper()
	bundle := certificate(t)
	keys = strings.ReplaceAll(keys, "CERTIFICATE", bundle)
	diverting := "services = elsewhere\nendpoint_url = " + elsewhere + "\nregion = eu-north-1\n"
	if keys != "" {
		diverting = keys + "\n"
	}
	files := map[string]string{"CERTIFICATE": bundle}
	for name, text := range map[string]string{
		"FILE": fmt.Sprintf("[default]\n%[1]s[profile desk]\n%[1]s[profile other]\n%[1]s[services elsewhere]\nec2 =\n  endpoint_url = %[2]s\nsts =\n  endpoint_url = %[2]s\n", diverting, elsewhere),
		"CREDENTIALS": "[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = other\n[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = other\n" +
			"[desk]\naws_access_key_id = " + profileKey + "\naws_secret_access_key = " + profileSecret + "\n",
	} {
		files[name] = filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(files[name], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// If no endpoint is stored, and no keys, the SDK's own rules say where requests go.
func TestTheChainHasItsOwnEndpoint(t *testing.T) {
	keys := map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret, "AWS_REGION": "eu-west-1"}
	for _, c := range []struct {
		name      string
		stored    task.Credentials
		variables map[string]string
		keys      string
		host      string
	}{
		{"AWS_ENDPOINT_URL_EC2", nil, map[string]string{"AWS_ENDPOINT_URL_EC2": elsewhere}, "", "127.0.0.1:1"},
		{"AWS_ENDPOINT_URL", nil, map[string]string{"AWS_ENDPOINT_URL": elsewhere}, "", "127.0.0.1:1"},
		{"endpoint_url", nil, nil, "endpoint_url = " + elsewhere, "127.0.0.1:1"},
		{"services", nil, nil, "services = elsewhere", "127.0.0.1:1"},
		{"FIPS", nil, map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "", "ec2-fips.eu-west-1.amazonaws.com"},
		{"a stored profile with an endpoint_url", tasktest.Store{profile: "desk"}, nil, "endpoint_url = " + elsewhere, "127.0.0.1:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := &recorder{}
			d := newDriver(t, task.Environment{Credentials: c.stored, Transport: seen})
			d.Attempts = 1
			files := configuration(t, c.keys+"\n")
			t.Setenv("AWS_CONFIG_FILE", files["FILE"])
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", files["CREDENTIALS"])
			for _, variables := range []map[string]string{keys, c.variables} {
				for variable, value := range variables {
					t.Setenv(variable, value)
				}
			}
			d.Run("ec2.restart_instance", instance("i-1"))
			if len(seen.sent) == 0 || !strings.HasPrefix(seen.sent[0], c.host+" by ") || !strings.HasSuffix(seen.sent[0], " for eu-west-1") {
				t.Errorf("sent %q, want a request to %s", seen.sent, c.host)
			}
		})
	}
}

// Certificates are the machine's: stored keys too are sent to a server whose certificate is in
// AWS_CA_BUNDLE.
func TestCertificatesOfTheMachine(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, xmlError(notFound, "no"))
	}))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	file := func(text []byte) string {
		name := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct{ bundle, code, message string }{
		{"", task.CodeUnreachable, "certificate"},
		{file(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})), notFound, ""},
		{file([]byte("x")), task.CodeCredential, "contains no certificate"},
		{filepath.Join(t.TempDir(), "absent"), task.CodeCredential, "the certificates of AWS_CA_BUNDLE cannot be read"},
	} {
		d := newDriver(t, task.Environment{Credentials: credential(server.URL)})
		d.Attempts = 1
		t.Setenv("AWS_CA_BUNDLE", c.bundle)
		if f := d.Run("ec2.get_instance_status", instance("i-1")).Failure; f == nil || f.Code != c.code || !strings.Contains(f.Message, c.message) {
			t.Errorf("with %q: %+v, want %s and %q", c.bundle, f, c.code, c.message)
		}
	}
}

// What the SDK's chain yields is made known to the mask, and so are a profile's keys. The keys of a
// stored role belong to one run; its own messages leave them out.
func TestFoundSecretsAreHidden(t *testing.T) {
	for _, c := range []struct {
		name      string
		stored    task.Credentials
		variables map[string]string
		hidden    []string
	}{
		{"the environment", nil, map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret, "AWS_SESSION_TOKEN": roleToken}, []string{testKey, testSecret, roleToken}},
		{"a profile", tasktest.Store{profile: "desk", regionEndpoint: nowhere}, nil, []string{profileKey, profileSecret}},
		{"a profile in the environment", nil, map[string]string{"AWS_PROFILE": "desk"}, []string{profileKey, profileSecret}},
		{"a role", tasktest.Store{profile: "desk", roleARN: role, regionEndpoint: nowhere}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var hidden []string
			hide := func(s task.Secret) { hidden = append(hidden, s.Reveal()) }
			d := newDriver(t, task.Environment{Credentials: c.stored, Transport: &recorder{}, Hide: hide})
			d.Attempts = 1
			files := configuration(t, "region = eu-west-1")
			t.Setenv("AWS_CONFIG_FILE", files["FILE"])
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", files["CREDENTIALS"])
			for variable, value := range c.variables {
				t.Setenv(variable, value)
			}
			d.Run("ec2.restart_instance", instance("i-1"))
			hidden = slices.DeleteFunc(hidden, func(text string) bool { return text == "" })
			slices.Sort(hidden)
			slices.Sort(c.hidden)
			if !slices.Equal(slices.Compact(hidden), c.hidden) {
				t.Errorf("hidden are %q, want %q", hidden, c.hidden)
			}
		})
	}
}
