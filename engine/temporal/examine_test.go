package temporal

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
)

// examined returns the facts as lines: the state, what it is about, the message and the hint.
func examined(t *testing.T, f *fakeServer, c Connection, deployment string, prepare func(*fakeServer)) []string {
	t.Helper()
	c.Address, c.ConfigFile = f.start(t, nil), write(t, "")
	if prepare != nil {
		prepare(f)
	}
	store, _ := newStore(t)
	newCodec(t, store)
	var lines []string
	for _, fact := range Examine(t.Context(), c, deployment, store, slog.New(slog.DiscardHandler)) {
		state := "bad"
		if fact.OK {
			state = "good"
		}
		if fact.Warning {
			state = "warning"
		}
		lines = append(lines, strings.ReplaceAll(fmt.Sprintf("%s %s: %s [%s]", state, fact.What, fact.Message, fact.Hint), c.Address, "ADDR"))
	}
	return lines
}

func wantLines(t *testing.T, lines []string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, w) }) {
			t.Errorf("no line has %q:\n%s", w, strings.Join(lines, "\n"))
		}
	}
}

func TestExamineAGoodServer(t *testing.T) {
	all := map[string]enumspb.IndexedValueType{}
	for _, key := range attributes {
		all[key.GetName()] = key.GetValueType()
	}
	f := &fakeServer{retention: 90 * 24 * time.Hour, blobLimit: smallestPayload, attributes: all, clock: 2 * time.Second}
	lines := examined(t, f, Connection{}, "desk", func(f *fakeServer) {
		f.pollers["errand"] = []*taskqueuepb.PollerInfo{{DeploymentOptions: &deploymentpb.WorkerDeploymentOptions{DeploymentName: "desk", BuildId: "b3"}}}
	})
	wantLines(t, lines,
		"good key: payloads are encrypted with the key ",
		"good server: Temporal 1.2.3 at ADDR, without TLS []",
		`good namespace: "default" keeps runs for 90 days`,
		"good search attributes: all 8 are there []",
		`good workers for runs: 1 on the task queue "errand" []`,
		`good workers for calls: 1 on the task queue "errand" []`,
		`good version: the current one of "desk" is "b3"; others that still have runs: 1 []`,
		"good clock: this machine and the server differ by less than ",
	)
	if len(lines) != 8 {
		t.Errorf("there are %d facts:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

func TestExamineABadServer(t *testing.T) {
	f := &fakeServer{retention: 24 * time.Hour, blobLimit: 1000, clock: -time.Minute}
	no := false
	lines := examined(t, f, Connection{TaskQueue: "other", APIKeyFile: write(t, apiKeyCanary), TLS: &no}, "", nil)
	wantLines(t, lines,
		"warning server: Temporal 1.2.3 at ADDR, without TLS: the API key can be read on the way [TEMPORAL_TLS=true",
		`warning namespace: "default" forgets a run 24 hours after its end: a service request that comes again later starts a second run [temporal operator namespace update --retention 90d -n default]`,
		"warning limits: a payload has at most 1000 bytes; errand expects 2097152",
		"bad search attributes: missing: ErrandRun, ErrandWorkflow, ErrandRequest, ErrandStatus, ErrandReplaces, ErrandStarted, ErrandWaitsFor, ErrandOwners [errand-worker setup",
		`bad workers for runs: nobody asks for work on the task queue "other" [errand-worker worker`,
		`bad workers for calls: nobody asks for work on the task queue "other" [errand-worker worker`,
		"warning version: workers have no versions",
		"warning clock: this machine and the server differ by 1m0s; waits end by the server's clock [timedatectl",
	)
	if strings.Contains(strings.Join(lines, "\n"), apiKeyCanary) {
		t.Error("a fact has the API key")
	}
}

func TestExamineVersions(t *testing.T) {
	for deployment, want := range map[string]string{
		"desk": `bad version: the current version of "desk" is "b3", and no worker of it asks for work [errand-worker worker`,
		"none": `bad version: the deployment "none" has no current version, so no run begins; it has other versions: 0 [errand-worker promote`,
	} {
		wantLines(t, examined(t, &fakeServer{}, Connection{}, deployment, nil), want)
	}
}

func TestExamineWithoutAServer(t *testing.T) {
	store, _ := newStore(t)
	facts := Examine(t.Context(), Connection{Address: "127.0.0.1:1", ConfigFile: write(t, "")}, "", store, slog.New(slog.DiscardHandler))
	if len(facts) != 2 || facts[0].OK || facts[0].Hint != howToMakeKey || facts[1].OK || !strings.Contains(facts[1].Message, "Temporal at 127.0.0.1:1 cannot be reached") {
		t.Errorf("got %+v", facts)
	}
}
