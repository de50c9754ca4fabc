package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// A wild is a request that nobody has written, as a client draws it from the document.
type wild struct {
	method, target string
	headers        []string // lines
	body           string
	bearer         string // which of the tokens it has
	stream         int
}

// raw is the request as it is sent.
func (w wild) raw() string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: errand.test\r\n%s\r\n%s", w.method, w.target, strings.Join(append(slices.Clone(w.headers), ""), "\r\n"), w.body)
}

// A drawer draws requests. What it draws from is the same for every run of a test; facts stands for
// what differs: it returns an id, an event or a cursor by its name.
type drawer struct {
	*rapid.T
	contract *contract
	tokens   []string // names
	facts    func(kind string) string
	inputs   map[string]map[string]any // the schemas of workflows' inputs
	action   string                    // of the operation that was drawn
}

// even draws numbers below 4096 evenly. Most generators of rapid prefer small numbers and the first
// ones of a list.
var even = rapid.Custom(func(t *rapid.T) (n int) {
	for range 12 {
		n *= 2
		if rapid.Bool().Draw(t, "bit") {
			n++
		}
	}
	return n
})

// one draws one of some texts.
func (d drawer) one(label string, from ...string) string {
	return from[even.Draw(d.T, label)%len(from)]
}

// sometimes reports true in about n of 100 cases.
func (d drawer) sometimes(label string, n int) bool {
	return even.Draw(d.T, label) >= 4096-4096*n/100
}

// hostile are texts that were trouble somewhere.
var hostile = []string{
	"", ".", "..", "../../etc/passwd", "/etc/passwd", `..\..\x`, "\x00", "a\x00b", "null", "-1", "0", "1e9", "NaN", "true", "%", "_", "*", "%25", "'", `"`, "' OR '1'='1", "'; DROP TABLE runs; --",
	"${{ inputs.who }}", "${{ 1/0 }}", "{{7*7}}", "$(id)", "`id`", "<script>", "\xff\xfe", "\ufeff", "a\r\nSet-Cookie: x", "ａｄｍｉｎ", "İ", strings.Repeat("a", 300), strings.Repeat("é", 2000), "http://169.254.169.254/", "[::ffff:127.0.0.1]",
}

// request draws a request.
func (d drawer) request() wild {
	op := d.contract.operations[even.Draw(d.T, "operation")%len(d.contract.operations)]
	d.action = op.action
	w := wild{method: op.method, bearer: d.one("token", d.tokens...), stream: rapid.IntRange(0, 4).Draw(d.T, "writes")}
	if d.sometimes("method", 8) {
		w.method = d.one("as", http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect, "get", "PROPFIND", "X")
	}
	w.target = d.path(op) + d.query(op)
	d.authorize(&w)
	d.headers(op, &w)
	d.body(op, &w)
	return w
}

// path draws an address of an operation.
func (d drawer) path(op *documented) string {
	segments := slices.Clone(op.segments)
	for i, s := range segments {
		switch {
		case s == "{id}":
			segments[i] = d.segment(d.facts("run for " + op.action))
		case s == "{name}":
			segments[i] = d.segment(d.one("workflow", "greet", "ask", "doubtful", "slow", "busy", "none"))
		}
	}
	if d.sometimes("mangled path", 8) {
		at := rapid.IntRange(0, len(segments)-1).Draw(d.T, "at")
		segments[at] += d.one("trick", "/", "/.", "/..", "/../"+segments[at], "%2f", "%2e%2e", ";x=1", ".", "%00", "%20", "x", "/x", "//", "?", "%252f", strings.ToUpper(segments[at]))
	}
	path := strings.Join(segments, "/")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if d.sometimes("absolute", 2) {
		return d.one("origin", "http://errand.test", "http://169.254.169.254", "https://x:y@other", "//other") + path
	}
	return path
}

// segment returns a text or another one as a part of a path.
func (d drawer) segment(known string) string {
	if d.sometimes("wild segment", 15) {
		known = d.one("segment", hostile...)
	}
	return url.PathEscape(known)
}

// query draws a query.
func (d drawer) query(op *documented) string {
	var parts []string
	for _, p := range op.parameters {
		if p.In != "query" || !d.sometimes("has "+p.Name, 30) {
			continue
		}
		value := d.parameter(p)
		if d.sometimes("wild value", 20) {
			value = d.one("value", hostile...)
		}
		parts = append(parts, p.Name+"="+url.QueryEscape(value))
	}
	if d.sometimes("wild query", 6) {
		parts = append(parts, d.one("part", "x=1", "limit=1&limit=2", "cursor", "status=%zz", ";", "&&", "%00=1", "Limit=1", "access_token=x", strings.Repeat("a", 3000)+"=1"))
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

// parameter draws a value that fits a parameter.
func (d drawer) parameter(p documentedParameter) string {
	switch p.Name {
	case "cursor", "request", "workflow", "If-Match", "Last-Event-ID":
		return d.facts(p.Name)
	}
	switch v := d.value(p.Schema, p.Name).(type) {
	case string:
		return v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			d.Fatal(err)
		}
		return string(text)
	}
}

// authorize adds the token.
func (d drawer) authorize(w *wild) {
	if secret := d.facts("token " + w.bearer); secret != "" {
		w.headers = append(w.headers, "Authorization: "+secret)
	}
}

// headers draws the other headers.
func (d drawer) headers(op *documented, w *wild) {
	for _, p := range op.parameters {
		if p.In == "header" && d.sometimes("has "+p.Name, 50) {
			value := d.parameter(p)
			if d.sometimes("wild header", 20) {
				value = d.one("header value", "", "*", `W/"x"`, `"`, "1.1", "999999999999999999999.1", "-1.-1", "a b", strings.Repeat("k", 256), "é", "0.0", "1.1, 2.1")
			}
			w.headers = append(w.headers, p.Name+": "+value)
		}
	}
	if d.sometimes("more headers", 10) {
		w.headers = append(w.headers, d.one("more", "X-HTTP-Method-Override: DELETE", "X-Original-URL: /v1/audit", "X-Forwarded-For: 127.0.0.1", "Accept: text/html", "Accept-Encoding: gzip", "Range: bytes=0-1",
			"If-None-Match: *", "Cookie: token=x", "Content-Encoding: gzip", "Transfer-Encoding: identity", "Expect: 100-continue", "Upgrade: websocket", "Connection: Authorization", "Last-Event-ID: 1.1", "If-Match: *", "Origin: https://evil.test"))
	}
}

// body draws a body with its headers.
func (d drawer) body(op *documented, w *wild) {
	if op.request == nil && !d.sometimes("body of a read", 5) || op.optional && d.sometimes("no body", 30) {
		return
	}
	media := "application/json"
	if d.sometimes("media", 8) {
		media = d.one("type", "", "text/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/json; charset=UTF-8", "application/xml", "application/json; x", "APPLICATION/JSON", "application/problem+json", "/", "a")
	}
	if media != "" {
		w.headers = append(w.headers, "Content-Type: "+media)
	}
	value := d.value(op.request, "body")
	if d.sometimes("mutant", 25) {
		value = d.mutant(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		d.Fatal(err)
	}
	w.body = string(text)
	if d.sometimes("broken", 10) {
		w.body = d.broken(w.body)
	}
	if d.sometimes("chunked", 5) {
		w.headers = append(w.headers, "Transfer-Encoding: chunked")
		w.body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(w.body), w.body)
		if strings.HasPrefix(w.body, "0\r\n\r\n") {
			w.body = "0\r\n\r\n"
		}
		return
	}
	w.headers = append(w.headers, fmt.Sprintf("Content-Length: %d", len(w.body)))
}

// value draws a value that a schema accepts, or nearly.
func (d drawer) value(schema map[string]any, name string) any {
	switch name {
	case "workflow", "request", "step", "from":
		if d.sometimes("known "+name, 90) {
			return d.facts(name + " for " + d.action)
		}
	}
	if options, has := schema["enum"].([]any); has {
		return rapid.SampledFrom(options).Draw(d.T, name)
	}
	kind := schema["type"]
	if kinds, several := kind.([]any); several {
		if d.sometimes("null "+name, 5) {
			return nil
		}
		kind = kinds[0]
	}
	switch kind {
	case "object":
		return d.object(schema)
	case "array":
		items, _ := schema["items"].(map[string]any)
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any { return d.on(t).value(items, "item") }), 0, 3).Draw(d.T, name)
	case "integer":
		return rapid.IntRange(number(schema["minimum"], -5), number(schema["maximum"], 5)).Draw(d.T, name)
	case "boolean":
		return rapid.Bool().Draw(d.T, name)
	case "string":
		if schema["format"] == "date-time" {
			return d.one("time", "2026-03-01T10:00:00Z", "2026-03-01t10:00:00.123456789+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-29T10:00:00Z")
		}
		if schema["pattern"] == "^[A-Z]" {
			return d.one("name", "Kim", "Dana", "Fail", "Robin", "${{ inputs.who }}")
		}
		return rapid.StringN(0, 12, number(schema["maxLength"], 40)).Draw(d.T, name)
	}
	return rapid.SampledFrom([]any{nil, "x", 1, true, []any{}, map[string]any{}, 1.5, "Kim"}).Draw(d.T, name)
}

// on returns the drawer for a part of a drawing.
func (d drawer) on(t *rapid.T) drawer {
	d.T = t
	return d
}

// object draws an object.
func (d drawer) object(schema map[string]any) any {
	made := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Reverse(names) // the workflow comes before its inputs
	for _, name := range names {
		if slices.Contains(required, any(name)) || d.sometimes("member "+name, 70) {
			made[name] = d.value(properties[name].(map[string]any), name)
		}
	}
	if of, is := made["workflow"].(string); is && d.inputs[of] != nil && d.sometimes("fitting inputs", 80) {
		made["inputs"] = d.value(d.inputs[of], "inputs of "+of)
	}
	return made
}

func number(v any, otherwise int) int {
	if f, is := v.(float64); is {
		return int(f)
	}
	return otherwise
}

// mutant changes a value in one place.
func (d drawer) mutant(v any) any {
	other := func() any {
		text := d.one("mutant", hostile...)
		return rapid.SampledFrom([]any{nil, true, 0, -1, 1e300, "", text, []any{}, []any{text}, map[string]any{}, map[string]any{"a": text}}).Draw(d.T, "instead")
	}
	object, is := v.(map[string]any)
	if !is || len(object) == 0 || d.sometimes("whole", 10) {
		return other()
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	name := rapid.SampledFrom(names).Draw(d.T, "member")
	switch d.one("how", "drop", "add", "change", "deeper", "rename") {
	case "drop":
		delete(object, name)
	case "add":
		object[d.one("added", "by", "started_by", "requesters", "definition", "credential", "url", "owners", "person", "run", "__proto__", "", "workflow ")] = other()
	case "change":
		object[name] = other()
	case "deeper":
		object[name] = d.mutant(object[name])
	case "rename":
		object[strings.ToUpper(name)] = object[name]
	}
	return object
}

// broken changes the text of a body.
func (d drawer) broken(text string) string {
	at := rapid.IntRange(0, len(text)).Draw(d.T, "at")
	switch d.one("break", "cut", "byte", "bom", "twice", "tail", "utf16", "nest", "large", "comment") {
	case "cut":
		return text[:at]
	case "byte":
		return text[:at] + d.one("byte", "\x00", "\xff", `"`, "{", "}", "\\", ",", "\\ud800", "é") + text[at:]
	case "bom":
		return "\ufeff" + text
	case "twice":
		return text + text
	case "tail":
		return text + d.one("behind", " ", "\n", "x", "\x00", "//")
	case "utf16":
		var wide strings.Builder
		for _, c := range []byte(text) {
			wide.WriteByte(c)
			wide.WriteByte(0)
		}
		return wide.String()
	case "nest":
		n := rapid.IntRange(1, 20000).Draw(d.T, "depth")
		return strings.Repeat("[", n) + strings.Repeat("]", n)
	case "large":
		return text + strings.Repeat(" ", 70_000)
	}
	return "/* x */" + text
}
