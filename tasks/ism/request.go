package ism

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/go-resty/resty/v2"

	"errand/engine/schema"
	"errand/engine/task"
)

type requestInput struct {
	Method string                     `json:"method" title:"Method" default:"GET" enum:"GET,POST,PUT,PATCH,DELETE" doc:"The method of the request. A GET only reads."`
	Path   string                     `json:"path" title:"Path" required:"true" example:"/Ticket/100-291" doc:"The path below csmconnector, such as /Ticket/100-291. It is not encoded, and has no query."`
	Query  map[string]json.RawMessage `json:"query" title:"Query" doc:"The parameters of the query: texts, numbers or booleans, by name. Those that are null are left out."`
	Body   json.RawMessage            `json:"body" title:"Body" doc:"What is sent, as JSON. A GET has none."`
}

type requestOutput struct {
	Status int             `json:"status" title:"Status" doc:"The HTTP status of the answer."`
	Body   json.RawMessage `json:"body" title:"Body" doc:"The answer, with its data, error and status, or null if it is empty."`
	what   string
}

// Summary names the request.
func (o requestOutput) Summary() string { return o.what + " was answered" }

// request makes any request, for what has no task type of its own. Nothing is known of its effect,
// so it is never repeated automatically, unless it is a GET.
func request(s *system) task.Type {
	t := task.Define("ism.request",
		"Makes any other request to ISM's web service, and fails as the other types do if ISM refuses it. A GET is repeated like any read. "+
			"Any other request is never repeated automatically, because nobody knows its effect.", task.Once,
		func(ctx context.Context, call task.Call, in requestInput) (requestOutput, error) {
			in.Method = orGet(in.Method)
			out := requestOutput{what: in.Method + " " + in.Path}
			session, err := s.open(ctx, task.Call{Credential: call.Credential}) // only a GET is made again
			if err != nil {
				return out, err
			}
			address := (&url.URL{Path: "/csmconnector" + in.Path}).EscapedPath()
			if query := in.query(); len(query) > 0 {
				address += "?" + encode(query)
			}
			out.Status, out.Body, err = session.request(ctx, in.Method, address, in.Body)
			if f, ok := errors.AsType[*task.Failure](err); ok && in.Method == http.MethodGet {
				f.Unknown = false
			}
			return out, err
		}).WithChange(task.Change{Verb: task.Changes, What: "ISM's resource {path}", Done: "sent a {method}"}).WithRules(
		task.Judged("path begins with /, and has no empty part, no part . or .., and no query.", requestInput.checkPath, "path").WithStandIns("/…", "…"),
		task.Judged("query has no lists and no objects.", requestInput.checkQuery, "query").WithStandIns("…", "…"),
		task.Judged("A GET has no body.", requestInput.checkBody, "body", "method").WithStandIns("…", "…"),
	)
	t.OnlyReads = func(call task.Call) bool {
		var in requestInput
		return json.Unmarshal(call.Input, &in) == nil && orGet(in.Method) == http.MethodGet
	}
	return t
}

func orGet(method string) string {
	if method == "" {
		return http.MethodGet
	}
	return method
}

// checkPath refuses a path that leads elsewhere than it shows.
func (in requestInput) checkPath() *task.Breach {
	parts := strings.Split(in.Path, "/")
	switch {
	case parts[0] != "" || len(parts) == 1:
		return badInput("path", "is "+schema.Show(in.Path)+"; it begins with /, such as /Ticket/100-291")
	case slices.Contains(parts[1:], ""):
		return badInput("path", "is "+schema.Show(in.Path)+"; no part of it may be empty")
	case slices.Contains(parts, ".") || slices.Contains(parts, ".."):
		return badInput("path", "is "+schema.Show(in.Path)+"; no part of it may be . or ..")
	case strings.ContainsAny(in.Path, `?#\`) || strings.ContainsFunc(in.Path, unicode.IsControl):
		return badInput("path", "is "+schema.Show(in.Path)+"; it may not contain ?, #, \\ or a control character; parameters belong in query")
	}
	return nil
}

func (in requestInput) checkBody() *task.Breach {
	if orGet(in.Method) == http.MethodGet && len(in.Body) > 0 && string(in.Body) != "null" {
		return badInput("body", "is not sent with a GET")
	}
	return nil
}

func (in requestInput) checkQuery() *task.Breach {
	for _, name := range slices.Sorted(maps.Keys(in.Query)) {
		if raw := in.Query[name]; bytes.ContainsAny(raw[:1], "{[") {
			return badInput("query", "has "+schema.Show(string(raw))+" for "+name+"; expected a text, a number or a boolean")
		}
	}
	return nil
}

// query returns the parameters of the query.
func (in requestInput) query() url.Values {
	query := url.Values{}
	for name, raw := range in.Query {
		var value text
		if string(raw) != "null" && json.Unmarshal(raw, &value) == nil {
			query.Set(name, string(value))
		}
	}
	return query
}

// request makes one request and returns the status and the body of the answer.
func (s *session) request(ctx context.Context, method, path string, body json.RawMessage) (int, json.RawMessage, error) {
	var content any
	if len(body) > 0 && string(body) != "null" {
		content = body
	}
	answer, err := s.exchange(ctx, method, path, content)
	if err != nil {
		return 0, nil, err
	}
	got, err := s.jsonOf(answer)
	if err == nil && got != nil {
		if _, misfit := anything.Decode(got); misfit != nil {
			err = unreadableAnswer(answer.StatusCode(), s.scrub(misfit.Error()))
		}
	}
	return answer.StatusCode(), got, err
}

// jsonOf returns the body of an answer, or the failure that the answer reports. Unlike unwrap it
// accepts JSON without an envelope: not every resource is known.
func (s *session) jsonOf(answer *resty.Response) (json.RawMessage, error) {
	body, err := task.UTF8(answer.Header().Get("Content-Type"), answer.Body())
	body = bytes.TrimSpace(body)
	_, refused := s.unwrap(answer)
	var e envelope
	_ = json.Unmarshal(body, &e) // another shape has no error
	switch {
	case err == nil && answer.IsSuccess() && json.Valid(body) && errorText(e.Error) == "":
		return body, nil
	case refused != nil:
		return nil, refused
	}
	return nil, nil // no content
}
