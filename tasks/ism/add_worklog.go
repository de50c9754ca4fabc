package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"errand/engine/task"
)

type worklogInput struct {
	Ticket         string `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
	Text           string `json:"text" title:"Text" required:"true" doc:"The text of the worklog. A line that names the run and the step is added, so that the worklog can be found again. At most 32 KiB in total; a longer text is shortened, and says so."`
	Type           string `json:"type" title:"Type" default:"Update" doc:"The type of the worklog, such as Update."`
	ClientViewable *bool  `json:"client_viewable" title:"Client Viewable" doc:"Whether the requester can see the worklog. If unset, ISM decides."`
}

type worklogOutput struct {
	Reference string `json:"reference" title:"Reference" doc:"The line that was added to the text, which identifies the worklog."`
	ticket    string
}

// Summary names the ticket.
func (o worklogOutput) Summary() string { return "the worklog was added to ticket " + o.ticket }

// A worklog is sent with text values only, including the boolean.
type worklog struct {
	Text             string
	TicketIdentifier string
	WorklogType      string
	ClientViewable   string `json:",omitempty"`
}

// addWorklog adds a worklog. If the request were simply repeated, ISM would add a second worklog
// and may send mail twice. If the outcome is unknown, the ticket's worklogs are first searched for
// the reference.
func addWorklog(s *system) task.Type {
	return task.Define("ism.add_worklog", "Adds a worklog to a service request.", task.Evident,
		func(ctx context.Context, call task.Call, in worklogInput) (worklogOutput, error) {
			out := worklogOutput{call.Reference(), in.Ticket}
			if err := checkTicket(in.Ticket); err != nil {
				return out, err
			}
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
			entry := worklog{Text: withReference(in.Text, out.Reference), TicketIdentifier: in.Ticket, WorklogType: cmp.Or(in.Type, "Update")}
			if in.ClientViewable != nil {
				entry.ClientViewable = strconv.FormatBool(*in.ClientViewable)
			}
			_, err = session.send(ctx, http.MethodPost, session.paths.Worklog, entry)
			return out, err
		}).WithChange(task.Change{Verb: task.Changes, What: "ticket {ticket}", Done: "worklog added"}, readWorklogs, addWorklogs)
}

// withReference adds the reference below a text, after an empty line. It shortens the text if both
// together are too long.
func withReference(body, reference string) string {
	const limit, lastLine = 32 << 10, 64
	body = strings.TrimRight(body, " \n")
	tail := "\n\n" + reference
	if len(body)+len(tail) > limit {
		end := max(0, limit-len(tail)-lastLine)
		for end > 0 && !utf8.RuneStart(body[end]) {
			end--
		}
		body = fmt.Sprintf("%s\n… cut: %d more characters", strings.TrimRight(body[:end], " \n"), utf8.RuneCountInString(body[end:]))
	}
	return body + tail
}

const (
	pageSize = 100
	maxPages = 100
)

// hasWorklog reports whether one of a ticket's worklogs contains the reference. It reads page by
// page.
func (s *session) hasWorklog(ctx context.Context, identifier, reference string) (bool, error) {
	var before string
	for page, seen := 0, 0; page < maxPages; page++ {
		data, err := s.read(ctx, s.paths.Worklogs, url.Values{
			"filter": {equals("TicketIdentifier", identifier)},
			"$skip":  {strconv.Itoa(seen)}, "$top": {strconv.Itoa(pageSize)}, "$inlinecount": {"allpages"}, "$format": {"json"},
		})
		if f, ok := errors.AsType[*task.Failure](err); ok && f.Status >= 400 && f.Status < 500 && !f.Transient && f.Code != codeForbidden {
			return false, cannotTell("ISM did not list the worklogs: " + f.Message)
		}
		if err != nil {
			return false, err
		}
		var list struct {
			Items      []struct{ Text text }
			TotalCount *json.Number
		}
		if err := json.Unmarshal(data, &list); err != nil || list.Items == nil {
			return false, cannotTell("ISM's list of worklogs cannot be read")
		}
		for _, item := range list.Items {
			if strings.Contains(string(item.Text), reference) {
				return true, nil
			}
		}
		seen += len(list.Items)
		total, counted := -1, false
		if list.TotalCount != nil {
			n, err := strconv.Atoi(list.TotalCount.String())
			total, counted = n, err == nil
		}
		if len(list.Items) == 0 || counted && seen >= total || !counted && len(list.Items) < pageSize {
			return false, nil
		}
		if string(data) == before {
			return false, cannotTell("ISM returns the same page of worklogs again and again")
		}
		before = string(data)
	}
	return false, cannotTell("the ticket has too many worklogs to search")
}

func cannotTell(why string) error {
	return &task.Failure{Code: codeUnknown, Message: "it cannot be found out whether the worklog was added: " + why}
}

// equals returns a filter on one attribute. Quotes are doubled, as OData requires.
func equals(attribute, value string) string {
	return attribute + " eq '" + strings.ReplaceAll(value, "'", "''") + "'"
}
