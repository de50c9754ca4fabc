package service

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"errand/engine/access"
	"errand/engine/schema"
)

// showOpenAPI returns the document.
func showOpenAPI(s *Server, _ *call) (answer, error) {
	return answer{status: http.StatusOK, body: json.RawMessage(s.document)}, nil
}

// openAPI returns the OpenAPI 3.1 document of some routes.
func openAPI(routes []route, release string) []byte {
	d := &document{schemas: map[string]any{}}
	paths := map[string]map[string]any{}
	for i := range routes {
		r := &routes[i]
		if paths[r.pattern] == nil {
			paths[r.pattern] = map[string]any{}
		}
		paths[r.pattern][strings.ToLower(r.method)] = d.operation(r)
	}
	if release == "" {
		release = "development"
	}
	text, err := json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "Errand", "version": release, "license": map[string]any{"name": "See the file LICENSE", "identifier": "LicenseRef-Errand"},
			"description": "Start runs of workflows for service requests, see them, and decide about them.",
			"contact":     map[string]any{"name": "The administrator of this service"},
		},
		"servers": []any{map[string]any{"url": "/"}},
		"tags":    tags(routes),
		"paths":   paths,
		"components": map[string]any{
			"schemas":         d.schemas,
			"securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer", "description": "A token, which an administrator makes on the machine of the service."}},
		},
		"security": []any{map[string]any{"token": []any{}}},
	})
	if err != nil {
		panic(err) // it is made of texts
	}
	return text
}

// tagOf is the group of a route: the first part of its action.
func tagOf(r *route) string {
	tag, _, _ := strings.Cut(r.action, ".")
	return tag
}

// tagWords describes the groups of routes.
var tagWords = map[string]string{
	"run": "Runs of workflows.", "question": "What waits for a person.", "workflow": "Workflows that can be started.", "audit": "Who did what.",
	"openapi": "This document.", "health": "Whether the process answers.", "ready": "Whether the service can start runs.", "metrics": "Figures for monitoring.",
	"hook": "Messages of other systems that start runs.",
}

func tags(routes []route) []any {
	var all []any
	seen := map[string]bool{}
	for i := range routes {
		if tag := tagOf(&routes[i]); !seen[tag] {
			seen[tag] = true
			all = append(all, map[string]any{"name": tag, "description": tagWords[tag]})
		}
	}
	slices.SortFunc(all, func(a, b any) int {
		return strings.Compare(a.(map[string]any)["name"].(string), b.(map[string]any)["name"].(string))
	})
	return all
}

// operation describes a route.
func (d *document) operation(r *route) map[string]any {
	op := map[string]any{
		"operationId": r.action, "summary": r.summary, "description": r.summary + " " + permissionWords(r.may), "tags": []any{tagOf(r)},
		"responses": d.responses(r),
	}
	if !r.may.NeedsToken() {
		op["security"] = []any{}
	}
	if parameters := r.parameters(); len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if r.request != nil {
		op["requestBody"] = map[string]any{
			"required": !r.optionalBody,
			"content":  map[string]any{"application/json": map[string]any{"schema": d.requestSchema(r)}},
		}
	}
	return op
}

// requestSchema describes a body. One that the handler reads itself may be any object.
func (d *document) requestSchema(r *route) map[string]any {
	if r.rawBody {
		return d.schemaOf(r.request)
	}
	return schema.Reflect(r.request).JSONSchema(nil)
}

// permissionWords says who may call a route.
func permissionWords(p access.Permission) string {
	switch p.Kind {
	case access.ByAnyone:
		return "Needs no token."
	case access.BySignature:
		return "Needs a signature of the body instead of a token."
	case access.ByToken:
		return "Needs a token with any role."
	}
	names := make([]string, len(p.Roles))
	for i, role := range p.Roles {
		names[i] = string(role)
	}
	return "Needs a token with one of the roles " + strings.Join(names, ", ") + "."
}

var inPath = regexp.MustCompile(`\{([a-z]+)\}`)

// parameters describes what a route takes from the path, the query and the headers.
func (r *route) parameters() []any {
	var all []any
	for _, m := range inPath.FindAllStringSubmatch(r.pattern, -1) {
		all = append(all, map[string]any{"name": m[1], "in": "path", "required": true, "description": pathWords[m[1]], "schema": pathSchemas[m[1]]})
	}
	for _, p := range r.query {
		all = append(all, map[string]any{"name": p.name, "in": "query", "description": p.about, "schema": p.schema})
	}
	for _, p := range r.headers {
		all = append(all, map[string]any{"name": p.name, "in": "header", "description": p.about, "schema": p.schema})
	}
	return all
}

// pathWords and pathSchemas describe the parts of paths that differ.
var (
	pathWords   = map[string]string{"id": "The run's id.", "name": "The name."}
	pathSchemas = map[string]map[string]any{"id": {"type": "string", "pattern": runIDForm}, "name": {"type": "string", "minLength": 1}}
)

// failures returns the statuses of all problems that a route can answer with.
func (r *route) failures() []int {
	all := append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusBadRequest}, r.problems...)
	if r.may.NeedsToken() {
		all = append(all, http.StatusUnauthorized, http.StatusTooManyRequests)
	}
	if r.may.Kind == access.ByRole {
		all = append(all, http.StatusForbidden)
	}
	if r.request != nil {
		all = append(all, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// failureHeaders are the headers of problems, by status.
var failureHeaders = map[int]parameter{
	http.StatusUnauthorized:       {"WWW-Authenticate", "How to send a token.", map[string]any{"type": "string"}},
	http.StatusServiceUnavailable: {"Retry-After", "After how many seconds the caller may try again.", map[string]any{"type": "integer", "minimum": 1}},
}

// headers describes a header of an answer.
func (p parameter) headers(always bool) map[string]any {
	return map[string]any{p.name: map[string]any{"description": p.about, "required": always, "schema": p.schema}}
}

// responses describes everything that a route can answer.
func (d *document) responses(r *route) map[string]any {
	all := map[string]any{}
	for _, status := range r.failures() {
		response := map[string]any{
			"description": http.StatusText(status) + ".",
			"content":     map[string]any{"application/problem+json": map[string]any{"schema": d.schemaOf(bodyOf[Problem]())}},
		}
		if p, has := failureHeaders[status]; has {
			response["headers"] = p.headers(status == http.StatusUnauthorized)
		}
		all[strconv.Itoa(status)] = response
	}
	for _, a := range r.answers {
		response := map[string]any{"description": a.about}
		for _, p := range a.headers {
			response["headers"] = p.headers(true)
		}
		switch {
		case a.body != nil:
			content := map[string]any{"application/json": map[string]any{"schema": d.schemaOf(a.body)}}
			if before, isProblem := all[strconv.Itoa(a.status)].(map[string]any); isProblem { // a status that is both, such as 503 of /readyz
				content["application/problem+json"] = before["content"].(map[string]any)["application/problem+json"]
			}
			response["content"] = content
		case a.media != "":
			content := map[string]any{a.media: map[string]any{"schema": map[string]any{"type": "string"}}}
			if a.also != "" {
				content[a.also] = content[a.media]
			}
			response["content"] = content
		}
		all[strconv.Itoa(a.status)] = response
	}
	return all
}
