package golden_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/sample"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// canaries are the secrets, by connector, stored or in the environment. They may appear only in
// requests. The names of users and the ids of keys are secrets, too.
var canaries = map[string]map[string]string{
	"ec2": {"access_key_id": "CANARYKEYID000001", "secret_access_key": `canary+secret/access"key=1`, "region_endpoint": sandbox.EC2URL},
	"ism": {
		"app_url": sandbox.ISMURL, "user_auth_token": "canary-user-auth-token", "slice_token": "canary&slice token",
		"webservice_user_name": "errand", "webservice_user_password": "canary<password>ü",
	},
}

// The systems repeat in their errors what they were sent, in several encodings. Over many such
// runs, no secret is found in what is stored, shown, returned or written to a worklog.
func TestSecretsAreNowhere(t *testing.T) {
	const batch = 100
	wanted := sample.Size(200, 200, 1000) // every second batch has its secrets in the environment
	hits, echoes, runs := 0, 0, 0
	for first := 0; first < wanted; first += batch {
		synctest.Test(t, func(t *testing.T) {
			var c *leakTest
			if first/batch%2 == 0 {
				c = newLeakTest(t, uint64(first))
				c.storeCanaries()
			} else {
				setCanaries(t)
				c = newLeakTest(t, uint64(first))
			}
			for i := range min(batch, wanted-first) {
				c.run(i)
				runs++
			}
			if err := c.runner.Close(); err != nil {
				t.Fatal(err)
			}
			if err := c.journal.Close(); err != nil {
				t.Fatal(err)
			}
			c.lookThrough()
			hits, echoes = hits+c.hits, echoes+c.echoes
		})
	}
	if echoes < runs/4 {
		t.Errorf("in %d runs secrets were sent back only %d times", runs, echoes)
	}
	t.Logf("%d runs, %d answers that held secrets, %d hits", runs, echoes, hits)
}

// A definition or a step chooses the credential that signs its requests.
func TestADefinitionChoosesItsCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newLeakTest(t, 1)
		c.storeCanaries()
		c.calm = true
		other := task.Conceal(canaries["ec2"])
		other["access_key_id"] = task.NewSecret("OTHERKEYID0000001")
		for name, values := range map[string]task.Values{"production": other} {
			connector, _ := c.runner.Registry.Connector("ec2")
			if err := c.store.Add(t.Context(), connector, name, values); err != nil {
				t.Fatal(err)
			}
		}
		source := "workflow: choose\ncredentials: {ec2: production}\nsteps:\n" +
			"  - {id: a, task: ec2.get_instance_status, with: {instance_id: i-0a1b2c3d4e5f60001}}\n" +
			"  - {id: b, task: ec2.get_instance_status, credential: default, with: {instance_id: i-0a1b2c3d4e5f60001}}\n"
		p, problems := program.Load("choose.yaml", []byte(source), c.runner.Registry)
		if p == nil {
			t.Fatal(problems)
		}
		result, err := c.runner.Start(t.Context(), engine.Order{Run: "choose0000000000", Program: p, Inputs: map[string]any{}}, engine.Following{Watch: c.hear})
		if err != nil || result.Status != engine.Succeeded {
			t.Fatal(result, err)
		}
		if want := []string{"OTHERKEYID0000001", "CANARYKEYID000001"}; !slices.Equal(c.signed, want) {
			t.Errorf("signed with %q, want %q", c.signed, want)
		}
		_ = c.runner.Close()
		_ = c.journal.Close()
	})
}

// A leakTest is a home with stored credentials, and systems that send secrets back.
type leakTest struct {
	t       *testing.T
	home    string
	store   *credential.Store
	journal *journal.SQLite
	runner  *local.Runner
	dice    *rand.Rand
	calm    bool     // the systems send no secrets back
	signed  []string // the access key ids of requests
	said    bytes.Buffer
	box     *sandbox.Sandbox
	hits    int
	echoes  int
}

func newLeakTest(t *testing.T, seed uint64) *leakTest {
	c := &leakTest{t: t, home: t.TempDir(), dice: rand.New(rand.NewPCG(seed, 7))}
	world := map[string]any{
		"images": []string{"ami-0a1b2c3d4e5f60000"},
		"timing": map[string]string{"pending": "5s", "stopping": "5s", "shutting_down": "5s"},
	}
	var tickets []map[string]string
	for i := range 100 {
		tickets = append(tickets, map[string]string{"id": fmt.Sprintf("100-%d", i)})
	}
	world["tickets"] = tickets
	world["instances"] = []map[string]string{{"id": "i-0a1b2c3d4e5f60001", "state": "stopped"}, {"id": "i-0a1b2c3d4e5f60002", "state": "running"}}
	document, err := json.Marshal(world)
	if err != nil {
		t.Fatal(err)
	}
	if c.box, err = sandbox.New(document, time.Now); err != nil {
		t.Fatal(err)
	}
	c.store = &credential.Store{Home: c.home, Keys: []credential.Source{}, Create: credential.File{Path: filepath.Join(t.TempDir(), "key")}}
	c.store.Keys = append(c.store.Keys, c.store.Create)
	if c.journal, err = journal.Open(t.Context(), c.home); err != nil {
		t.Fatal(err)
	}
	overNetwork := func(e task.Environment) []task.Connector {
		e.Transport = c
		return tasks.Connectors(e)
	}
	registry := (&home.Home{Folder: c.home, Credentials: c.store, Connectors: overNetwork}).Registry()
	c.runner = &local.Runner{Journal: c.journal, Registry: registry, About: "the leakTest", Poll: time.Hour}
	return c
}

// storeCanaries stores the secrets.
func (c *leakTest) storeCanaries() {
	for of, values := range canaries {
		connector, _ := c.runner.Registry.Connector(of)
		if err := c.store.Add(c.t.Context(), connector, "default", task.Conceal(values)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// setCanaries puts the secrets into the environment.
func setCanaries(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1",
	} {
		t.Setenv(name, value)
	}
	for _, c := range tasks.Connectors(task.Environment{}) {
		for _, p := range c.Credential {
			if p.Variable != "" && canaries[c.Name][p.Name] != "" {
				t.Setenv(p.Variable, canaries[c.Name][p.Name])
			}
		}
	}
}

// hear keeps the events of a run, as text and as JSON.
func (c *leakTest) hear(e engine.Event) {
	c.said.WriteString(e.String() + "\n")
	data, _ := json.Marshal(e)
	c.said.Write(append(data, '\n'))
}

// RoundTrip answers as the sandbox does, or with an error that contains the request and the
// secrets.
func (c *leakTest) RoundTrip(request *http.Request) (*http.Response, error) {
	if _, after, ok := strings.Cut(request.Header.Get("Authorization"), "Credential="); ok {
		id, _, _ := strings.Cut(after, "/")
		c.signed = append(c.signed, id)
	}
	if c.calm || c.dice.IntN(12) > 0 {
		return c.box.Transport().RoundTrip(request)
	}
	c.echoes++
	var leak strings.Builder
	for _, forms := range secretForms() {
		leak.WriteString(" " + forms[c.dice.IntN(len(forms))] + ",")
	}
	for name, values := range request.Header {
		fmt.Fprintf(&leak, " %s: %s,", name, values)
	}
	status := []int{400, 403, 500, 503}[c.dice.IntN(4)]
	var body string
	if strings.HasPrefix(request.URL.String(), sandbox.EC2URL) {
		var text bytes.Buffer
		for _, r := range leak.String() {
			fmt.Fprintf(&text, "&#%d;", r)
		}
		body = "<Response><Errors><Error><Code>Odd</Code><Message>you sent" + text.String() + "</Message></Error></Errors><RequestID>r</RequestID></Response>"
	} else {
		text, _ := json.Marshal("you sent" + leak.String())
		body = `{"data":null,"error":` + string(text) + `,"status":"FAILED"}`
	}
	if request.Body != nil {
		_, _ = io.Copy(io.Discard, request.Body)
		_ = request.Body.Close()
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: request,
	}, nil
}

func (c *leakTest) run(i int) {
	w := workflows()[i%len(workflows())]
	o := engine.Order{Run: fmt.Sprintf("canary%010d", i), Request: fmt.Sprintf("100-%d", i), Inputs: w.inputs, Program: w.program}
	result, err := c.runner.Start(c.t.Context(), o, engine.Following{Watch: c.hear})
	data, _ := json.Marshal(result)
	c.said.Write(data)
	fmt.Fprintf(&c.said, "%+v %#v %v\n", result, result, err)
	v, err := c.runner.Record(c.t.Context(), o.Run)
	fmt.Fprintf(&c.said, "%+v %v\n", v, err)
	_, entries, err := c.journal.Load(c.t.Context(), o.Run)
	fmt.Fprintf(&c.said, "%+v %v\n", entries, err)
}

// lookThrough searches the files, the output and the state of the systems for secrets.
func (c *leakTest) lookThrough() {
	state, err := json.Marshal(c.box.State())
	if err != nil {
		c.t.Fatal(err)
	}
	c.search("what was said", c.said.Bytes())
	c.search("the systems", state)
	err = filepath.WalkDir(c.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		c.search(filepath.Base(path), data)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *leakTest) search(where string, data []byte) {
	for secret, forms := range secretForms() {
		for _, form := range forms {
			if at := bytes.Index(data, []byte(form)); at >= 0 {
				c.hits++
				c.t.Errorf("%s holds the %s: …%q…", where, secret, data[max(0, at-80):min(len(data), at+len(form)+20)])
			}
		}
	}
}

// secretForms returns the encodings of the secrets, by parameter.
func secretForms() map[string][]string {
	all := map[string][]string{}
	for of, values := range canaries {
		for name, value := range values {
			if !strings.HasPrefix(strings.ToLower(value), "canary") {
				continue
			}
			quoted, _ := json.Marshal(value)
			all[of+" "+name] = []string{
				value, base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
				hex.EncodeToString([]byte(value)), url.QueryEscape(value), url.PathEscape(value), strings.Trim(string(quoted), `"`),
			}
		}
	}
	return all
}
