package service

import (
	"net/http"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/intake"
	"errand/engine/plan"
	"errand/engine/program"
)

// Groups of routes with the same permission.
var (
	seesRuns   = access.Allow(access.Requester, access.Approver, access.Operator)
	operates   = access.Allow(access.Operator)
	seesFlows  = access.Allow(access.Requester, access.Designer, access.Operator, access.Approver)
	limitQuery = parameter{"limit", "How many a page has at most.", map[string]any{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": defaultLimit}}
	cursorText = parameter{"cursor", "The member next of the page before.", map[string]any{"type": "string", "minLength": 1}}
	ifMatch    = parameter{"If-Match", "The ETag of the question that the caller has seen.", map[string]any{"type": "string"}}
	theRun     = []answerShape{{status: http.StatusOK, about: "The run as it stands then.", body: bodyOf[engine.View]()}}
)

// routes are everything that can be asked for.
var routes = []route{
	{
		method: http.MethodPost, pattern: "/v1/runs", action: "run.start", summary: "Start a run, or get the one that the request has.",
		may: access.Allow(access.Requester), changes: true, records: true, request: bodyOf[startBody](),
		headers: []parameter{{keyHeader, "A key by which the caller repeats this start. The same key again gives the same run.", map[string]any{"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}}},
		answers: []answerShape{
			{status: http.StatusCreated, about: "A new run.", body: bodyOf[engine.View](), headers: []parameter{{"Location", "The address of the run.", map[string]any{"type": "string", "pattern": "^/v1/runs/[a-z0-9]+$"}}}},
			{status: http.StatusOK, about: "The run that was started before.", body: bodyOf[engine.View]()},
		},
		problems: []int{http.StatusNotFound, http.StatusConflict}, handle: startRun,
	},
	{
		method: http.MethodGet, pattern: "/v1/runs", action: "run.list", summary: "List runs, the newest first.", may: seesRuns,
		query: []parameter{
			{"request", "Only runs for this service request.", map[string]any{"type": "string", "minLength": 1}},
			{"workflow", "Only runs of this workflow.", map[string]any{"type": "string", "minLength": 1}},
			{"status", "Only runs with this status.", map[string]any{"type": "string", "enum": statuses}},
			{"waits_for", "Only runs that wait for this.", map[string]any{"type": "string", "enum": waits}},
			{"since", "Only runs that changed then or later.", map[string]any{"type": "string", "format": "date-time"}},
			limitQuery, cursorText,
		},
		answers:  []answerShape{{status: http.StatusOK, about: "A page of runs. A run that has not ended comes without its steps.", body: bodyOf[runPage]()}},
		problems: []int{http.StatusBadRequest}, handle: listRuns,
	},
	{
		method: http.MethodGet, pattern: "/v1/runs/{id}", action: "run.show", summary: "Read a run.", may: seesRuns,
		answers: []answerShape{{status: http.StatusOK, about: "The run.", body: bodyOf[engine.View]()}}, problems: []int{http.StatusNotFound, http.StatusGone}, handle: showRun,
	},
	{
		method: http.MethodGet, pattern: "/v1/runs/{id}/events", action: "run.events", summary: "Follow the events of a run.", may: seesRuns,
		headers: []parameter{{lastEventHeader, "The last event that the reader has seen; the stream begins after it.", map[string]any{"type": "string", "pattern": `^[0-9]+\.[0-9]+$`}}},
		answers: []answerShape{
			{status: http.StatusOK, about: "Server-sent events, each once, in the order that every reader gets.", media: "text/event-stream"},
			{status: http.StatusNoContent, about: "The run has ended, and there is no event after the last one that was seen."},
		},
		problems: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusGone}, handle: streamEvents,
	},
	{
		method: http.MethodPost, pattern: "/v1/runs/{id}/cancel", action: "run.cancel", summary: "Cancel a run before its next effect.",
		may: operates, changes: true, request: bodyOf[cancelBody](), optionalBody: true, answers: theRun,
		problems: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone}, handle: cancel,
	},
	{
		method: http.MethodPost, pattern: "/v1/runs/{id}/resolve", action: "run.resolve", summary: "Say what became of a step whose outcome is unknown.",
		may: operates, changes: true, request: bodyOf[resolveBody](), headers: []parameter{ifMatch}, answers: theRun,
		problems: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed}, handle: resolve,
	},
	{
		method: http.MethodPost, pattern: "/v1/runs/{id}/approve", action: "run.approve", summary: "Approve or reject.",
		may: access.Allow(access.Approver), changes: true, request: bodyOf[approveBody](), headers: []parameter{ifMatch}, answers: theRun,
		problems: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed}, handle: approve,
	},
	{
		method: http.MethodPost, pattern: "/v1/runs/{id}/retry", action: "run.retry", summary: "Let a run go on that failed or was cancelled.",
		may: operates, changes: true, request: bodyOf[retryBody](), optionalBody: true, answers: theRun,
		problems: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone}, handle: retry,
	},
	{
		method: http.MethodGet, pattern: "/v1/questions", action: "question.list", summary: "List what waits for a person, with evidence and consequences.",
		may: access.Allow(access.Approver, access.Operator), query: []parameter{limitQuery, cursorText},
		answers:  []answerShape{{status: http.StatusOK, about: "The questions of a page of runs.", body: bodyOf[questionPage]()}},
		problems: []int{http.StatusBadRequest}, handle: listQuestions,
	},
	{
		method: http.MethodGet, pattern: "/v1/workflows", action: "workflow.list", summary: "List the workflows.", may: seesFlows,
		answers: []answerShape{{status: http.StatusOK, about: "The workflows that the token may see.", body: bodyOf[workflowList]()}}, handle: listWorkflows,
	},
	{
		method: http.MethodGet, pattern: "/v1/workflows/{name}", action: "workflow.show", summary: "Describe a workflow: its inputs as a JSON Schema, its steps and its outputs.", may: seesFlows,
		answers: []answerShape{{status: http.StatusOK, about: "The workflow.", body: bodyOf[program.Description]()}}, problems: []int{http.StatusNotFound}, handle: showWorkflow,
	},
	{
		method: http.MethodPost, pattern: "/v1/workflows/{name}/plan", action: "workflow.plan", summary: "Show what a run would call, in order; nothing is called.",
		may: seesFlows, request: bodyOf[planBody](), optionalBody: true,
		answers: []answerShape{{status: http.StatusOK, about: "The plan.", body: bodyOf[plan.Plan]()}}, problems: []int{http.StatusNotFound}, handle: planWorkflow,
	},
	{
		method: http.MethodPost, pattern: "/v1/hooks/{name}", action: "hook.receive", summary: "Take a message of a desk, signed as Standard Webhooks has it.",
		may: access.Permission{Kind: access.BySignature}, request: bodyOf[map[string]any](), rawBody: true,
		headers: []parameter{
			{"webhook-id", "The message's id. The same id again gets the same answer.", map[string]any{"type": "string"}},
			{"webhook-timestamp", "When it was sent, in seconds since 1970.", map[string]any{"type": "string"}},
			{"webhook-signature", "The signature.", map[string]any{"type": "string"}},
		},
		answers:  []answerShape{{status: http.StatusOK, about: "What became of the message.", body: bodyOf[intake.Reply]()}},
		problems: []int{http.StatusUnauthorized, http.StatusConflict}, handle: receive,
	},
	{
		method: http.MethodGet, pattern: "/v1/audit", action: "audit.list", summary: "Read the audit log, the oldest entry first.", may: access.Allow(access.Admin),
		query:    []parameter{limitQuery, cursorText},
		answers:  []answerShape{{status: http.StatusOK, about: "A page of entries.", body: bodyOf[auditPage]()}},
		problems: []int{http.StatusBadRequest}, handle: listAudit,
	},
	{
		method: http.MethodGet, pattern: "/v1/openapi.json", action: "openapi.show", summary: "This document.", may: access.Permission{Kind: access.ByToken},
		answers: []answerShape{{status: http.StatusOK, about: "An OpenAPI 3.1 document.", body: bodyOf[map[string]any]()}}, handle: showOpenAPI,
	},
	{
		method: http.MethodGet, pattern: "/metrics", action: "metrics", summary: "Read figures for monitoring.", may: access.Allow(access.Monitor),
		answers: []answerShape{
			{status: http.StatusOK, about: "The figures, in the format of Prometheus or, if the caller accepts that, of OpenMetrics.", media: "text/plain", also: "application/openmetrics-text"},
		},
		problems: []int{http.StatusNotFound}, handle: showMetrics,
	},
	{
		method: http.MethodGet, pattern: "/healthz", action: "health", summary: "Report whether the process answers.", may: access.Permission{Kind: access.ByAnyone},
		answers: []answerShape{{status: http.StatusOK, about: "It does.", body: bodyOf[health]()}}, handle: healthz,
	},
	{
		method: http.MethodGet, pattern: "/readyz", action: "ready", summary: "Report whether the service can start runs.", may: access.Permission{Kind: access.ByAnyone},
		answers: []answerShape{
			{status: http.StatusOK, about: "It can.", body: bodyOf[readiness]()},
			{status: http.StatusServiceUnavailable, about: "It cannot.", body: bodyOf[readiness]()},
		},
		handle: readyz,
	},
}
