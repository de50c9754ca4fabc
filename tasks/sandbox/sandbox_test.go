package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"errand/engine/goldenfile"
)

const (
	stoppedID = "i-0a1b2c3d4e5f60001" // in the default world
	runningID = "i-0a1b2c3d4e5f60002"
	imageID   = "ami-0a1b2c3d4e5f60000"
	groupID   = "sg-0a1b2c3d4e5f60000"
)

// A rig is a sandbox with a clock that the test moves, a list of the exchanges, and clients for
// both systems.
type rig struct {
	*Sandbox
	t    *testing.T
	now  time.Time
	mu   sync.Mutex // guards seen, if the goroutines of a server observe
	seen []Exchange
	http *http.Client
	ec2  *ec2.Client
}

// newRig returns a rig for a world. An empty world is the default one.
func newRig(t *testing.T, world string) *rig {
	t.Helper()
	r := &rig{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	document := DefaultWorld()
	if world != "" {
		document = []byte(world)
	}
	s, err := New(document, func() time.Time { return r.now })
	if err != nil {
		t.Fatal(err)
	}
	s.Observe(func(e Exchange) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen = append(r.seen, e)
	})
	r.Sandbox = s
	r.http = &http.Client{Transport: s.Transport()}
	r.ec2 = newClient(EC2URL, r.http)
	return r
}

// newClient returns an SDK client that does not retry.
func newClient(endpoint string, c *http.Client) *ec2.Client {
	return ec2.New(ec2.Options{
		BaseEndpoint: aws.String(endpoint), Region: "us-east-1", HTTPClient: c, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDSANDBOX", "secret", ""),
	})
}

func (r *rig) pass(d time.Duration) { r.now = r.now.Add(d) }

// exchange returns the last request and its answer.
func (r *rig) exchange() Exchange {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) == 0 {
		r.t.Fatal("nothing was observed")
	}
	return r.seen[len(r.seen)-1]
}

// last returns the answer to the last request.
func (r *rig) last() string { r.t.Helper(); return r.exchange().Answer }

// instance returns the state of one instance.
func (r *rig) instance(id string) Instance {
	r.t.Helper()
	for _, i := range r.State().Instances {
		if i.ID == id {
			return i
		}
	}
	r.t.Fatalf("there is no instance %s", id)
	return Instance{}
}

// post sends parameters to EC2 unchanged, for requests that the SDK would never send.
func (r *rig) post(authorization string, form url.Values) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", EC2URL, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return r.send(req)
}

func (r *rig) send(req *http.Request) (int, string) {
	r.t.Helper()
	resp, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

const signed = "AWS4-HMAC-SHA256 Credential=AKIDSANDBOX/20260302/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00"

// call sends a request to ISM with good headers.
func (r *rig) call(method, path, body string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, ISMURL+"/csmconnector"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range requiredHeaders {
		req.Header.Set(name, "token-of-"+name)
	}
	req.Header.Set("Content-Type", "application/json")
	return r.send(req)
}

// codeOf returns the code and the HTTP status of an SDK error, or the error's text.
func codeOf(err error) string {
	if err == nil {
		return "no error"
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err.Error()
	}
	if status, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		return fmt.Sprintf("%d %s", status.HTTPStatusCode(), api.ErrorCode())
	}
	return api.ErrorCode()
}

// golden compares a text with a file in testdata, or writes the file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	goldenfile.Check(t, filepath.Join("testdata", name), got)
}

func TestDefaultWorldHoldsWhatTheExamplesUse(t *testing.T) {
	s := newRig(t, "").State()
	if got := fmt.Sprint(s.Tickets[0].ID, " ", s.Tickets[0].Type, " ", s.Tickets[0].Status); got != "100-291 Service Request New" {
		t.Errorf("ticket: %s", got)
	}
	for n, want := range []string{stoppedID + " stopped", runningID + " running"} {
		if got := s.Instances[n].ID + " " + s.Instances[n].State; got != want {
			t.Errorf("instance %d: %s, want %s", n, got, want)
		}
	}
	if got := s.Assets[0].Identifier + " " + s.Assets[0].Status; got != runningID+" Active" {
		t.Errorf("asset: %s", got)
	}
	DefaultWorld()[0] = 'x'
	if DefaultWorld()[0] != '{' {
		t.Error("DefaultWorld shares its bytes")
	}
}

// The same requests at the same times get exactly the same answers.
func TestSandboxIsDeterministic(t *testing.T) {
	play := func() string {
		r := newRig(t, "")
		var all strings.Builder
		form := url.Values{"Action": {"RunInstances"}, "Version": {apiVersion}, "ImageId": {imageID}, "MinCount": {"2"}, "MaxCount": {"2"}}
		for range 3 {
			_, body := r.post(signed, form)
			all.WriteString(body)
			r.pass(30 * time.Second)
		}
		_, body := r.post(signed, url.Values{"Action": {"DescribeInstances"}, "Version": {apiVersion}})
		all.WriteString(body)
		_, body = r.call("POST", "/ServiceRequest", `{"Description":"x"}`)
		return all.String() + body
	}
	if a, b := play(), play(); a != b {
		t.Errorf("two plays differ:\n%s\n%s", a, b)
	}
}
