package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A desk is one ISM: its tickets and its configuration items.
type desk struct {
	now       time.Time
	tickets   []*ticket
	assets    []*asset
	assetless bool // the Service Desk edition has no configuration items
	unlisted  bool // lists have active configuration items only, as in SOAP
	minted    int  // how many row ids have been assigned
}

// A route is one call of the web service.
type route struct {
	action string // the name in faults: the method and the resource
	path   string // under /csmconnector; {id} stands for a ticket's identifier
	assets bool   // missing in the Service Desk edition
	run    func(*desk, ismRequest) result
}

// routes returns the calls that the sandbox supports. The calls for assets are assumed: the vendor
// documents them for SOAP only.
func routes() []route {
	return []route{
		{"GET Ticket", "/Ticket", false, (*desk).listTickets},
		{"GET Ticket", "/Ticket/{id}", false, (*desk).getTicket},
		{"PUT Ticket", "/Ticket", false, (*desk).putTicket},
		{"POST ServiceRequest", "/ServiceRequest", false, (*desk).postServiceRequest},
		{"GET Worklog", "/Worklog", false, (*desk).listWorklogs},
		{"POST Worklog", "/Worklog", false, (*desk).postWorklog},
		{"GET ConfigurationItem", "/ConfigurationItem", true, (*desk).listAssets},
		{"POST ConfigurationItem", "/ConfigurationItem", true, (*desk).postAsset},
		{"PUT ConfigurationItem", "/ConfigurationItem", true, (*desk).putAsset},
		{"POST Ticket/ConfigurationItem", "/Ticket/{id}/ConfigurationItem", true, (*desk).relateAsset},
	}
}

func ismActions() []string {
	var all []string
	for _, r := range routes() {
		all = append(all, r.action)
	}
	return slices.Compact(all)
}

// An ismRequest is a request whose headers were checked.
type ismRequest struct {
	id     string // of the ticket in the path
	query  url.Values
	fields map[string]any // of the body
}

// A result is the answer of a route: a status and the envelope.
type result struct {
	http   int
	data   any
	err    string // empty if the call succeeded
	status string // of the envelope
	brief  any    // what an Exchange shows of the data; nil shows nothing
}

// lockText is ISM's answer to a write to a record that somebody else is editing.
const lockText = "Selected ticket record is currently being modified by another user"

// requiredHeaders are required in every call. Their values are credentials; any that are not empty
// are accepted.
var requiredHeaders = []string{"user_auth_token", "slice_token", "csm_app_url", "webservice_user_name", "webservice_user_password"}

func (s *Sandbox) readISM(r *http.Request, body []byte) call {
	found, id := findRoute(r.Method, r.URL.Path)
	c := call{system: "ism", text: requestText(r, body)}
	if found != nil {
		c.action = found.action
	}
	c.do = func() answer { return s.desk.run(r, body, found, id).answer() }
	c.fail = func(f *fault) answer {
		switch f.kind {
		case lock:
			return errorResult(cmp.Or(f.status, http.StatusBadRequest), lockText).answer()
		case errorIn200:
			return errorResult(http.StatusOK, "The request could not be processed").answer()
		case accept:
			if r.Method == http.MethodPost {
				return createdResult("Success", nil).answer()
			}
			return okResult("Success", nil).answer()
		default:
			return errorResult(f.status, "%s", f.code).answer()
		}
	}
	return c
}

// findRoute returns the route of a request and the identifier in its path, or nil.
func findRoute(method, path string) (*route, string) {
	rest, ok := strings.CutPrefix(path, "/csmconnector")
	if !ok {
		return nil, ""
	}
	got := strings.Split(rest, "/")
	for _, r := range routes() {
		want := strings.Split(r.path, "/")
		if !strings.HasPrefix(r.action, method+" ") || len(got) != len(want) {
			continue
		}
		id, same := "", true
		for n := range want {
			if want[n] == "{id}" && got[n] != "" {
				id = got[n]
			} else if want[n] != got[n] {
				same = false
			}
		}
		if same {
			return &r, id
		}
	}
	return nil, ""
}

// run checks what every call needs, and performs the call.
func (d *desk) run(r *http.Request, body []byte, found *route, id string) result {
	for _, name := range requiredHeaders {
		if strings.TrimSpace(header(r, name)) == "" {
			return errorResult(http.StatusForbidden, "the header %s is missing or empty", name)
		}
	}
	if found == nil {
		return limitResult(http.StatusNotFound, r.Method+" "+r.URL.Path, ismActions())
	}
	if found.assets && d.assetless {
		return errorResult(http.StatusNotFound, "there is no resource %s %s", r.Method, r.URL.Path)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errorResult(http.StatusBadRequest, "the query cannot be read")
	}
	q := ismRequest{id: id, query: query}
	if r.Method != http.MethodGet {
		if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
			return errorResult(http.StatusBadRequest, "Content-Type must be application/json")
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&q.fields); err != nil || q.fields == nil || dec.More() {
			return errorResult(http.StatusBadRequest, "the body is not one JSON object")
		}
	}
	return found.run(d, q)
}

// header returns the value of a header in any spelling. Clients spell these names differently,
// because net/http capitalizes words after a hyphen only, not after an underscore.
func header(r *http.Request, name string) string {
	for key, values := range r.Header {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func errorResult(status int, format string, args ...any) result {
	return result{http: status, err: fmt.Sprintf(format, args...)}
}

// limitResult answers a request for what ISM may know and the sandbox does not.
func limitResult(status int, unknown string, known []string) result {
	return errorResult(status, "%s: the sandbox does not know %s; it knows %s", sandboxLimit, unknown, strings.Join(known, ", "))
}

// okResult answers a read, or a write that returns nothing special.
func okResult(data, brief any) result {
	return result{http: http.StatusOK, data: data, status: "OK", brief: brief}
}

// createdResult answers a POST. The documentation shows the status in the envelope, but not whether
// the HTTP status is 200 or 201. Assumed: 200.
func createdResult(data, brief any) result {
	return result{http: http.StatusOK, data: data, status: "CREATED", brief: brief}
}

func (r result) answer() answer {
	envelope := struct {
		Data   any    `json:"data"`
		Error  any    `json:"error"`
		Status string `json:"status"`
	}{Data: r.data, Status: r.status}
	if r.err != "" {
		envelope.Error, envelope.Status = r.err, "FAILED"
	}
	brief := struct {
		Data   any    `json:"data,omitempty"`
		Error  string `json:"error,omitempty"`
		Status string `json:"status,omitempty"`
	}{r.brief, r.err, r.status}
	return answer{status: r.http, kind: "application/json", body: toJSON(envelope), summary: fmt.Sprintf("%d %s", r.http, toJSON(brief))}
}

func toJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("sandbox: an answer that cannot be written as JSON: " + err.Error())
	}
	return bytes.TrimSpace(b.Bytes())
}

// requestText formats a request for an Exchange: the query unescaped, the body on one line.
func requestText(r *http.Request, body []byte) string {
	text := r.Method + " " + r.URL.Path
	if query, err := url.QueryUnescape(r.URL.RawQuery); err == nil && query != "" {
		text += "?" + query
	}
	text = strings.Join(strings.Fields(text), " ") // an escaped line break must not start a new line
	var line bytes.Buffer
	switch {
	case len(body) == 0:
	case json.Compact(&line, body) == nil:
		text += " " + line.String()
	default:
		text += fmt.Sprintf(" (%d bytes that are not JSON)", len(body))
	}
	return text
}
