package ism

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// shown shows a page in one line.
func shown(p task.TicketPage) string {
	var ids []string
	for _, t := range p.Tickets {
		ids = append(ids, fmt.Sprint(t.ID, "@", max(t.Changed.Unix(), 0)))
	}
	return fmt.Sprintf("%s of %d rows, %d unread, more %t", strings.Join(ids, " "), p.Rows, p.Unread, p.More)
}

// A page of tickets, as desks may answer.
func TestTickets(t *testing.T) {
	row := func(id, status, changed string) string {
		return `{"TicketIdentifier":"` + id + `","NonTranslatedTicketStatus":"` + status + `","LastModTimestamp":` + changed + `}`
	}
	page := func(total string, rows ...string) tasktest.Answer {
		return ok(`{"items":[` + strings.Join(rows, ",") + `]` + total + `}`)
	}
	query := task.TicketQuery{Statuses: []string{"New", "O'Brien"}, Since: time.Unix(1772442000, 999), Skip: 2}
	for _, c := range []struct {
		name    string
		answers []tasktest.Answer
		want    string // the page, or the code of the failure
	}{
		{"rows", []tasktest.Answer{page(`,"totalCount":"9"`, row("100-1", "New", `"1772442001"`), row("100-2", "New", `1772442002`))}, "100-1@1772442001 100-2@1772442002 of 2 rows, 0 unread, more true"},
		{"the last ones", []tasktest.Answer{page(`,"totalCount":3`, row("100-1", "New", `"1772442001.5"`))}, "100-1@1772442001 of 1 rows, 0 unread, more false"},
		{"no total", []tasktest.Answer{page(``, row("100-1", "New", `"soon"`))}, "100-1@0 of 1 rows, 0 unread, more true"},
		{"a time that is none", []tasktest.Answer{page(``, row("100-1", "New", `-1`), row("100-2", "New", `null`))}, "100-1@0 100-2@0 of 2 rows, 0 unread, more true"},
		{"none", []tasktest.Answer{page(`,"totalCount":0`)}, " of 0 rows, 0 unread, more false"},
		{"a list that ends too early", []tasktest.Answer{page(`,"totalCount":9`)}, " of 0 rows, 0 unread, more false"},
		{"a list without an object around it", []tasktest.Answer{ok(`[` + row("100-1", "New", `1`) + `]`)}, "100-1@1 of 1 rows, 0 unread, more true"},
		{"a server that ignores the filter", []tasktest.Answer{page(``, row("100-1", "Closed", `1`), row("100-2", "New", `1`))}, "100-2@1 of 2 rows, 0 unread, more true"},
		{"rows that are no tickets", []tasktest.Answer{page(``, `{}`, `7`, `null`, row("", "New", `1`), row("100-2", "New", `1`))}, "100-2@1 of 5 rows, 4 unread, more true"},
		{"a page that is too long", []tasktest.Answer{{Status: 200, Body: strings.Repeat(" ", answerLimit+1)}, page(``, row("100-2", "New", `1`))}, "100-2@1 of 1 rows, 0 unread, more true"},
		{"something else", []tasktest.Answer{ok(`"Success"`)}, codeError},
		{"a refusal", []tasktest.Answer{{Status: 403, Body: `{"data":null,"error":"no"}`}}, codeForbidden},
		{"a failure", []tasktest.Answer{{Status: 502, Body: `<html>`}}, "http_502"},
		{"a log-in page", []tasktest.Answer{{Status: 200, Body: `<html><title>Log in</title>`}}, task.CodeNoReply},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, c.answers...)
			p, err := d.Connector.Desk.Tickets(t.Context(), "default", query)
			got := shown(p)
			if f, ok := errors.AsType[*task.Failure](err); ok {
				got = f.Code
				d.CheckSecrets(f.ForOperators())
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			sizes := []string{"100", "25"}
			for i, r := range s.Requests {
				q := r.URL.Query()
				if r.Method != "GET" || r.URL.Path != "/csmconnector/Ticket" || q.Get("$orderby") != "LastModTimestamp asc" || q.Get("$skip") != "2" || q.Get("$top") != sizes[i] ||
					q.Get("filter") != "(NonTranslatedTicketStatus eq 'New' or NonTranslatedTicketStatus eq 'O''Brien') and LastModTimestamp ge 1772442000" {
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
			}
		})
	}
}

// The sandbox knows the list that intake asks for.
func TestTicketsOfTheSandbox(t *testing.T) {
	d, box, seen := inWorld(t, `{"tickets":[{"id":"100-1"},{"id":"100-2","status":"Queued"},{"id":"100-3","status":"Closed"}]}`)
	at := d.Clock().Unix()
	all := task.TicketQuery{Statuses: []string{"New", "Queued"}}
	p, err := d.Connector.Desk.Tickets(t.Context(), "default", all)
	if got, want := shown(p), fmt.Sprintf("100-1@%d 100-2@%[1]d of 2 rows, 0 unread, more false", at); got != want || err != nil {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if !json.Valid(p.Tickets[0].Data) || !strings.Contains(string(p.Tickets[0].Data), `"TypeName":"Service Request"`) {
		t.Errorf("the ticket is %s", p.Tickets[0].Data)
	}
	d.Advance(10 * time.Second)
	if err := box.EditTicket("100-1", map[string]any{"Priority": "High"}); err != nil {
		t.Fatal(err)
	}
	all.Since = time.Unix(at+1, 0)
	p, err = d.Connector.Desk.Tickets(t.Context(), "default", all)
	if got, want := shown(p), fmt.Sprintf("100-1@%d of 1 rows, 0 unread, more false", at+10); got != want || err != nil {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if len(*seen) != 2 {
		t.Errorf("asked %q", *seen)
	}
}

// The persons whom a ticket names are its requester and the one for whom it is.
func TestRequesters(t *testing.T) {
	for _, c := range []struct {
		name, ticket string
		want         []string
	}{
		{"both", `"RequesterUserName":"dana","RequestedForUserName":" kim "`, []string{"dana", "kim"}},
		{"the same", `"RequesterUserName":"dana","RequestedForUserName":"dana"`, []string{"dana"}},
		{"one", `"RequesterUserName":"","RequestedForUserName":"kim"`, []string{"kim"}},
		{"nobody", `"RequesterUserName":null`, nil},
	} {
		d, _ := scripted(t, ok(`{"TicketIdentifier":"100-291","TicketStatus":"New",`+c.ticket+`}`))
		got, err := d.Connector.Desk.Requesters(t.Context(), "default", "100-291")
		if !slices.Equal(got, c.want) || err != nil {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	d, _ := scripted(t, ok(`{"TicketIdentifier":"100-9","TicketStatus":"New","RequesterUserName":"dana"}`))
	if got, err := d.Connector.Desk.Requesters(t.Context(), "default", "100-291"); err == nil {
		t.Errorf("an answer about another ticket: %q", got)
	}
	d, s := scripted(t)
	if got, err := d.Connector.Desk.Requesters(t.Context(), "default", " "); err != nil || got != nil || len(s.Requests) > 0 {
		t.Errorf("a request that is no ticket: %q, %v", got, err)
	}
}

// A slowTransport answers when it is told to.
type slowTransport struct {
	at, most atomic.Int32
	release  chan struct{}
}

func (s *slowTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	s.most.Store(max(s.most.Load(), s.at.Add(1)))
	defer s.at.Add(-1)
	select {
	case <-s.release:
	case <-r.Context().Done():
	}
	return nil, r.Context().Err()
}

// The desk gets one request at a time. One that waits for its turn ends with its context.
func TestOneDeskCallAtATime(t *testing.T) {
	slow := &slowTransport{release: make(chan struct{})}
	d := at(t, nowhere, slow)
	first, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := d.Connector.Desk.Tickets(first, "default", task.TicketQuery{Statuses: []string{"New"}})
		done <- err
	}()
	for slow.at.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	second, end := context.WithCancel(t.Context())
	end()
	if _, err := d.Connector.Desk.Requesters(second, "default", "100-291"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("the first call succeeded")
	}
	if slow.most.Load() != 1 {
		t.Errorf("%d requests at a time", slow.most.Load())
	}
}
