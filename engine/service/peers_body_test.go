package service_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"errand/engine"
	"errand/engine/access"
)

// codeByRequest sends what a definition would evaluate. It stays text.
func codeByRequest(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "robin"})
	for _, text := range []string{
		"A ${{ inputs.times }}", "A${{1+1}}", "A ${{ steps.act.text }} {{ 7*7 }}", "A $(id) `id` %s %d {0}", "A ${{ request.id }} #{1} <%= 1 %>", "A\n  - {id: x, task: probe.once}", "A: &a *a !!python/object:os", "A\"}}, {\"id\": \"x\"", "Ａ fullwidth"[3:],
	} {
		given, err := json.Marshal(map[string]any{"workflow": "greet", "inputs": map[string]any{"who": "A" + text}})
		if err != nil {
			t.Fatal(err)
		}
		run := b.start(desk, string(given))
		if v := b.settled(run, engine.Succeeded); v.Outputs["said"] != "A"+text+" 1" {
			t.Errorf("%q comes out as %q", text, v.Outputs["said"])
		}
		planned := into[struct {
			Steps []struct{ Input struct{ Text string } }
		}](b.ask(desk, http.MethodPost, "/v1/workflows/greet/plan", strings.Replace(string(given), `"workflow":"greet"`, `"request":"${{ 1+1 }}"`, 1)).want(http.StatusOK))
		if got := planned.Steps[0].Input.Text; got != "A"+text+" 1" {
			t.Errorf("%q is planned as %q", text, got)
		}
	}
	run := b.start(desk, `{"workflow":"ask","request":"${{ 1 + 1 }}"}`)
	b.settled(run, engine.Waiting)
	if asked := b.questions(kim); asked[0]["ask"] != "Go for ${{ 1 + 1 }}?" {
		t.Errorf("the question is %q", asked[0]["ask"])
	}
	b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve","comment":"${{ inputs }}"}`).want(http.StatusOK)
	if v := b.settled(run, engine.Succeeded); v.Steps[0].Decisions[0].Comment != "${{ inputs }}" {
		t.Errorf("the comment is %+v", v.Steps[0].Decisions)
	}
	for _, member := range []string{"definition", "source", "program", "steps", "workflow_yaml", "patch", "overrides", "with", "env", "if", "$ref", "template", "definition_url", "digest", "file"} {
		for path, body := range map[string]string{"/v1/runs": `"workflow":"greet","inputs":{"who":"Kim"}`, "/v1/workflows/greet/plan": `"inputs":{"who":"Kim"}`} {
			b.ask(desk, http.MethodPost, path, `{`+body+`,"`+member+`":"steps: []"}`).want(http.StatusUnprocessableEntity, "unfit")
		}
	}
	for _, name := range []string{"greet\nsteps: []", "${{ 'greet' }}", "greet@latest", "greet.yaml", "./greet", "{\"workflow\":\"greet\"}", "GREET", "greet "} {
		given, err := json.Marshal(map[string]any{"workflow": name, "inputs": map[string]any{"who": "Kim"}})
		if err != nil {
			t.Fatal(err)
		}
		b.ask(desk, http.MethodPost, "/v1/runs", string(given)).want(http.StatusNotFound, "no_workflow")
	}
	admin := b.as("admin", access.Admin)
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodPost} {
		for _, path := range []string{"/v1/workflows", "/v1/workflows/greet"} {
			b.ask(admin, method, path, `{"steps":[]}`).want(http.StatusMethodNotAllowed, "method")
		}
	}
}

// bodyConfusion sends a good start in shapes that another reader would take for something else.
func bodyConfusion(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	const good = `{"workflow":"greet","inputs":{"who":"Kim"}}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(good)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var wide bytes.Buffer
	for _, c := range utf16.Encode([]rune("\ufeff" + good)) {
		wide.Write([]byte{byte(c), byte(c >> 8)})
	}
	const form, multi = "workflow=greet&inputs[who]=Kim", "--x\r\nContent-Disposition: form-data; name=\"workflow\"\r\n\r\ngreet\r\n--x--\r\n"
	headers := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	js := func(more ...string) http.Header {
		return headers(append([]string{"Content-Type", "application/json"}, more...)...)
	}
	for name, test := range map[string]struct {
		body   string
		header http.Header
		status int
	}{
		"JSON without a type":        {good, headers(), 415},
		"JSON as a form":             {good, headers("Content-Type", "application/x-www-form-urlencoded"), 415},
		"a form":                     {form, headers("Content-Type", "application/x-www-form-urlencoded"), 415},
		"a form as JSON":             {form, js(), 400},
		"multipart":                  {multi, headers("Content-Type", "multipart/form-data; boundary=x"), 415},
		"multipart as JSON":          {multi, js(), 400},
		"text":                       {good, headers("Content-Type", "text/plain"), 415},
		"text/json":                  {good, headers("Content-Type", "text/json"), 415},
		"a suffix":                   {good, headers("Content-Type", "application/vnd.api+json"), 415},
		"a patch":                    {`[{"op":"add","path":"/workflow","value":"greet"}]`, headers("Content-Type", "application/json-patch+json"), 415},
		"XML":                        {"<workflow>greet</workflow>", headers("Content-Type", "application/xml"), 415},
		"XML as JSON":                {"<workflow>greet</workflow>", js(), 400},
		"YAML":                       {"workflow: greet\ninputs: {who: Kim}\n", headers("Content-Type", "application/yaml"), 415},
		"YAML as JSON":               {"workflow: greet\ninputs: {who: Kim}\n", js(), 400},
		"two types":                  {good, js("Content-Type", "application/x-www-form-urlencoded"), 415},
		"the same type twice":        {good, js("Content-Type", "application/json"), 415},
		"a list of types":            {good, headers("Content-Type", "application/json, text/plain"), 415},
		"another charset":            {good, headers("Content-Type", "application/json; charset=utf-7"), 415},
		"UTF-16 that says so":        {wide.String(), headers("Content-Type", "application/json; charset=utf-16"), 415},
		"UTF-16":                     {wide.String(), js(), 400},
		"a byte order mark":          {"\ufeff" + good, js(), 400},
		"a coding that is not there": {good, js("Content-Encoding", "gzip"), 415},
		"gzip":                       {zipped.String(), js("Content-Encoding", "gzip"), 415},
		"gzip that does not say so":  {zipped.String(), js(), 400},
		"an identity coding":         {good, js("Content-Encoding", "identity"), 415},
		"two documents":              {good + good, js(), 400},
		"lines of documents":         {good + "\n" + good, js(), 400},
		"something behind it":        {good + "x", js(), 400},
		"a NUL behind it":            {good + "\x00", js(), 400},
		"a comment":                  {"/**/" + good, js(), 400},
		"a trailing comma":           {strings.Replace(good, "}}", "},}", 1), js(), 400},
		"single quotes":              {strings.ReplaceAll(good, `"`, `'`), js(), 400},
		"not a number":               {`{"workflow":"greet","inputs":{"who":"Kim","times":NaN}}`, js(), 400},
		"bytes that are no text":     {strings.Replace(good, "Kim", "K\xff", 1), js(), 400},
		"half of a pair":             {strings.Replace(good, "Kim", `K\ud800`, 1), js(), 400},
		"a member twice":             {strings.Replace(good, `"inputs"`, `"workflow":"slow","inputs"`, 1), js(), 400},
		"an input twice":             {strings.Replace(good, `"who":"Kim"`, `"who":"Kim","who":"Dana"`, 1), js(), 400},
		"an input twice, escaped":    {strings.Replace(good, `"who":"Kim"`, `"who":"Kim","\u0077ho":"Dana"`, 1), js(), 400},
		"a text in JSON":             {fmt.Sprintf("%q", good), js(), 422},
		"base64":                     {base64.StdEncoding.EncodeToString([]byte(good)), js(), 400},
		"a callback":                 {"x(" + good + ")", js(), 400},
		"nothing":                    {"", js(), 400},
		"null":                       {"null", js(), 422},
		"a number for a text":        {`{"workflow":1}`, js(), 422},
		"an array for a text":        {`{"workflow":["greet"]}`, js(), 422},
		"an object for a text":       {`{"workflow":{"$ne":""}}`, js(), 422},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/v1/runs", strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = test.header
		r.Header.Set("Authorization", "Bearer "+desk)
		if answer := b.send(r); answer.status != test.status || answer.header.Get("Content-Type") != problemMedia {
			t.Errorf("%s: %d %s; expected %d", name, answer.status, answer.text, test.status)
		}
	}
	b.ask(desk, http.MethodPost, "/v1/runs?workflow=greet", `{"inputs":{"who":"Kim"}}`).want(http.StatusBadRequest, "query")
	if runs, err := b.runner.List(t.Context(), engine.Query{}); err != nil || len(runs) > 0 {
		t.Errorf("on record are %+v, %v", runs, err)
	}
}
