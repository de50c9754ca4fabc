package ec2

import (
	"net/http"
	"path/filepath"
	"testing"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// Canaries: secrets that no reply and no check may contain.
const (
	testKey         = "AKIDCANARYCANARY"
	testSecret      = "secret/canary/secret"
	canarySignature = "CANARYSTRING" // what a signature's error contains
)

// nowhere is an endpoint that no request reaches.
const nowhere = "http://ec2.test.invalid"

func credential(endpoint string) tasktest.Store {
	return tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, regionEndpoint: endpoint}
}

// newDriver returns a driver of the connector in an environment without any AWS configuration.
func newDriver(t *testing.T, env task.Environment) *tasktest.Driver {
	t.Helper()
	isolate(t)
	d := tasktest.New(t, testKey, testSecret, canarySignature, roleKey, roleSecret, roleToken, profileKey, profileSecret)
	d.Connector = Connector(env)
	return d
}

func isolate(t *testing.T) {
	t.Helper()
	for name := range sdkVariables {
		t.Setenv(name, "")
	}
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "credentials"), "AWS_MAX_ATTEMPTS": "5",
	} {
		t.Setenv(name, value)
	}
}

// inSandbox returns a driver against the sandbox with a world, and the requests that the sandbox
// receives. An empty world is the default one.
func inSandbox(t *testing.T, world string) (*tasktest.Driver, *sandbox.Sandbox, *[]string) {
	t.Helper()
	if world == "" {
		world = withFaults("")
	}
	d := newDriver(t, task.Environment{})
	box, err := sandbox.New([]byte(world), d.Clock)
	if err != nil {
		t.Fatal(err)
	}
	d.Connector = Connector(task.Environment{Credentials: credential(sandbox.EC2URL), Transport: box.Transport()})
	seen := &[]string{}
	box.Observe(func(e sandbox.Exchange) { *seen = append(*seen, e.Request) })
	return d, box, seen
}

// at returns a driver that acts on an endpoint through a transport.
func at(t *testing.T, endpoint string, transport http.RoundTripper) *tasktest.Driver {
	return newDriver(t, task.Environment{Credentials: credential(endpoint), Transport: transport})
}

func scripted(t *testing.T, answers ...tasktest.Answer) (*tasktest.Driver, *tasktest.Script) {
	s := &tasktest.Script{Answers: answers}
	return at(t, nowhere, s), s
}

func xmlError(code, message string) string {
	return "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></Errors><RequestID>r</RequestID></Response>"
}
