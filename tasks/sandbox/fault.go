package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A fault is a deliberate failure. The package comment describes how a world writes it.
type fault struct {
	system, action string
	kind           string
	after, left    int
	seen           int
	status         int
	code, message  string        // of an error
	effective      bool          // the request takes effect all the same
	late           time.Duration // how long after the answer it takes effect
}

// The kinds of faults, as a world writes them.
const (
	refuse      = "refuse"
	unavailable = "unavailable"
	throttle    = "throttle"
	lock        = "lock"
	errorIn200  = "error_in_200"
	accept      = "accept"
	failure     = "error"
	webPage     = "web_page"
	loseReply   = "lose_reply"
)

var faultKinds = []string{refuse, unavailable, throttle, lock, errorIn200, accept, failure, webPage, loseReply}

// doubtful are the kinds that do not prove that the request had no effect.
var doubtful = []string{unavailable, errorIn200, accept, failure, webPage, loseReply}

func readFault(v value) *fault {
	f := &fault{}
	if !v.object(append([]string{"system", "action", "after", "status", "message", "times", "takes_effect"}, faultKinds...)...) {
		return f
	}
	if !v.has("system") {
		v.problem("write ec2 or ism", `"system" is missing`)
	}
	f.system = v.at("system").oneOf("a system", "", "ec2", "ism")
	f.action = v.at("action").oneOf(strings.TrimSuffix("an action of "+f.system, " of "), "*", append([]string{"*"}, actionsOf(f.system)...)...)
	f.after = v.at("after").countOr(0, 0)
	if f.status = v.at("status").countOr(0, 0); v.has("status") && (f.status < 200 || f.status > 599) {
		v.at("status").problem("", "%d is not an HTTP status", f.status)
	}
	f.readKind(v)
	f.readEffect(v)
	return f
}

// readEffect reads whether the request takes effect all the same, and when.
func (f *fault) readEffect(v value) {
	f.effective = v.has("takes_effect") || f.kind == loseReply
	f.late = v.at("takes_effect").duration(0)
	if v.has("takes_effect") && f.kind != "" && !slices.Contains(doubtful, f.kind) {
		v.at("takes_effect").problem("", "only applies to %s", strings.Join(doubtful, ", "))
	}
}

func (f *fault) readKind(v value) {
	kinds := slices.DeleteFunc(slices.Clone(v.names), func(name string) bool { return !slices.Contains(faultKinds, name) })
	if len(kinds) != 1 {
		v.problem("write one of "+strings.Join(faultKinds, ", "), "a fault needs exactly one kind, this one has %d", len(kinds))
		return
	}
	f.kind = kinds[0]
	kind := v.at(f.kind)
	if only := map[string]string{throttle: "ec2", lock: "ism", errorIn200: "ism", accept: "ism"}[f.kind]; only != "" && f.system != "" && f.system != only {
		kind.problem("", "only applies to %s", only)
	}
	if f.kind == accept && (f.action == "*" || strings.HasPrefix(f.action, "GET ")) {
		kind.problem("name a change under action, such as PUT Ticket", "only applies to a change")
	}
	if v.has("status") && f.kind != failure && f.kind != lock {
		v.at("status").problem("", "only applies to error and lock")
	}
	if f.kind != failure {
		f.left = kind.countOr(1, 0)
		for _, name := range []string{"times", "message"} {
			if v.has(name) {
				v.at(name).problem("", "only applies to error")
			}
		}
		return
	}
	f.code, f.message, f.left = kind.string(), v.at("message").string(), v.at("times").countOr(1, 1)
	switch known := statusOf(f.code); {
	case kind.kind == "a string" && f.code == "":
		kind.problem("", "is empty")
	case f.system == "ism":
		if v.has("message") {
			v.at("message").problem("write the text under error", "an error of ISM has no separate message")
		}
		f.status = cmp.Or(f.status, http.StatusInternalServerError)
	case f.status == 0 && known == 0:
		kind.problem(suggestion(f.code, errorCodes())+" or give a status", "%q is not a known code", f.code)
	default:
		f.status = cmp.Or(f.status, known)
	}
}

// countOr reads a whole number that must be at least least. If it is absent, the result is preset.
func (v value) countOr(least, preset int) int {
	if v.kind == "" {
		return preset
	}
	return v.count(least)
}

// actionsOf returns the actions of a system that a fault can name.
func actionsOf(system string) []string {
	switch system {
	case "ec2":
		return ec2Actions()
	case "ism":
		return ismActions()
	}
	return append(ec2Actions(), ismActions()...)
}

// nextFault returns the fault that applies to this request, or nil. It counts the request.
func nextFault(faults []*fault, system, action string) *fault {
	var hit *fault
	for _, f := range faults {
		if f.system != system || f.action != "*" && f.action != action {
			continue
		}
		f.seen++
		if hit == nil && f.left > 0 && f.seen > f.after {
			f.left--
			hit = f
		}
	}
	return hit
}

// apply answers a call that the fault applies to.
func (f *fault) apply(c call) answer {
	page := func(status int, text, summary string) answer {
		body := "<html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>\n"
		return answer{status: status, kind: "text/html; charset=utf-8", body: []byte(body), summary: summary}
	}
	switch f.kind {
	case refuse:
		return answer{refused: true, summary: "connection refused"}
	case loseReply:
		return answer{lost: true, summary: "reply lost"}
	case unavailable:
		return page(http.StatusServiceUnavailable, "503 Service Unavailable", fmt.Sprint(http.StatusServiceUnavailable))
	case webPage:
		return page(http.StatusOK, "Please log in", "200 a web page")
	default:
		return c.fail(f)
	}
}
