package ism

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

const note = `{"ticket":"100-291","text":"Instance started.\n"}`

func worklogs(box *sandbox.Sandbox) []sandbox.Worklog { return box.State().Tickets[0].Worklogs }

func TestAddWorklog(t *testing.T) {
	d, box, seen := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("add_worklog", note))
	if out["reference"] != "[errand run1/worklog]" || out["result_message"] != "the worklog was added to ticket 100-291" {
		t.Errorf("got %v", out)
	}
	want := sandbox.Worklog{Type: "Update", Text: "[errand run1/worklog]\n\nInstance started.", ClientViewable: "false"}
	if added := worklogs(box); len(added) != 1 || added[0] != want {
		t.Errorf("added %+v, want %+v", added, want)
	}
	if len(*seen) != 1 {
		t.Errorf("requests %q", *seen)
	}
}

func TestAddWorklogTypeAndVisibility(t *testing.T) {
	d, box, _ := inSandbox(t, "")
	d.Run("add_worklog", `{"ticket":"100-291","text":"a","type":"Action Taken","client_viewable":true}`)
	d.Run("add_worklog", `{"ticket":"100-291","text":"b","client_viewable":false}`)
	d.Run("add_worklog", `{"ticket":"100-291","text":"c","client_viewable":null}`)
	added := worklogs(box)
	if len(added) != 3 || added[0].Type != "Action Taken" || added[0].ClientViewable != "true" || added[1].ClientViewable != "false" || added[2].ClientViewable != "false" {
		t.Errorf("added %+v", added)
	}
}

// The worklog is added exactly once, whatever fails.
func TestWorklogIsAddedOnce(t *testing.T) {
	cases := []struct {
		name, fault string
		posts       int
	}{
		{"the reply is lost", `{"system":"ism","action":"POST Worklog","lose_reply":1}`, 1},
		{"an answer that cannot be read", `{"system":"ism","action":"POST Worklog","error":"oops","status":500}`, 2},
		{"unavailable", `{"system":"ism","action":"POST Worklog","unavailable":2}`, 3},
		{"the record is locked", `{"system":"ism","action":"POST Worklog","lock":2}`, 3},
		{"the record is locked, under a good status", `{"system":"ism","action":"POST Worklog","lock":1,"status":200}`, 2},
		{"the connection is refused", `{"system":"ism","action":"POST Worklog","refuse":1}`, 2},
		{"the reply is lost, and that of the look too", `{"system":"ism","action":"POST Worklog","lose_reply":1},{"system":"ism","action":"GET Worklog","lose_reply":1}`, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, `"faults":[`+c.fault+`]`)
			tasktest.Outputs(t, d.Run("add_worklog", note))
			if added := worklogs(box); len(added) != 1 {
				t.Errorf("%d worklogs were added", len(added))
			}
			posts := tasktest.WithPrefix(*seen, "POST /csmconnector/Worklog")
			if len(posts) != c.posts {
				t.Errorf("%d posts, want %d", len(posts), c.posts)
			}
			for _, post := range posts {
				if post != posts[0] {
					t.Errorf("the posts differ: %q", posts)
				}
			}
		})
	}
}

func TestWorklogIsFoundOnAnyPage(t *testing.T) {
	page := func(from, n, total int, last string) tasktest.Answer {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"Text":"note %d"}`, from+i))
		}
		if last != "" {
			items[n-1] = `{"Text":` + last + `}`
		}
		count := ""
		if total > 0 {
			count = fmt.Sprintf(`,"totalCount":%d`, total)
		}
		return ok(`{"items":[` + strings.Join(items, ",") + `]` + count + `}`)
	}
	mine := `"[errand run1/worklog]\n\ndone"`
	cases := []struct {
		name    string
		pages   []tasktest.Answer
		posted  bool
		failure string
	}{
		{"on the first", []tasktest.Answer{page(0, 3, 3, mine)}, false, ""},
		{"on the third", []tasktest.Answer{page(0, 100, 201, ""), page(100, 100, 201, ""), page(200, 1, 201, mine)}, false, ""},
		{"on none", []tasktest.Answer{page(0, 100, 101, ""), page(100, 1, 101, ""), ok(`"Success"`)}, true, ""},
		{"without a count, an empty page is the last", []tasktest.Answer{page(0, 50, 0, ""), page(50, 7, 0, ""), page(57, 0, 0, ""), ok(`"Success"`)}, true, ""},
		{"without a count, on a page after a short one", []tasktest.Answer{page(0, 50, 0, ""), page(50, 7, 0, ""), page(57, 1, 0, mine)}, false, ""},
		{"with a count, pages are smaller than asked for", []tasktest.Answer{page(0, 50, 101, ""), page(50, 50, 101, ""), page(100, 1, 101, mine)}, false, ""},
		{"a list without an object around it", []tasktest.Answer{ok(`[{"Text":"a"}]`), ok(`[{"Text":` + mine + `}]`)}, false, ""},
		{"a list that ends before its count", []tasktest.Answer{page(0, 50, 101, ""), page(50, 0, 101, "")}, false, codeUnknown},
		{"pages that alternate tell nothing", []tasktest.Answer{page(0, 50, 0, ""), page(50, 50, 0, ""), page(0, 50, 0, "")}, false, codeUnknown},
		{"of another ticket", []tasktest.Answer{ok(`{"items":[{"TicketIdentifier":"777-7","Text":` + mine + `}],"totalCount":1}`), ok(`"Success"`)}, true, ""},
		{"of another step", []tasktest.Answer{ok(`{"items":[{"Text":"[errand run1/worklog2]"},{"Text":null},{}],"totalCount":3}`), ok(`"Success"`)}, true, ""},
		{"pages that are all alike tell nothing", []tasktest.Answer{page(0, 100, 500, "")}, false, codeUnknown},
		{"a list of another shape proves nothing", []tasktest.Answer{ok(`"Success"`)}, false, codeUnknown},
		{"a path that is not there proves nothing", []tasktest.Answer{{Status: 404, Body: `{"data":null,"error":"no resource"}`}}, false, codeUnknown},
		{"a filter that is refused proves nothing", []tasktest.Answer{{Status: 400, Body: `{"data":null,"error":"bad filter"}`}}, false, codeUnknown},
		{"a user who may not look", []tasktest.Answer{{Status: 403, Body: `{"data":null,"error":"no"}`}}, false, codeForbidden},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pages := c.pages
			if looks := len(pages) - 1; c.posted { // after two looks
				pages = slices.Concat(pages[:looks], pages)
			}
			d, s := scripted(t, pages...)
			d.Call.Recover = true
			reply := d.Run("add_worklog", note)
			last := s.Requests[len(s.Requests)-1]
			if posted := last.Method == "POST"; posted != c.posted {
				t.Errorf("the last request is %s %s", last.Method, last.URL)
			}
			first := s.Requests[0].URL
			if first.Query().Get("filter") != "TicketIdentifier eq '100-291'" || strings.Contains(first.RawQuery, "+") {
				t.Errorf("asked for %s", first)
			}
			if c.failure == "" {
				tasktest.Outputs(t, reply)
				return
			}
			if f := reply.Failure; f == nil || f.Code != c.failure || !f.Unknown || f.Transient {
				t.Errorf("got %+v, want %s, unknown and final", f, c.failure)
			}
		})
	}
}

func TestLongWorklogIsCutBelowItsReference(t *testing.T) {
	for _, length := range []int{32<<10 + 2, 1 << 20} {
		d, box, _ := inSandbox(t, "")
		long, err := json.Marshal(map[string]string{"ticket": "100-291", "text": strings.Repeat("é", length/2)})
		if err != nil {
			t.Fatal(err)
		}
		tasktest.Outputs(t, d.Run("add_worklog", string(long)))
		text := worklogs(box)[0].Text
		if len(text) > 32<<10+len("[errand run1/worklog]\n\n") || !utf8.ValidString(text) || !strings.HasPrefix(text, "[errand run1/worklog]\n\né") || !strings.Contains(text, "\n… cut: ") || !strings.HasSuffix(text, " more characters") {
			t.Errorf("%d bytes that begin with %q and end in %q", len(text), text[:30], text[len(text)-60:])
		}
	}
}

// The letters of every script and emoji stay as they are; what a terminal or a browser would obey
// does not.
func TestWorklogIsCleaned(t *testing.T) {
	d, box, _ := inSandbox(t, "")
	for input, want := range map[string]string{
		`می\u200cخواهم 👨\u200d👩\u200d👧`:  "می\u200cخواهم 👨\u200d👩\u200d👧",
		`pay\u202egnp.exe \u001b[31mred`: "paygnp.exe [31mred",
		`a\r\nb\u0000`:                   "a\nb",
	} {
		tasktest.Outputs(t, d.Run("add_worklog", `{"ticket":"100-291","text":"`+input+`"}`))
		added := worklogs(box)
		if got := added[len(added)-1].Text; got != "[errand run1/worklog]\n\n"+want {
			t.Errorf("added %q, want %q", got, want)
		}
	}
}

func TestQuotesInAFilterAreDoubled(t *testing.T) {
	if got := equals("A", "it's"); got != "A eq 'it''s'" {
		t.Errorf("got %s", got)
	}
}

func TestWorklogThatJustFitsIsNotCut(t *testing.T) {
	reference := "[errand run1/worklog]"
	body := strings.Repeat("x", task.TextLimit)
	if got := withReference(body, reference); got != reference+"\n\n"+body {
		t.Errorf("%d bytes that begin with %q", len(got), got[:60])
	}
}
