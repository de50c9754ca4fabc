package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"errand/engine/task"
)

type worklogInput struct {
	Ticket         string `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
	Text           string `json:"text" title:"Text" required:"true" doc:"The text of the worklog. A line that names the run and the step is put above it, so that the worklog can be found again. Control characters and changes of direction are removed. At most 32 KiB of it are sent; a longer text is shortened, and says so."`
	Type           string `json:"type" title:"Type" default:"Update" doc:"The type of the worklog, such as Update."`
	ClientViewable bool   `json:"client_viewable" title:"Client Viewable" doc:"Whether the requester can see the worklog, and is sent it by mail. If unset, it is false."`
}

type worklogOutput struct {
	Reference string `json:"reference" title:"Reference" doc:"The first line of the worklog, which identifies it."`
	ticket    string
}

// Summary names the ticket.
func (o worklogOutput) Summary() string { return "the worklog was added to ticket " + o.ticket }

// A worklog is sent with text values only, including the boolean. The boolean is always sent: it is
// not documented who sees a worklog without it.
type worklog struct {
	Text             string
	TicketIdentifier string
	WorklogType      string
	ClientViewable   string
}

// addWorklog adds a worklog. If the request were simply repeated, ISM would add a second worklog
// and may send mail twice. If the outcome is unknown, the ticket's worklogs are first searched for
// the reference.
func addWorklog(s *system) task.Type {
	return task.Define("ism.add_worklog", "Adds a worklog to a service request.", task.Evident,
		func(ctx context.Context, call task.Call, in worklogInput) (worklogOutput, error) {
			out := worklogOutput{call.Reference(), in.Ticket}
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			if call.Recover {
				return task.LookFor(call, session.evidenceDelay, func() (worklogOutput, bool, error) {
					added, err := session.hasWorklog(ctx, in.Ticket, out.Reference)
					return out, added, err
				})
			}
			entry := worklog{
				Text: withReference(in.Text, out.Reference), TicketIdentifier: in.Ticket, WorklogType: cmp.Or(in.Type, "Update"),
				ClientViewable: strconv.FormatBool(in.ClientViewable),
			}
			data, err := session.send(ctx, http.MethodPost, session.paths.Worklog, entry)
			if err == nil {
				err = checkAbout(in.Ticket, data)
			}
			return out, err
		}).WithChange(task.Change{Verb: task.Changes, What: "ticket {ticket}", Done: "worklog added"}, readWorklogs, addWorklogs).WithRules(ticketRule, task.Shortens(task.TextLimit, "text"))
}

// withReference puts the reference above a text, before an empty line. There it survives a store
// that cuts long texts. The text is cleaned and cut as worklog.format does it, so that a formatted
// text stays as it is.
func withReference(body, reference string) string {
	return reference + "\n\n" + task.CutText(task.CleanText(body))
}

// hasWorklog reports whether one of a ticket's worklogs is the one with the reference.
func (s *session) hasWorklog(ctx context.Context, identifier, reference string) (bool, error) {
	damaged := false
	added, err := s.search(ctx, s.paths.Worklogs, equals("TicketIdentifier", identifier), func(row json.RawMessage) bool {
		var entry struct{ Text, TicketIdentifier text }
		if json.Unmarshal(row, &entry) != nil || entry.TicketIdentifier != "" && !isStoredAs(identifier, string(entry.TicketIdentifier)) {
			return false
		}
		found, cut := bearsReference(string(entry.Text), reference)
		damaged = damaged || cut
		return found
	})
	f, failed := errors.AsType[*task.Failure](err)
	switch {
	case failed && f.Status >= 400 && f.Status < 500 && !f.Transient && f.Code != codeForbidden:
		unknown := cannotTell("ISM did not list the worklogs: " + f.Message)
		unknown.Details = f.Details
		return false, unknown
	case err == nil && !added && damaged:
		return false, cannotTell("ISM cut a worklog within its reference")
	}
	return added, err
}

// bearsReference reports whether a stored worklog was added with a reference: its text begins with
// it. A worklog that quotes the reference elsewhere was not. cut reports whether the text ends
// within the reference, so that it may be the one.
//
// Earlier versions put the reference below the text, where it stands as they wrote it or not at
// all.
func bearsReference(stored, reference string) (found, cut bool) {
	if strings.HasSuffix(stored, "\n\n"+reference) {
		return true, false
	}
	stored, reference = plain(stored), plain(reference)
	return strings.HasPrefix(stored, reference), stored != "" && stored != reference && strings.HasPrefix(reference, stored)
}

// equals returns a filter on one attribute. Quotes are doubled, as OData requires.
func equals(attribute, value string) string {
	return attribute + " eq '" + strings.ReplaceAll(value, "'", "''") + "'"
}
