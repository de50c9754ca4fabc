package console

import (
	"net/http"

	"errand/engine/access"
)

// Groups of pages with the same permission. What a person sees of runs is restricted again where runs
// are read.
var (
	seesRuns  = access.Allow(access.Requester, access.Approver, access.Operator)
	seesFlows = access.Allow(access.Requester, access.Designer, access.Operator, access.Approver)
	operates  = access.Allow(access.Operator)
	starts    = access.Allow(access.Requester)
	admins    = access.Allow(access.Admin)
)

// pages are all addresses of the console.
var pages = []page{
	{method: http.MethodGet, pattern: "/{$}", name: "inbox", may: signedIn, show: showInbox},
	{method: http.MethodPost, pattern: "/retry", name: "retried", may: seesRuns, show: retrySeveral},

	{method: http.MethodGet, pattern: "/runs", name: "runs", may: seesRuns, show: showRuns},
	{method: http.MethodGet, pattern: "/find", may: seesRuns, show: find},
	{method: http.MethodGet, pattern: "/runs/{id}", name: "run", may: seesRuns, show: showRun},
	{method: http.MethodGet, pattern: "/runs/{id}/retry", name: "retry", may: seesRuns, show: showRetry},
	{method: http.MethodPost, pattern: "/runs/{id}/retry", name: "retry", may: seesRuns, show: retryRun},
	{method: http.MethodGet, pattern: "/runs/{id}/cancel", name: "cancel", may: seesRuns, show: showCancel},
	{method: http.MethodPost, pattern: "/runs/{id}/cancel", name: "cancel", may: seesRuns, show: cancelRun},
	{method: http.MethodGet, pattern: "/runs/{id}/test", may: seesRuns, show: downloadTest},
	{method: http.MethodGet, pattern: "/runs/{id}/whole/{what}", may: seesRuns, show: showWhole},
	{method: http.MethodGet, pattern: "/runs/{id}/questions/{step}", name: "question", may: seesRuns, show: showQuestion},
	{method: http.MethodPost, pattern: "/runs/{id}/questions/{step}", name: "question", may: seesRuns, show: decide},
	{method: http.MethodGet, pattern: "/requests/{id}", name: "request", may: seesRuns, show: showRequest},

	{method: http.MethodGet, pattern: "/workflows", name: "workflows", may: seesFlows, show: showWorkflows},
	{method: http.MethodGet, pattern: "/workflows/{name}", name: "workflow", may: seesFlows, show: showWorkflow},
	{method: http.MethodGet, pattern: "/workflows/{name}/start", name: "start", may: seesFlows, show: showStart},
	{method: http.MethodPost, pattern: "/workflows/{name}/plan", name: "plan", may: seesFlows, show: planStart},
	{method: http.MethodPost, pattern: "/workflows/{name}/start", name: "plan", may: starts, show: startRun},
	{method: http.MethodGet, pattern: "/history", name: "history", may: seesRuns, show: showHistory},

	{method: http.MethodGet, pattern: "/sign-in", name: "signin", may: everybody, show: showSignIn},
	{method: http.MethodPost, pattern: "/sign-in", name: "signin", may: everybody, show: signIn},
	{method: http.MethodPost, pattern: "/sign-in/provider", name: "onward", may: everybody, show: beginSignIn},
	{method: http.MethodGet, pattern: "/sign-in/callback", name: "onward", may: everybody, show: finishSignIn},
	{method: http.MethodPost, pattern: "/sign-out", may: everybody, show: signOut},

	{method: http.MethodGet, pattern: "/credentials", name: "credentials", may: admins, show: showCredentials},
	{method: http.MethodGet, pattern: "/tokens", name: "tokens", may: admins, show: showTokens},
	{method: http.MethodGet, pattern: "/audit", name: "audit", may: admins, show: showAudit},
	{method: http.MethodGet, pattern: "/sessions", name: "sessions", may: signedIn, show: showSessions},
	{method: http.MethodPost, pattern: "/sessions/{id}/end", may: signedIn, show: endOneSession},
	{method: http.MethodGet, pattern: "/about", name: "about", may: signedIn, show: showAbout},
	{method: http.MethodPost, pattern: "/about/check", may: admins, show: checkNow},

	{method: http.MethodGet, pattern: "/live", may: signedIn, show: streamChanges},
	{method: http.MethodGet, pattern: "/console.css", may: everybody, show: showStyle},
	{method: http.MethodGet, pattern: "/console.js", may: everybody, show: showScript},
	{method: http.MethodGet, pattern: "/icon.svg", may: everybody, show: showIcon},
}
