package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"errand/engine"
	"errand/engine/access"
)

// Actions of the console in the audit log. The others are those of the HTTP interface and of commands.
const (
	actionSessionBegin = "session.begin"
	actionSessionEnd   = "session.end"
)

// actionWords say what somebody set out to do. Requests that only read are on record if a role refused
// them.
var actionWords = map[string]string{
	"run.start":              "start a run",
	"run.list":               "list runs",
	"run.show":               "read a run",
	"run.events":             "follow a run",
	"run.cancel":             "cancel a run",
	"run.resolve":            "say what became of a step",
	"run.approve":            "approve or reject",
	"run.retry":              "let a run go on that failed",
	"question.list":          "list questions",
	"workflow.list":          "list workflows",
	"workflow.show":          "read a workflow",
	"workflow.plan":          "plan a run",
	"hook.receive":           "send a message of a webhook",
	"audit.list":             "read the audit log",
	"openapi.show":           "read the description of the HTTP interface",
	"metrics":                "read the metrics",
	"health":                 "ask whether the service answers",
	"ready":                  "ask whether the service is ready",
	actionSessionBegin:       "sign in",
	actionSessionEnd:         "end a session",
	access.ActionTokenAdd:    "make a token",
	access.ActionTokenRevoke: "revoke a token",
	access.ActionPause:       "pause a workflow or the intake",
	access.ActionUnpause:     "end a pause",
	access.ActionRotate:      "make a new key of the credentials",
}

// An auditPage shows entries of the audit log, the newest first.
type auditPage struct {
	frame
	Entries     []auditRow
	Last        int64 // the number of the last entry of the log
	Who, Action string
	Actions     []string
	Back        int64  // if not 0, no entry before this one was looked at
	Older       string // the address of the next page; "" if this is the last one
	Newest      string // the address of the first page; "" if this is it
}

// An auditRow is an entry in the table.
type auditRow struct {
	access.Entry
	Words string // what the action is
	Short string // the first digits of the hash
}

const (
	entriesOnAPage = 50
	// mostEntries is how many entries a page looks at to find those that are asked for.
	mostEntries = 5000
)

// showAudit shows the newest entries, or those before ?before=NUMBER; ?who= and ?action= choose among them.
func showAudit(c *Console, v *visit) error {
	asked := v.request.URL.Query()
	last, err := c.Audit.Length(v.context())
	if err != nil {
		return troubled("reading the audit log", err)
	}
	p := auditPage{frame: c.frame(v, "Audit log"), Last: last, Who: strings.TrimSpace(asked.Get("who")), Action: asked.Get("action")}
	for action := range actionWords {
		p.Actions = append(p.Actions, action)
	}
	slices.Sort(p.Actions)
	before, err := strconv.ParseInt(asked.Get("before"), 10, 64)
	if err != nil || before < 1 || before > last {
		before = last + 1
	}
	if before <= last {
		p.Newest = auditHref(asked, 0)
	}
	entries, rest, err := c.entriesBefore(v.context(), before, p.isAsked)
	if err != nil {
		return troubled("reading the audit log", err)
	}
	for _, e := range entries {
		words := actionWords[e.Action]
		if words == "" {
			words = e.Action
		}
		p.Entries = append(p.Entries, auditRow{e, words, e.Hash[:min(12, len(e.Hash))]})
	}
	if rest > 1 {
		p.Older = auditHref(asked, rest)
		if len(entries) < entriesOnAPage {
			p.Back = rest
		}
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// isAsked reports whether a page shows an entry: of the person or the token that is asked for, if any,
// and with the action.
func (p *auditPage) isAsked(e access.Entry) bool {
	isWho := p.Who == "" || engine.SameName(p.Who, e.Person) || engine.SameName(p.Who, e.Token)
	return isWho && (p.Action == "" || p.Action == e.Action)
}

// entriesBefore returns the newest entries before a number that a page shows, the newest first, and the
// number before which the next page begins; 1 if there is none.
func (c *Console) entriesBefore(ctx context.Context, before int64, isAsked func(access.Entry) bool) (found []access.Entry, rest int64, err error) {
	for looked := 0; before > 1 && looked < mostEntries; {
		after := max(0, before-1-entriesOnAPage)
		some, err := c.Audit.Entries(ctx, after, int(before-1-after))
		if err != nil {
			return nil, 0, err
		}
		for i := len(some) - 1; i >= 0; i-- {
			if !isAsked(some[i]) {
				continue
			}
			found = append(found, some[i])
			if len(found) == entriesOnAPage {
				return found, some[i].Seq, nil
			}
		}
		before, looked = after+1, looked+entriesOnAPage
	}
	return found, before, nil
}

// auditHref returns the address of the page with what is asked for and the entries before a number; 0
// means the newest.
func auditHref(asked url.Values, before int64) string {
	query := url.Values{}
	for _, name := range []string{"who", "action"} {
		if asked.Get(name) != "" {
			query.Set(name, asked.Get(name))
		}
	}
	if before > 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	return (&url.URL{Path: "/audit", RawQuery: query.Encode()}).String()
}
