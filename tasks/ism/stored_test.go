package ism

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// changes are what a store does to a text.
var changes = map[string]func(string) string{
	"entities":         html.EscapeString,
	"entities, twice":  func(s string) string { return html.EscapeString(html.EscapeString(s)) },
	"slashes":          func(s string) string { return strings.ReplaceAll(s, "/", "&#x2F;") },
	"slashes, twice":   func(s string) string { return strings.ReplaceAll(s, "/", "&amp;#x2F;") },
	"no-break blanks":  func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") },
	"&nbsp;":           func(s string) string { return strings.ReplaceAll(s, " ", "&nbsp;") },
	"one line":         func(s string) string { return strings.ReplaceAll(s, "\n", " ") },
	"CR LF":            func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"blanks collapsed": func(s string) string { return strings.Join(strings.Fields(s), " ") },
	"blanks around it": func(s string) string { return "  \n" + s + "\n\n " },
	"cut":              func(s string) string { return s[:min(len(s), 40)] },
}

const changedText = `lamp & "fan" <hall 4/5>,  all floors: everything was changed`

// A worklog is found however the store changed its text.
func TestReferenceIsFoundInChangedText(t *testing.T) {
	const reference = "[errand run1/each[0].work log]"
	sent := withReference(changedText+"\n\nsecond", reference)
	for name, change := range changes {
		if found, _ := bearsReference(change(sent), reference); !found {
			t.Errorf("%s: not found in %q", name, change(sent))
		}
	}
	for _, c := range []struct {
		name, stored string
		found, cut   bool
	}{
		{"as an earlier version wrote it", "done\n\n" + reference, true, false},
		{"quoted", "see " + reference, false, false},
		{"quoted in a line", "see\n" + reference + "\nand so on", false, false},
		{"a reply above", "> " + sent, false, false},
		{"of another step", "[errand run1/each[0].work log2]\n\na", false, false},
		{"of another round", "[errand run1/each[0].work log#1]\n\na", false, false},
		{"in other letters", strings.ToUpper(sent), false, false},
		{"cut within it", "[errand run1/ea", false, true},
		{"empty", "", false, false},
	} {
		if found, cut := bearsReference(c.stored, reference); found != c.found || cut != c.cut {
			t.Errorf("%s: found %v, cut %v", c.name, found, cut)
		}
	}
}

// The name of an asset is compared as the store changed it, and a shorter name is another one.
func TestNamesAreComparedAsStored(t *testing.T) {
	for name, change := range changes {
		if a := (asset{"Name": text(change(changedText))}); a.hasOtherName(changedText) {
			t.Errorf("%s: %q is another name", name, a["Name"])
		}
	}
	for stored, other := range map[string]bool{"web-12": false, "web-1": true, "WEB-12": true, "web-123": true, "": false} {
		if a := (asset{"Name": text(stored)}); a.hasOtherName("web-12") != other {
			t.Errorf("%q is another name: %v", stored, !other)
		}
	}
}

// A changing transport changes the texts in the answers to reads, as a store does. If page is not
// 0, it sends pages of this size, without a total.
type changing struct {
	box    http.RoundTripper
	change func(string) string
	page   int
}

func (c changing) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	if r.Method == http.MethodGet && c.page > 0 && query.Has("$top") {
		query.Set("$top", fmt.Sprint(c.page))
		query.Set("$inlinecount", "none")
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
	}
	answer, err := c.box.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet {
		return answer, err
	}
	var all any
	if err := json.NewDecoder(answer.Body).Decode(&all); err != nil {
		return nil, err
	}
	body, err := json.Marshal(c.walk("", all))
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

func (c changing) walk(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = c.walk(k, v[k])
		}
	case []any:
		for i := range v {
			v[i] = c.walk(name, v[i])
		}
	case string:
		switch name {
		case "Text", "Name", "CIName", "ConfigurationItemIdentifier", "RelationshipType":
			return c.change(v)
		}
	}
	return v
}

// A reply is lost, the store has changed the texts, and the list comes in small pages without a
// total: one effect all the same.
func TestEvidenceIsFoundAsStored(t *testing.T) {
	worklogs := `{"type":"Update","text":"older"},`
	world := strings.Replace(strings.TrimSpace(string(sandbox.DefaultWorld())), `"tickets"`, `"faults":[{"system":"ism","action":"POST Worklog","lose_reply":1},{"system":"ism","action":"POST ConfigurationItem","lose_reply":1},`+
		`{"system":"ism","action":"POST Ticket/ConfigurationItem","lose_reply":1}],"tickets"`, 1)
	world = strings.Replace(world, `"id": "100-291",`, `"id": "100-291","worklogs":[`+strings.TrimSuffix(strings.Repeat(worklogs, 7), ",")+`],`, 1)
	for name, change := range changes {
		for _, page := range []int{0, 1, 3, 5} {
			t.Run(fmt.Sprintf("%s, pages of %d", name, page), func(t *testing.T) {
				d := newDriver(t, task.Environment{})
				box, err := sandbox.New([]byte(world), d.Clock)
				if err != nil {
					t.Fatal(err)
				}
				d.Connector = at(t, sandbox.ISMURL, changing{box.Transport(), change, page}).Connector
				const identifier = "rack 4"
				run := func(typ string, input map[string]any) {
					data, err := json.Marshal(input)
					if err != nil {
						t.Fatal(err)
					}
					tasktest.Outputs(t, d.Run(typ, string(data)))
				}
				run("add_worklog", map[string]any{"ticket": "100-291", "text": changedText})
				run("create_asset", map[string]any{"identifier": identifier, "name": changedText})
				run("relate_asset", map[string]any{"ticket": "100-291", "identifier": identifier, "relationship": "Affected by it"})
				state := box.State()
				if n := len(state.Tickets[0].Worklogs); n != 8 {
					t.Errorf("%d worklogs were added", n-7)
				}
				if len(state.Assets) != 2 || len(state.Tickets[0].Related) != 1 {
					t.Errorf("%d assets, %d relations", len(state.Assets)-1, len(state.Tickets[0].Related))
				}
			})
		}
	}
}

// A ticket that does not say what it is related to proves nothing, nor does one that has only the
// first relations. An asset that ISM does not list is compared by what the ticket shows.
func TestRelationsThatAreNotAllShown(t *testing.T) {
	item, none := `{"items":[{"ConfigurationItemIdentifier":"i-1","CIID":"7","Name":"web"}]}`, `{"items":[]}`
	for _, c := range []struct{ name, ticket, assets, code string }{
		{"no assets in the answer", ``, "", codeUnknown},
		{"null for the assets", `,"HasConfigurationItem":null`, "", codeUnknown},
		{"the first of the assets, without this one", `,"HasConfigurationItem":{"results":[{"CIID":"8"}],"__next":"https://csm.example.com/2"}`, item, codeUnknown},
		{"the first of the assets, with this one", `,"HasConfigurationItem":{"results":[{"CIID":"7"}],"__next":"https://csm.example.com/2"}`, item, ""},
		{"a number for the id", `,"HasConfigurationItem":{"results":[{"CIID":"","CIName":""},{"CIID":7}]}`, item, ""},
		{"a name alone", `,"HasConfigurationItem":{"results":[{"CIName":"web"}]}`, item, ""},
		{"another asset of the same name", `,"HasConfigurationItem":{"results":[{"CIID":"8","CIName":"web"}]}`, item, "sent"},
		{"no asset", `,"HasConfigurationItem":{"results":[]}`, "", "sent"},
		{"an unlisted asset, by its identifier as name", `,"HasConfigurationItem":{"results":[{"CIID":"7","CIName":"i-1"}]}`, none, ""},
		{"an unlisted asset, by its identifier as id", `,"HasConfigurationItem":{"results":[{"CIID":"i-1","CIName":"web"}]}`, none, ""},
		{"an unlisted asset, and other names", `,"HasConfigurationItem":{"results":[{"CIID":"7","CIName":"web"}]}`, none, codeUnknown},
		{"an unlisted asset, and no asset", `,"HasConfigurationItem":{"results":[]}`, "", "sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answers := []tasktest.Answer{ok(`{"TicketIdentifier":"100-291","TicketStatus":"New"` + c.ticket + `}`)}
			if c.assets != "" {
				answers = append(answers, ok(c.assets))
			}
			if c.code == "sent" { // the second look finds nothing either
				answers = append(append(answers, answers...), ok(`"Success"`))
			}
			d, s := scripted(t, answers...)
			d.Call.Recover = true
			reply := d.Run("relate_asset", `{"ticket":"100-291","identifier":"i-1"}`)
			switch f := reply.Failure; {
			case len(s.Bodies) != len(answers):
				t.Errorf("%d requests were sent, want %d; got %+v", len(s.Bodies), len(answers), f)
			case c.code == "" || c.code == "sent":
				if f != nil {
					t.Errorf("got %+v", f)
				}
			case f == nil || f.Code != c.code || !f.Unknown:
				t.Errorf("got %+v, want %s", f, c.code)
			}
		})
	}
}

// Long worklogs do not fit into one answer. They are read in smaller pages.
func TestEvidenceAmongLongWorklogs(t *testing.T) {
	var long []string
	for range 60 {
		long = append(long, fmt.Sprintf(`{"type":"Update","text":%q}`, strings.Repeat("x", 32<<10)))
	}
	world := strings.Replace(strings.TrimSpace(string(sandbox.DefaultWorld())), `"id": "100-291",`, `"id": "100-291","worklogs":[`+strings.Join(long, ",")+`],`, 1)
	world = strings.Replace(world, `"tickets"`, `"faults":[{"system":"ism","action":"POST Worklog","lose_reply":1}],"tickets"`, 1)
	d := newDriver(t, task.Environment{})
	box, err := sandbox.New([]byte(world), d.Clock)
	if err != nil {
		t.Fatal(err)
	}
	d.Connector = at(t, sandbox.ISMURL, box.Transport()).Connector
	tasktest.Outputs(t, d.Run("add_worklog", note))
	d.CompareReplies("failure no_reply", "again 1m30s", "output")
	if n := len(worklogs(box)); n != 61 {
		t.Errorf("%d worklogs were added", n-60)
	}
}
