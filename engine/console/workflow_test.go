package console_test

import (
	"net/http"
	"strings"
	"testing"

	"errand/engine/access"
)

const waiting = `
workflow: waiting
title: Wait
steps:
  - {id: first, name: Wait first, task: timer.delay, with: {duration: 1ms}}
  - {task: timer.delay, with: {duration: 1ms}}
`

// The page of a workflow shows its runs, how long its steps take, and what the last days came to.
func TestWorkflowPage(t *testing.T) {
	b := newFlowBench(t, nil, waiting)
	admin := b.admin()
	admin.wants(admin.get("/workflows/waiting", http.StatusOK), `href="/workflows/waiting/start">Start the first one.`, "No run has ended yet.", "It has no inputs.", "no runs")
	for range 3 {
		b.start("waiting", "", "somebody")
	}
	b.work()
	last := b.start("waiting", "100-1", "desk")
	page := admin.get("/workflows/waiting", http.StatusOK)
	admin.wants(page, `<svg xmlns="http://www.w3.org/2000/svg" class="errand-graph"`, "Of the last 3 runs that have ended", "<bdi>Wait first</bdi> <code><bdi>first</bdi></code>", "<code><bdi>steps[1]</bdi></code>", "none of 3",
		`class="errand-durations"`, `class="errand-history"`, "4 runs", `href="/runs/`+last+`"`, `<a href="/runs?day=`)
	desk := b.as("desk", []string{"waiting"}, access.Requester)
	page = desk.get("/workflows/waiting", http.StatusOK)
	desk.wants(page, `href="/runs/`+last+`"`, "1 run")
	desk.lacks(page, "4 runs")
	designer := b.as("designer", nil, access.Designer)
	page = designer.get("/workflows/waiting", http.StatusOK)
	designer.wants(page, "Graph", "The present text")
	designer.lacks(page, "Recent runs", last)
}

// The present text is shown with its problems at their lines, whichever program is used.
func TestSource(t *testing.T) {
	b := newFlowBench(t, nil, waiting, "workflow: never\nsteps: [{task: nothing}]\n")
	admin := b.admin()
	page := admin.get("/workflows/waiting", http.StatusOK)
	admin.wants(page, "waiting.yaml</bdi></code>, without problems", `<span class="line" id="line-5">`)
	b.define("workflow: waiting\nsteps:\n  - {id: a, task: timer.dely, with: {duration: 1ms}} # <script>\n")
	page = admin.get("/workflows/waiting", http.StatusOK)
	admin.wants(page, "The service starts runs with an older text", `<a href="#line-3">line 3</a>`, "1 error", `<span class="line flawed" id="line-3">  - {id: a, task: <mark>timer.dely</mark>`, "# &lt;script&gt;",
		`<span class="flaw bad">error: <bdi>the connector &#34;timer&#34; has no operation &#34;dely&#34;`, `href="/workflows/waiting/start"`)
	admin.lacks(page, "<script")
	b.define("workflow: waiting\n# \u202Eevil\n")
	page = admin.get("/workflows/waiting", http.StatusOK)
	admin.wants(page, "# <mark>\uFFFD</mark>evil")
	admin.lacks(page, "\u202E")
	page = admin.get("/workflows/never", http.StatusOK)
	admin.wants(page, "This workflow cannot be started", `<a href="#line-2">line 2</a>`)
	admin.lacks(page, "/workflows/never/start")
	admin.get("/workflows/never/start", http.StatusNotFound)
	admin.wants(admin.get("/workflows", http.StatusOK), "1 error</span> An older text is used.", "cannot be started: its text has errors")
	admin.get("/workflows/nothing", http.StatusNotFound)
	b.as("desk", []string{"waiting"}, access.Requester).get("/workflows/never", http.StatusNotFound)
}

// A secret in a definition is not shown, also not to those who may see the workflow.
func TestSecretInASource(t *testing.T) {
	admin := newFlowBench(t, nil, "workflow: leaky\ninputs:\n  admin_password: {type: string, default: correct horse}\nsteps:\n  - {task: timer.delay, with: {duration: 1ms}}\n").admin()
	page := admin.get("/workflows/leaky", http.StatusOK)
	text := page[strings.Index(page, `<pre class="source"`):]
	admin.wants(text, "default: <mark>*************</mark>}")
	admin.lacks(text, "correct", "horse")
}

// The list shows the last run of each workflow.
func TestWorkflows(t *testing.T) {
	b := newFlowBench(t, nil, waiting)
	admin := b.admin()
	first := b.start("waiting", "", "somebody")
	last := b.start("waiting", "", "somebody")
	page := admin.get("/workflows", http.StatusOK)
	admin.wants(page, `href="/runs/`+last+`"`, "<strong><bdi>Wait</bdi></strong>", `href="/workflows/waiting/start"`, "no problems")
	admin.lacks(page, first)
	nobody := b.as("desk", []string{"gone"}, access.Requester)
	nobody.wants(nobody.get("/workflows", http.StatusOK), "You see no workflow")
}
