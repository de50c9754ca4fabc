package console_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/goldenfile"
)

const everyType = `
workflow: every
title: Every type of input
description: Has one input of each type.
inputs:
  name: {type: string, pattern: '^[a-z]+$', description: A name in small letters.}
  note: {type: string, required: false}
  status: {type: string, default: Closed}
  code: {type: string, default: a1, pattern: '^a'}
  size: {type: string, enum: [small, large], default: small}
  level: {type: integer, enum: [1, 2, 3]}
  count: {type: integer, minimum: 1, maximum: 8, default: 2}
  share: {type: number, required: false}
  dry: {type: boolean, default: true}
  sure: {type: boolean}
  maybe: {type: boolean, required: false}
  settle: {type: duration, default: 2m}
  names: {type: list, items: {type: string}, default: [a, b]}
  sizes: {type: list, items: {type: integer}, required: false}
  pairs: {type: list, items: {type: list, items: {type: string}}, default: []}
  tags: {type: object, required: false}
  options:
    type: object
    properties:
      ports: {type: list, items: {type: integer}}
      owner: {type: string, required: false}
steps:
  - {id: wait, name: Wait a little, task: timer.delay, with: {duration: '${{ inputs.settle }}'}}
outputs:
  name: ${{ inputs.name }}
`

// goodForm fills in what everyType needs.
func goodForm() url.Values {
	return url.Values{
		"request": {"100-7"}, "inputs.name": {"robin"}, "inputs.level": {"2"}, "inputs.sure": {"false"}, "inputs.dry": {"false"},
		"inputs.names": {"one, and a half\r\n\r\n  two\r\n"}, "inputs.sizes": {"[1, 2]"}, "inputs.options": {`{"ports": [80]}`}, "inputs.settle": {"1ms"}, "inputs.status": {""},
	}
}

// Every type has its control, a help in words and its default.
func TestForm(t *testing.T) {
	admin := newFlowBench(t, nil, everyType).admin()
	goldenfile.Check(t, filepath.Join("testdata", "form.html"), []byte(admin.get("/workflows/every/start", http.StatusOK)))
}

// A link can fill in the form.
func TestFormFromAQuery(t *testing.T) {
	admin := newFlowBench(t, nil, everyType).admin()
	page := admin.get("/workflows/every/start?request=100-9&inputs.name=kim&inputs.size=large&inputs.dry=false&inputs.count=many&inputs.note=two%0Alines", http.StatusOK)
	admin.wants(page, `name="request" value="100-9"`, `name="inputs.name" value="kim"`, `<option value="large" selected>`, `value="true" aria-describedby="input-dry-help"`,
		`<input type="text" id="input-count" name="inputs.count" value="many"`, "<textarea id=\"input-note\" name=\"inputs.note\" rows=\"4\" autocomplete=\"off\" spellcheck=\"false\" aria-describedby=\"input-note-help\">\ntwo\nlines</textarea>")
	admin.lacks(page, `checked`, `aria-invalid`)
}

// Wrong values stay in the form. Each problem is at its field, and the summary above leads to it.
func TestWrongValues(t *testing.T) {
	b := newFlowBench(t, nil, everyType)
	admin := b.admin()
	form := url.Values{
		"request": {"100\u00857"}, "inputs.name": {"Robin"}, "inputs.size": {"medium"}, "inputs.level": {""}, "inputs.count": {"9"}, "inputs.share": {"much"},
		"inputs.dry": {"false"}, "inputs.settle": {"soon"}, "inputs.sizes": {"1\n\nx"}, "inputs.pairs": {"[[1]]"}, "inputs.tags": {"{"}, "inputs.options": {`{"port": 80}`}, "inputs.gone": {"1"},
	}
	page := admin.want(admin.post("/workflows/every/plan", form), http.StatusUnprocessableEntity)
	goldenfile.Check(t, filepath.Join("testdata", "form-with-problems.html"), []byte(page))
	if again := admin.want(admin.post("/workflows/every/start", form), http.StatusUnprocessableEntity); again != page {
		t.Errorf("a start shows another page: %s", goldenfile.Difference(page, again))
	}
	if len(b.runs()) > 0 {
		t.Error("a run was started")
	}
}

// Texts of a definition and of a link stay texts.
func TestHostileForm(t *testing.T) {
	admin := newFlowBench(t, nil, `
workflow: hostile
title: <script>alert(1)</script>
description: '</p><img src=x onerror=alert(2)>'
inputs:
  line: {type: string, default: '"><script>alert(3)</script>', description: "<b onclick=alert(4)>\u202Eevil"}
  area: {type: string, default: "\n</textarea><script>alert(5)</script>"}
  one: {type: string, enum: ['</select><script>alert(6)</script>', '" autofocus onfocus="alert(7)'], default: '" autofocus onfocus="alert(7)'}
steps: [{id: wait, task: timer.delay, with: {duration: 1ms}}]
`).admin()
	for _, page := range []string{
		admin.get("/workflows/hostile/start?request="+url.QueryEscape(`"><script>alert(8)</script>`), http.StatusOK),
		admin.get("/workflows/hostile", http.StatusOK),
		admin.get("/workflows", http.StatusOK),
		admin.want(admin.post("/workflows/hostile/plan", url.Values{"inputs.line": {`"><script>alert(9)</script>`}, "request": {`"><script>`}}), http.StatusOK),
	} {
		admin.lacks(page, "<script", "<img", "<b ", "onerror=alert(2)>", ` onfocus="`)
	}
	page := admin.get("/workflows/hostile/start", http.StatusOK)
	admin.wants(page, "<bdi>&lt;b onclick=alert(4)&gt;\u202Eevil</bdi>", "\n\n&lt;/textarea&gt;&lt;script&gt;", `value="&#34;&gt;&lt;script&gt;alert(3)&lt;/script&gt;"`)
}

var keyValue = regexp.MustCompile(`name="key" value="([A-Z2-7]+)"`)

// The plan page shows the plan and the values, and sends the form on.
func TestPlanPage(t *testing.T) {
	b := newFlowBench(t, nil, everyType)
	admin := b.admin()
	page := admin.want(admin.post("/workflows/every/plan", goodForm()), http.StatusOK)
	key := keyValue.FindStringSubmatch(page)
	if key == nil {
		t.Fatal("the page has no key")
	}
	if other := keyValue.FindStringSubmatch(admin.want(admin.post("/workflows/every/plan", goodForm()), http.StatusOK)); other[1] == key[1] {
		t.Error("two pages have the same key")
	}
	goldenfile.Check(t, filepath.Join("testdata", "plan.html"), []byte(keyValue.ReplaceAllString(page, `name="key" value="KEY"`)))
	if len(b.runs()) > 0 {
		t.Error("a run was started")
	}
}

// The button of the plan page leads back to the form as it was filled in.
func TestBackToTheForm(t *testing.T) {
	admin := newFlowBench(t, nil, everyType).admin()
	form := goodForm()
	form.Set("back", "1")
	page := admin.want(admin.post("/workflows/every/plan", form), http.StatusOK)
	admin.wants(page, `value="robin"`, "\none, and a half\n\n  two\n</textarea>", `name="inputs.status" value=""`, `<option value="false" selected>no</option>`, "{&#34;ports&#34;: [80]}")
	admin.lacks(page, "aria-invalid", " checked")
}

// started posts a plan page and returns where the run is.
func (p flowPerson) started(form url.Values, key string) string {
	p.Helper()
	form.Set("key", key)
	answer := p.post("/workflows/every/start", form)
	if answer.Code != http.StatusSeeOther {
		p.Fatalf("the start is answered with %d %s", answer.Code, answer.Body)
	}
	return answer.Header().Get("Location")
}

// The same plan page sent twice starts one run, also without a request.
func TestStartTwice(t *testing.T) {
	b := newFlowBench(t, nil, everyType)
	admin := b.admin()
	form := goodForm()
	form.Del("request")
	first := admin.started(form, "ONE")
	if again := admin.started(form, "ONE"); again != first {
		t.Errorf("the second start leads to %s, not to %s", again, first)
	}
	if other := admin.started(form, "TWO"); other == first || len(b.runs()) != 2 {
		t.Errorf("another page leads to %s, and there are %d runs", other, len(b.runs()))
	}
	run := b.runs()[1]
	if "/runs/"+run.Run != first || run.StartedBy != "admin" {
		t.Errorf("the start leads to %s; the run is %s by %s", first, run.Run, run.StartedBy)
	}
	const inputs = `{"code":"a1","count":2,"dry":false,"level":2,"maybe":null,"name":"robin","names":["one, and a half","two"],"note":null,"options":{"owner":null,"ports":[80]},"pairs":[],"settle":"1ms","share":null,"size":"small","sizes":[1,2],"status":"","sure":false,"tags":null}`
	if string(run.Inputs) != inputs {
		t.Errorf("the inputs are %s\nexpected      %s", run.Inputs, inputs)
	}
	form.Set("inputs.name", "kim")
	form.Set("key", "ONE")
	admin.wants(admin.want(admin.post("/workflows/every/start", form), http.StatusUnprocessableEntity), "the key stands for another start", "go back to the form", `value="kim"`)
}

// A page without a key starts nothing: it shows the plan, which has one.
func TestStartWithoutAKey(t *testing.T) {
	b := newFlowBench(t, nil, everyType)
	admin := b.admin()
	if page := admin.want(admin.post("/workflows/every/start", goodForm()), http.StatusOK); !keyValue.MatchString(page) || len(b.runs()) > 0 {
		t.Errorf("there are %d runs:\n%s", len(b.runs()), page)
	}
}

// A request with another run is refused. The page shows the inputs of both.
func TestStartInConflict(t *testing.T) {
	b := newFlowBench(t, nil, everyType)
	admin := b.admin()
	first := admin.started(goodForm(), "ONE")
	form := goodForm()
	form.Set("inputs.level", "3")
	admin.wants(admin.want(admin.post("/workflows/every/plan", form), http.StatusOK), `<a href="`+first+`">a run of this workflow</a>`)
	form.Set("key", "TWO")
	page := admin.want(admin.post("/workflows/every/start", form), http.StatusConflict)
	admin.wants(page, `<a href="`+first+`">Run`, `<td data-head="That run"><bdi>2</bdi></td><td data-head="This plan"><bdi>3</bdi></td><td data-head="Comparison"><strong class="why">differs</strong>`,
		`name="inputs.level" value="3"`, `name="key" value="TWO"`, `open that run, or start this one for another request`)
	if n := strings.Count(page, `<strong class="why">differs</strong>`); n != 1 || len(b.runs()) != 1 {
		t.Errorf("%d inputs differ, and there are %d runs", n, len(b.runs()))
	}
}

// A paused workflow can be planned, and is not started.
func TestStartOfAPausedWorkflow(t *testing.T) {
	b := newFlowBench(t, nil, everyType)
	admin := b.admin()
	if err := b.journal.Pause(t.Context(), access.Pause{Name: "every", By: "the test", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	admin.wants(admin.get("/workflows", http.StatusOK), "starts nothing now")
	admin.wants(admin.get("/workflows/every", http.StatusOK), "The service starts no runs of it")
	admin.wants(admin.want(admin.post("/workflows/every/plan", goodForm()), http.StatusOK), "a start is refused until")
	form := goodForm()
	form.Set("key", "ONE")
	admin.wants(admin.want(admin.post("/workflows/every/start", form), http.StatusServiceUnavailable), "the workflow every is paused", `name="inputs.name" value="robin"`, `name="key" value="ONE"`)
	if len(b.runs()) > 0 {
		t.Error("a run was started")
	}
}

// A workflow whose credential is missing is not started.
func TestStartWithoutACredential(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	b := newFlowBench(t, nil)
	admin := b.admin()
	form := url.Values{"request": {"100-7"}, "inputs.instance_id": {"i-0a1b2c3d4e5f60001"}, "inputs.closed_status": {"Closed"}, "key": {"ONE"}}
	page := admin.want(admin.post("/workflows/start-instance/start", form), http.StatusServiceUnavailable)
	admin.wants(page, "the credential &#34;default&#34; of the connector", "cannot be used", `value="i-0a1b2c3d4e5f60001"`, "<strong>changes</strong> <bdi>EC2 instance i-0a1b2c3d4e5f60001</bdi>: <bdi>started</bdi>")
	form.Del("request")
	admin.wants(admin.want(admin.post("/workflows/start-instance/plan", form), http.StatusUnprocessableEntity), `<a href="#request"><bdi>Service request: the workflow needs the service request`, "(required)")
}

// Who may not start a workflow plans it, and who may not use it finds nothing.
func TestWhoStarts(t *testing.T) {
	b := newFlowBench(t, nil, everyType, "workflow: other\nsteps: [{id: wait, task: timer.delay, with: {duration: 1ms}}]\n")
	desk, operator := b.as("desk", []string{"every"}, access.Requester), b.as("ole", nil, access.Operator)
	operator.wants(operator.get("/workflows/every", http.StatusOK), "You may not start it: that needs the role requester.", "Plan…")
	page := operator.want(operator.post("/workflows/every/plan", goodForm()), http.StatusOK)
	operator.lacks(page, `<button class="main">Start`)
	operator.wants(page, "You may not start it")
	form := goodForm()
	form.Set("key", "ONE")
	operator.want(operator.post("/workflows/every/start", form), http.StatusForbidden)

	list := desk.get("/workflows", http.StatusOK)
	desk.wants(list, `href="/workflows/every/start"`)
	desk.lacks(list, "other", "start-instance")
	for _, path := range []string{"/workflows/other", "/workflows/other/start", "/workflows/start-instance"} {
		desk.get(path, http.StatusNotFound)
	}
	desk.want(desk.post("/workflows/other/plan", url.Values{}), http.StatusNotFound)
	desk.want(desk.post("/workflows/other/start", url.Values{"key": {"ONE"}}), http.StatusNotFound)
	desk.started(form, "ONE")
	if len(b.runs()) != 1 {
		t.Errorf("there are %d runs", len(b.runs()))
	}
}
