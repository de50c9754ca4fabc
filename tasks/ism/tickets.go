package ism

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// A ticketDesk reads tickets for intake, with one request at a time.
type ticketDesk struct {
	*system
	turn chan struct{} // full during a request
}

func newDesk(s *system) *ticketDesk { return &ticketDesk{system: s, turn: make(chan struct{}, 1)} }

// Tickets implements task.Desk. Assumed: a list of tickets can be ordered by LastModTimestamp, and
// filtered by it as a number.
func (d *ticketDesk) Tickets(ctx context.Context, credential string, q task.TicketQuery) (task.TicketPage, error) {
	session, done, err := d.begin(ctx, credential)
	if err != nil {
		return task.TicketPage{}, err
	}
	defer done()
	for size := pageSize; ; size = max(size/4, 1) {
		data, err := session.read(ctx, session.paths.Tickets, url.Values{
			"filter": {ticketFilter(q)}, "$orderby": {"LastModTimestamp asc"},
			"$skip": {strconv.Itoa(q.Skip)}, "$top": {strconv.Itoa(size)}, "$inlinecount": {"allpages"}, "$format": {"json"},
		})
		if f, ok := errors.AsType[*task.Failure](err); ok && f.Code == codeTooLong && size > 1 {
			continue
		}
		if err != nil {
			return task.TicketPage{}, err
		}
		rows, total, ok := pageOf(data)
		if !ok {
			return task.TicketPage{}, &task.Failure{Code: codeError, Message: "ISM's answer is not a list of tickets", Status: 200}
		}
		return ticketPage(q, rows, total), nil
	}
}

// ticketFilter returns the filter of a query.
func ticketFilter(q task.TicketQuery) string {
	var statuses []string
	for _, status := range q.Statuses {
		statuses = append(statuses, equals("NonTranslatedTicketStatus", status))
	}
	filter := "(" + strings.Join(statuses, " or ") + ")"
	if !q.Since.IsZero() {
		filter += " and LastModTimestamp ge " + strconv.FormatInt(q.Since.Unix(), 10)
	}
	return filter
}

// ticketPage returns a page. It leaves out tickets with another status: a server that does not know
// a filter may ignore it.
func ticketPage(q task.TicketQuery, rows []json.RawMessage, total int) task.TicketPage {
	page := task.TicketPage{Rows: len(rows), More: len(rows) > 0 && (total < 0 || q.Skip+len(rows) < total)}
	for _, row := range rows {
		var t ticket
		switch {
		case json.Unmarshal(row, &t) != nil || t.TicketIdentifier == "" || t.status() == "":
			page.Unread++
		case slices.ContainsFunc(q.Statuses, func(want string) bool { return strings.EqualFold(want, t.status()) }):
			page.Tickets = append(page.Tickets, task.Ticket{ID: string(t.TicketIdentifier), Changed: t.LastModTimestamp.time(), Data: row})
		}
	}
	return page
}

// time returns the time of a number of seconds since 1970, or zero.
func (t text) time() time.Time {
	if n := t.number(); n != nil && *n > 0 {
		return time.Unix(int64(*n), 0).UTC()
	}
	return time.Time{}
}

// Requesters implements task.Desk.
func (d *ticketDesk) Requesters(ctx context.Context, credential, request string) ([]string, error) {
	if b := ticketRule.Breach(map[string]json.RawMessage{"ticket": schema.Encode(request)}); b != nil {
		return nil, nil // it is not a ticket of ISM
	}
	session, done, err := d.begin(ctx, credential)
	if err != nil {
		return nil, err
	}
	defer done()
	t, _, err := session.ticket(ctx, request)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range []text{t.RequesterUserName, t.RequestedForUserName} {
		if one := strings.TrimSpace(string(name)); one != "" && !slices.Contains(names, one) {
			names = append(names, one)
		}
	}
	return names, nil
}

// begin waits for the request before, and returns a session.
func (d *ticketDesk) begin(ctx context.Context, credential string) (s *session, done func(), err error) {
	a, err := d.access(ctx, credential)
	if err != nil {
		return nil, nil, err
	}
	select {
	case d.turn <- struct{}{}:
		return d.session(a), func() { <-d.turn }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}
