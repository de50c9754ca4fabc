package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// Both systems behind a real listener, with the real SDK and with plain HTTP.
func TestHandlerOverLoopback(t *testing.T) {
	r := newRig(t, strings.Replace(string(DefaultWorld()), "{", `{"faults":[
		{"system":"ec2","action":"RebootInstances","lose_reply":1},{"system":"ec2","action":"StopInstances","refuse":1}],`, 1))
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	client := newClient(server.URL+"/ec2", server.Client())

	if err := starting(stoppedID)(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	o, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{stoppedID}})
	if err != nil || o.Reservations[0].Instances[0].State.Name != "pending" {
		t.Fatalf("got %v, %v", o, err)
	}
	if got := codeOf(starting("i-0a1b2c3d")(t.Context(), client)); got != "400 InvalidInstanceID.NotFound" {
		t.Errorf("got %s", got)
	}
	if err := rebooting(runningID)(t.Context(), client); err == nil || r.instance(runningID).Reboots != 1 || r.last() != "reply lost" {
		t.Errorf("a lost reply: %v, saw %s", err, r.last())
	}
	if err := halting(runningID)(t.Context(), client); err == nil || r.instance(runningID).State != "running" || r.last() != "connection refused" {
		t.Errorf("a refused connection: %v, saw %s", err, r.last())
	}

	req, err := httpNote(r)
	if err != nil {
		t.Fatal(err)
	}
	if req.URL, err = req.URL.Parse(server.URL + "/ism/csmconnector/Worklog"); err != nil {
		t.Fatal(err)
	}
	req.Host = ""
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || !strings.HasPrefix(r.exchange().Request, "POST /csmconnector/Worklog {") {
		t.Errorf("got %s, saw %v", resp.Status, r.exchange())
	}

	var s State
	if err := json.Unmarshal([]byte(get(t, server, "/state")), &s); err != nil {
		t.Fatal(err)
	}
	if s.Instances[0].State != "pending" || s.Tickets[0].Worklogs[0].Text != "2" {
		t.Errorf("state: %+v", s)
	}
}

func get(t *testing.T, server *httptest.Server, path string) string {
	t.Helper()
	resp, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, resp.Status, err)
	}
	return string(body)
}

func TestHandlerPaths(t *testing.T) {
	r := newRig(t, "")
	for path, want := range map[string]int{"/state": 200, "/ec2": 403, "/ec2/": 403, "/ism/csmconnector/Ticket": 403, "/elsewhere": 404} {
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}
