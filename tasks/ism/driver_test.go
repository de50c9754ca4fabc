package ism

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// Canaries: secrets that no reply and no check may contain.
var secrets = map[string]string{
	userToken: "canary-user-token", sliceToken: "canary slice+token", userName: "canary.user", userPassword: "canary&password",
}

// nowhere is an address that no request reaches.
const nowhere = "https://csm.example.com/"

func credential(url string) tasktest.Store {
	s := tasktest.Store{appURL: url}
	maps.Copy(s, secrets)
	return s
}

// newDriver returns a driver of the connector in an environment without any of its variables.
func newDriver(t *testing.T, env task.Environment) *tasktest.Driver {
	t.Helper()
	for _, p := range parameters() {
		t.Setenv(p.Variable, "")
	}
	d := tasktest.New(t, slices.Collect(maps.Values(secrets))...)
	d.Connector = Connector(env)
	d.Call.Step = "worklog"
	return d
}

// inSandbox returns a driver against the sandbox, and the requests that the sandbox receives. Its
// world is the default one with members added.
func inSandbox(t *testing.T, members string) (*tasktest.Driver, *sandbox.Sandbox, *[]string) {
	t.Helper()
	world := strings.TrimSpace(string(sandbox.DefaultWorld()))
	if members != "" {
		world = strings.TrimSuffix(world, "}") + "," + members + "}"
	}
	return inWorld(t, world)
}

// inWorld returns a driver against a sandbox with a world, and the requests that the sandbox
// receives.
func inWorld(t *testing.T, world string) (*tasktest.Driver, *sandbox.Sandbox, *[]string) {
	t.Helper()
	d := newDriver(t, task.Environment{})
	box, err := sandbox.New([]byte(world), d.Clock)
	if err != nil {
		t.Fatal(err)
	}
	d.Connector = Connector(task.Environment{Credentials: credential(sandbox.ISMURL), Transport: box.Transport()})
	seen := &[]string{}
	box.Observe(func(e sandbox.Exchange) { *seen = append(*seen, e.Request) })
	return d, box, seen
}

// at returns a driver that acts on an address through a transport.
func at(t *testing.T, url string, transport http.RoundTripper) *tasktest.Driver {
	return newDriver(t, task.Environment{Credentials: credential(url), Transport: transport})
}

func scripted(t *testing.T, answers ...tasktest.Answer) (*tasktest.Driver, *tasktest.Script) {
	s := &tasktest.Script{Answers: answers}
	return at(t, nowhere, s), s
}

func ok(data string) tasktest.Answer {
	return tasktest.Answer{Status: 200, Body: `{"data":` + data + `,"error":null,"status":"OK"}`}
}
