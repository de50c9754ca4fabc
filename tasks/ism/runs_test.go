package ism

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"errand/tasks/tasktest"
)

// The runs that wrote to a ticket are found on all pages, however short the server's pages are.
func TestRunsOfARequest(t *testing.T) {
	page := func(texts ...string) tasktest.Answer {
		var items []string
		for _, text := range texts {
			items = append(items, fmt.Sprintf(`{"Text":%q}`, text))
		}
		return ok(`{"items":[` + strings.Join(items, ",") + `]}`)
	}
	for _, c := range []struct {
		name  string
		pages []tasktest.Answer
		want  []string
		fails bool
	}{
		{"none", []tasktest.Answer{page()}, nil, false},
		{"several, each once", []tasktest.Answer{page("[errand a/worklog]\n\ndone", "by hand", "note [errand b/x]"), page("[errand a/close]"), page("[errand c/y]"), page()}, []string{"a", "b", "c"}, false},
		{"the list is refused", []tasktest.Answer{{Status: 403, Body: `{"data":null,"error":"no"}`}}, nil, true},
		{"the list is something else", []tasktest.Answer{ok(`"Success"`)}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, c.pages...)
			got, err := d.Connector.Runs(t.Context(), "default", "100-291")
			if !slices.Equal(got, c.want) || (err != nil) != c.fails {
				t.Errorf("got %q, %v", got, err)
			}
			if len(s.Requests) != len(c.pages) {
				t.Errorf("%d requests, expected %d", len(s.Requests), len(c.pages))
			}
			for _, r := range s.Requests {
				if r.Method != "GET" || r.URL.Query().Get("filter") != "TicketIdentifier eq '100-291'" {
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
			}
		})
	}
	d, s := scripted(t)
	if got, err := d.Connector.Runs(t.Context(), "default", " "); err != nil || got != nil || len(s.Requests) > 0 {
		t.Errorf("a request that is no ticket: %q, %v, %d requests", got, err, len(s.Requests))
	}
}
