package service_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"errand/engine/access"
)

// A contract is the served OpenAPI document, as a client reads it.
type contract struct {
	operations []*documented
	problem    *jsonschema.Schema
}

// A documented is an operation of the document.
type documented struct {
	operation
	action     string
	segments   []string
	parameters []documentedParameter
	request    map[string]any // the schema of the body; nil: there is none
	accepts    *jsonschema.Schema
	optional   bool                                  // the body may be missing
	answers    map[int]map[string]*jsonschema.Schema // by status and media type; nil: not JSON
	headers    map[int][]documentedParameter         // of answers
}

type documentedParameter struct {
	Name, In string
	Required bool
	Schema   map[string]any
	accepts  *jsonschema.Schema
}

// readContract reads the document of a bench.
func readContract(b *bench) *contract {
	b.Helper()
	text := b.ask(b.as("reader", access.Monitor), http.MethodGet, "/v1/openapi.json", "").want(http.StatusOK).text
	root, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	closeObjects(root.(map[string]any)["components"])
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	const home = "https://errand.test/openapi.json"
	if err := compiler.AddResource(home, root); err != nil {
		b.Fatal(err)
	}
	compile := func(pointer ...string) *jsonschema.Schema {
		for i, p := range pointer {
			pointer[i] = url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
		}
		s, err := compiler.Compile(home + "#/" + strings.Join(pointer, "/"))
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []documentedParameter
			RequestBody *struct {
				Required bool
				Content  map[string]struct{ Schema map[string]any }
			}
			Responses map[string]struct {
				Content map[string]struct{ Schema map[string]any }
				Headers map[string]documentedParameter
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		b.Fatal(err)
	}
	k := &contract{problem: compile("components", "schemas", "Problem")}
	for _, o := range b.operations() {
		method := strings.ToLower(o.method)
		op := doc.Paths[o.path][method]
		d := &documented{operation: o, action: op.OperationID, segments: strings.Split(o.path, "/"), parameters: op.Parameters, answers: map[int]map[string]*jsonschema.Schema{}, headers: map[int][]documentedParameter{}}
		for i := range d.parameters {
			d.parameters[i].accepts = compile("paths", o.path, method, "parameters", strconv.Itoa(i), "schema")
		}
		if op.RequestBody != nil {
			d.optional = !op.RequestBody.Required
			d.request = op.RequestBody.Content["application/json"].Schema
			d.accepts = compile("paths", o.path, method, "requestBody", "content", "application/json", "schema")
		}
		for text, response := range op.Responses {
			status, err := strconv.Atoi(text)
			if err != nil {
				b.Fatal(err)
			}
			for name, p := range response.Headers {
				p.Name, p.accepts = name, compile("paths", o.path, method, "responses", text, "headers", name, "schema")
				d.headers[status] = append(d.headers[status], p)
			}
			d.answers[status] = map[string]*jsonschema.Schema{}
			for media := range response.Content {
				d.answers[status][media] = nil
				if strings.HasSuffix(media, "json") {
					d.answers[status][media] = compile("paths", o.path, method, "responses", text, "content", media, "schema")
				}
			}
		}
		k.operations = append(k.operations, d)
	}
	return k
}

// closeObjects makes every object that lists its members refuse all others. The document leaves
// objects open for members of later versions; this version has none that it does not list.
func closeObjects(in any) {
	switch in := in.(type) {
	case map[string]any:
		if _, lists := in["properties"].(map[string]any); lists && in["additionalProperties"] == nil {
			in["additionalProperties"] = false
		}
		for _, member := range in {
			closeObjects(member)
		}
	case []any:
		for _, item := range in {
			closeObjects(item)
		}
	}
}

// find returns the operation of a request, or nil. HEAD is the GET without a body.
func (k *contract) find(r *http.Request) *documented {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if path.Clean(r.URL.Path) != r.URL.Path {
		return nil
	}
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for _, o := range k.operations {
		if o.method == method && slices.EqualFunc(o.segments, segments, func(pattern, given string) bool {
			text, err := url.PathUnescape(given)
			return err == nil && (pattern == text || strings.HasPrefix(pattern, "{") && text != "")
		}) {
			return o
		}
	}
	return nil
}

var codeForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// check returns what is wrong with an answer. valid reports whether the request had a valid token.
func (k *contract) check(r *http.Request, body string, valid bool, w *wire) error {
	if len(w.faults) > 0 {
		return fmt.Errorf("%s", strings.Join(w.faults, "; "))
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if w.sent.Get(name) != want {
			return fmt.Errorf("the header %s is %q", name, w.sent.Get(name))
		}
	}
	op := k.find(r)
	media := w.sent.Get("Content-Type")
	shape := k.problem
	switch {
	case w.status == http.StatusInternalServerError:
		return fmt.Errorf("an internal failure: %s", w.body.String())
	case !valid && (op == nil || !op.public) && w.status != http.StatusUnauthorized:
		return fmt.Errorf("without a valid token the status is %d", w.status)
	case op == nil:
		if !slices.Contains([]int{http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed}, w.status) || media != problemMedia {
			return fmt.Errorf("nothing is documented there, and the answer is %d %s", w.status, media)
		}
	default:
		known, documented := op.answers[w.status]
		var ok bool
		if !documented {
			return fmt.Errorf("the status %d is not documented for %s", w.status, op)
		}
		if shape, ok = known[media]; !ok && (media != "" || len(known) > 0) {
			return fmt.Errorf("the media type %q is not documented for the status %d of %s", media, w.status, op)
		}
		for _, p := range op.headers[w.status] {
			if value := w.sent.Get(p.Name); (value != "" || p.Required) && p.valid(value) != nil {
				return fmt.Errorf("the header %s is %q", p.Name, value)
			}
		}
		if w.status < 300 {
			if err := op.mayAccept(r, body); err != nil {
				return fmt.Errorf("the status is %d, although %w", w.status, err)
			}
		}
	}
	if w.status >= 300 && media != problemMedia && (op == nil || op.answers[w.status][media] == nil) {
		return fmt.Errorf("a status %d with the media type %q", w.status, media)
	}
	if r.Method == http.MethodHead || shape == nil {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.body.Bytes()))
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	if err := shape.Validate(value); err != nil {
		return fmt.Errorf("the body is not what the document says: %w", err)
	}
	if media == problemMedia {
		return checkProblem(w, value.(map[string]any))
	}
	return nil
}

const problemMedia = "application/problem+json"

// checkProblem examines what RFC 9457 and RFC 9110 say about a problem beyond its schema.
func checkProblem(w *wire, p map[string]any) error {
	code, _ := p["code"].(string)
	detail, _ := p["detail"].(string)
	status, _ := p["status"].(json.Number)
	switch {
	case !codeForm.MatchString(code) || p["type"] != "urn:errand:problem:"+code:
		return fmt.Errorf("the code is %q and the type %q", code, p["type"])
	case status.String() != strconv.Itoa(w.status) || p["title"] != http.StatusText(w.status):
		return fmt.Errorf("the problem says %v %v, and the status is %d", p["status"], p["title"], w.status)
	case detail == "" || strings.ContainsFunc(detail, func(r rune) bool { return r < ' ' }):
		return fmt.Errorf("the detail is %q", detail)
	case w.status == http.StatusMethodNotAllowed && w.sent.Get("Allow") == "":
		return fmt.Errorf("no Allow")
	case w.body.Len() > 256<<10:
		return fmt.Errorf("the problem has %d bytes", w.body.Len())
	}
	return nil
}

// mayAccept returns why the document does not let the operation accept a request, or nil.
func (d *documented) mayAccept(r *http.Request, body string) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	for name, values := range query {
		at := slices.IndexFunc(d.parameters, func(p documentedParameter) bool { return p.In == "query" && p.Name == name })
		if at < 0 || len(values) != 1 {
			return fmt.Errorf("the query has %q %d times", name, len(values))
		}
		if err := d.parameters[at].valid(values[0]); err != nil {
			return err
		}
	}
	for _, p := range d.parameters {
		if values := r.Header.Values(p.Name); p.In == "header" && len(values) > 0 && (len(values) != 1 || p.valid(values[0]) != nil && values[0] != "") {
			return fmt.Errorf("the header %s is %q", p.Name, values)
		}
	}
	if d.accepts == nil || d.optional && body == "" {
		return nil
	}
	if media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.ToLower(strings.TrimSpace(media)) != "application/json" {
		return fmt.Errorf("the media type is %q", media)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return err
	}
	return d.accepts.Validate(value)
}

// valid returns why a text is not a value of the parameter.
func (p documentedParameter) valid(text string) error {
	var value any = text
	if p.Schema["type"] == "integer" {
		value = json.Number(text)
		if _, err := strconv.Atoi(text); err != nil {
			return err
		}
	}
	return p.accepts.Validate(value)
}

// The validator finds what it is for.
func TestContractIsRead(t *testing.T) {
	k := readContract(newBench(t))
	if len(k.operations) < 16 {
		t.Fatalf("there are %d operations", len(k.operations))
	}
	for name, bad := range map[string]string{
		"a missing member":   `{"type":"x","title":"x","detail":"x","code":"x"}`,
		"another type":       `{"type":"x","title":"x","status":"404","detail":"x","code":"x"}`,
		"an unlisted member": `{"type":"x","title":"x","status":404,"detail":"x","code":"x","more":1}`,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if k.problem.Validate(value) == nil {
			t.Errorf("a problem with %s is accepted", name)
		}
	}
}

var documentFile = flag.String("document", "", "where TestDocument writes the served OpenAPI document, for tools that check it")

// The document is the same in each answer, and .ci/run checks it.
func TestDocument(t *testing.T) {
	b := newBench(t)
	monitor := b.as("monitor", access.Monitor)
	first := b.ask(monitor, http.MethodGet, "/v1/openapi.json", "").want(http.StatusOK)
	if again := b.ask(monitor, http.MethodGet, "/v1/openapi.json", ""); again.text != first.text {
		t.Error("the document differs from one answer to the next")
	}
	if *documentFile != "" {
		if err := os.WriteFile(*documentFile, []byte(first.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
