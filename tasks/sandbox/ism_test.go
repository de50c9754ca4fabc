package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Every call of the web service: the request, the HTTP status and the envelope.
func TestISMCalls(t *testing.T) {
	const goodPut = `{"NonTranslatedTicketStatus":"Closed","TicketStatus":"Closed","TicketTypeId":"4","TicketIdentifier":"100-291"}`
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string // the envelope, or a part of it if it begins with …
	}{
		{"get a ticket", "GET", "/Ticket/100-291", "", 200, `{"data":{"AssignedGroup":"Cloud Operations","CreationTimestamp":"1772442000","Description":"Amazon EC2 instance",` +
			`"HasConfigurationItem":{"results":[]},"LastModTimestamp":"1772442000","LockedByExternalUserId":"","NonTranslatedTicketStatus":"New","Priority":"Medium",` +
			`"RequestedForUserName":"dana.reyes@example.com","RequesterUserName":"dana.reyes@example.com","TicketIdentifier":"100-291","TicketStatus":"New","TicketTypeId":"4",` +
			`"TypeName":"Service Request"},"error":null,"status":"OK"}`},
		{"get a ticket that is not there", "GET", "/Ticket/100-1", "", 404, `{"data":null,"error":"there is no ticket 100-1","status":"FAILED"}`},
		{"close a ticket", "PUT", "/Ticket", goodPut, 200,
			`{"data":{"NonTranslatedTicketStatus":"Closed","TicketIdentifier":"100-291","TicketStatus":"Closed","TicketTypeId":"4"},"error":null,"status":"OK"}`},
		{"a type id as a number", "PUT", "/Ticket", strings.Replace(goodPut, `"4"`, `4`, 1), 200, `…"TicketStatus":"Closed"`},
		{"another type id", "PUT", "/Ticket", strings.Replace(goodPut, `"4"`, `"5"`, 1), 400, `…the TicketTypeId of ticket 100-291 is 4`},
		{"a ticket that is not there", "PUT", "/Ticket", strings.Replace(goodPut, "100-291", "100-9", 1), 404, `…there is no ticket 100-9`},
		{"a status that is not one", "PUT", "/Ticket", strings.Replace(goodPut, `"Closed"`, `"Done"`, 1), 400, `…\"Done\" is not a status of a ticket`},
		{"one attribute too few", "PUT", "/Ticket", strings.Replace(goodPut, `"TicketTypeId":"4",`, "", 1), 400, `…the attribute TicketTypeId is required`},
		{"one attribute too many", "PUT", "/Ticket", strings.Replace(goodPut, "{", `{"TypeName":"Incident",`, 1), 400, `…SandboxLimit: the sandbox does not know the attribute TypeName of this resource; it knows AffectedServiceID, AssignedGroup, `},
		{"further attributes", "PUT", "/Ticket", strings.Replace(goodPut, "{", `{"Priority":"High","CustomAttributes":{"a":1},`, 1), 200, `…`},

		{"add a worklog", "POST", "/Worklog", `{"Text":"Updated ticket","TicketIdentifier":"100-291","WorklogType":"Update"}`, 200, `{"data":"Success","error":null,"status":"CREATED"}`},
		{"a worklog with everything", "POST", "/Worklog", `{"Text":"x","TicketIdentifier":"100-291","ClientViewable":"true","TimeSpent":"5","WorklogActualDate":"1","sendMail":"false","communicationSendTo":"a","communicationSendCC":"b"}`, 200, `…CREATED`},
		{"a worklog without text", "POST", "/Worklog", `{"TicketIdentifier":"100-291"}`, 400, `…the attribute Text is required`},
		{"a worklog on nothing", "POST", "/Worklog", `{"Text":"x","TicketIdentifier":"100-9"}`, 404, `…there is no ticket 100-9`},
		{"a worklog with an unknown attribute", "POST", "/Worklog", `{"Text":"x","TicketIdentifier":"100-291","Colour":"blue"}`, 400, `…SandboxLimit: the sandbox does not know the attribute Colour of this resource`},
		{"a worklog whose attribute is not text", "POST", "/Worklog", `{"Text":"x","TicketIdentifier":"100-291","ClientViewable":true}`, 400, `…the attribute ClientViewable must be text`},
		{"a worklog whose attribute is a number", "POST", "/Worklog", `{"Text":"x","TicketIdentifier":"100-291","TimeSpent":5}`, 400, `…the attribute TimeSpent must be text`},
		{"worklogs where there are none", "GET", "/Worklog?filter=" + url.QueryEscape("TicketIdentifier eq '100-291'"), "", 200, `{"data":{"items":[],"totalCount":0},"error":null,"status":"OK"}`},

		{"open a service request", "POST", "/ServiceRequest", `{"Description":"New server","RequesterID":17,"CustomAttributes":[{"a":"b"}]}`, 200,
			`{"data":{"NonTranslatedTicketStatus":"New","TicketIdentifier":"100-292","TicketStatus":"New","TicketTypeId":"4"},"error":null,"status":"CREATED"}`},
		{"a service request of nothing", "POST", "/ServiceRequest", `{}`, 400, `…a service request needs an attribute`},
		{"a service request with an unknown attribute", "POST", "/ServiceRequest", `{"description":"x"}`, 400, `…SandboxLimit: the sandbox does not know the attribute description of this resource`},
		{"a service request whose attribute is not text", "POST", "/ServiceRequest", `{"Description":["x"]}`, 400, `…the attribute Description must be text`},

		{"an asset by its identifier", "GET", "/ConfigurationItem?filter=" + url.QueryEscape("ConfigurationItemIdentifier eq '"+runningID+"'"), "", 200,
			`{"data":{"items":[{"CIID":"1001","Class":"Virtual Machine","ConfigurationItemIdentifier":"i-0a1b2c3d4e5f60002","Description":"Amazon EC2 instance","Name":"test-server","Status":"Active"}],"totalCount":1},"error":null,"status":"OK"}`},
		{"create an asset", "POST", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"i-1","Name":"web","IP Address":"203.0.113.9"}`, 200,
			`{"data":{"CIID":"1002","ConfigurationItemIdentifier":"i-1","IP Address":"203.0.113.9","Name":"web","Status":"Active"},"error":null,"status":"CREATED"}`},
		{"create an asset that is there", "POST", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"` + runningID + `"}`, 400, `…a configuration item with the identifier i-0a1b2c3d4e5f60002 already exists`},
		{"create an asset with a row id", "POST", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"i-1","CIID":"7"}`, 400, `…CIID is assigned by the service`},
		{"create an asset without an identifier", "POST", "/ConfigurationItem", `{"Name":"web"}`, 400, `…the attribute ConfigurationItemIdentifier is required`},
		{"create an asset with an attribute that is not text", "POST", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"i-1","Site":{}}`, 400, `…the attribute Site must be text`},
		{"make an asset inactive", "PUT", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"` + runningID + `","Status":"Inactive"}`, 200, `…"Status":"Inactive"},"error":null,"status":"OK"}`},
		{"change an asset that is not there", "PUT", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"i-1","Status":"Inactive"}`, 404, `…there is no configuration item i-1`},
		{"relate an asset", "POST", "/Ticket/100-291/ConfigurationItem", `{"ConfigurationItemIdentifier":"` + runningID + `","RelationshipType":"Provisioned by"}`, 200, `{"data":"Success","error":null,"status":"CREATED"}`},
		{"relate to nothing", "POST", "/Ticket/100-9/ConfigurationItem", `{"ConfigurationItemIdentifier":"` + runningID + `"}`, 404, `…there is no ticket 100-9`},
		{"relate nothing", "POST", "/Ticket/100-291/ConfigurationItem", `{"ConfigurationItemIdentifier":"i-1"}`, 404, `…there is no configuration item i-1`},
		{"relate without saying what", "POST", "/Ticket/100-291/ConfigurationItem", `{}`, 400, `…the attribute ConfigurationItemIdentifier is required`},

		{"an unknown resource", "GET", "/Incident", "", 404, `…SandboxLimit: the sandbox does not know GET /csmconnector/Incident; it knows GET Ticket, PUT Ticket, `},
		{"an unknown method", "DELETE", "/Ticket/100-291", "", 404, `…SandboxLimit: the sandbox does not know DELETE /csmconnector/Ticket/100-291; it knows GET Ticket, `},
		{"a body that is none", "POST", "/Worklog", ``, 400, `…the body is not one JSON object`},
		{"a body that is a list", "POST", "/Worklog", `[]`, 400, `…the body is not one JSON object`},
		{"a body that is null", "POST", "/Worklog", `null`, 400, `…the body is not one JSON object`},
		{"a body with something after it", "POST", "/Worklog", `{} {}`, 400, `…the body is not one JSON object`},
	}
	covered := map[string]bool{}
	for _, test := range tests {
		route, _ := findRoute(test.method, "/csmconnector"+strings.Split(test.path, "?")[0])
		if route != nil {
			covered[route.action] = true
		}
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "")
			status, body := r.call(test.method, test.path, test.body)
			part, partly := strings.CutPrefix(test.want, "…")
			if status != test.status || partly && !strings.Contains(body, part) || !partly && body != test.want {
				t.Errorf("got  %d %s\nwant %d %s", status, body, test.status, test.want)
			}
		})
	}
	for _, action := range ismActions() {
		if !covered[action] {
			t.Errorf("no test for %s", action)
		}
	}
}

func TestISMHeadersAreAllRequired(t *testing.T) {
	for _, missing := range requiredHeaders {
		for _, how := range []string{"missing", "empty"} {
			t.Run(missing+" is "+how, func(t *testing.T) {
				r := newRig(t, "")
				req, err := http.NewRequest("GET", ISMURL+"/csmconnector/Ticket/100-291", nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range requiredHeaders {
					req.Header[name] = []string{"secret-token"} // in this spelling, not in net/http's
				}
				if status, _ := r.send(req); status != 200 {
					t.Fatalf("with all of them: %d", status)
				}
				delete(req.Header, missing)
				if how == "empty" {
					req.Header.Set(missing, " ")
				}
				status, body := r.send(req)
				if want := `{"data":null,"error":"the header ` + missing + ` is missing or empty","status":"FAILED"}`; status != 403 || body != want {
					t.Errorf("got %d %s", status, body)
				}
			})
		}
	}
}

func TestISMContentType(t *testing.T) {
	r := newRig(t, "")
	req, err := http.NewRequest("POST", ISMURL+"/csmconnector/Worklog", strings.NewReader(`{"Text":"x","TicketIdentifier":"100-291"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range requiredHeaders {
		req.Header.Set(name, "x")
	}
	if status, body := r.send(req); status != 400 || !strings.Contains(body, "Content-Type must be application/json") {
		t.Errorf("got %d %s", status, body)
	}
}

// Reads return what was written: worklogs oldest first, and each relation of a ticket once.
func TestISMReadsBackWhatWasWritten(t *testing.T) {
	r := newRig(t, "")
	for _, text := range []string{"it's first", "second"} {
		r.call("POST", "/Worklog", `{"Text":"`+text+`","TicketIdentifier":"100-291","ClientViewable":"false"}`)
		r.pass(time.Minute)
	}
	for range 2 {
		r.call("POST", "/Ticket/100-291/ConfigurationItem", `{"ConfigurationItemIdentifier":"`+runningID+`"}`)
	}
	r.call("PUT", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"`+runningID+`","Status":"Inactive"}`)

	_, body := r.call("GET", "/Worklog?filter="+url.QueryEscape("Text eq 'it''s first'"), "")
	if want := `{"data":{"items":[{"ClientViewable":"false","CreationTimestamp":"1772442000","CreationUserName":"Web Service","Text":"it's first","TicketID":"100-291",` +
		`"TicketIdentifier":"100-291","TicketType":"Service Request","WorklogID":"1002","WorklogType":"Update","WorklogTypeCode":"Update"}],"totalCount":1},"error":null,"status":"OK"}`; body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	_, body = r.call("GET", "/Ticket/100-291", "")
	if want := `"HasConfigurationItem":{"results":[{"CIID":"1001","CIName":"test-server","ConfigStatus":"Inactive","RelationDomain":"ConfigurationItem","RelationType":"Ticket","RelationshipType":"Affected"}]},"LastModTimestamp":"1772442120"`; !strings.Contains(body, want) {
		t.Errorf("got %s, want it to hold %s", body, want)
	}
	s := r.State()
	if got := s.Tickets[0]; len(got.Worklogs) != 2 || got.Worklogs[1] != (Worklog{"Update", "second", "false"}) || len(got.Related) != 1 || got.Related[0] != runningID {
		t.Errorf("state: %+v", got)
	}
	if got := s.Assets[0]; got.Status != "Inactive" || got.Attributes["Name"] != "test-server" {
		t.Errorf("state: %+v", got)
	}
}

func TestISMLists(t *testing.T) {
	world := `{"tickets":[
		{"id":"100-1","type":"Incident","status":"New","Priority":"High"},
		{"id":"100-2","status":"Closed","description":"it's","Priority":"Low"},
		{"id":"100-10","status":"New","Priority":"Low"}]}`
	tests := []struct{ name, query, want string }{
		{"all", "", "100-1 100-2 100-10 of 3"},
		{"by status", "filter=(NonTranslatedTicketStatus eq 'New')", "100-1 100-10 of 2"},
		{"the dollar is optional", "$filter=TicketStatus eq 'Closed'", "100-2 of 1"},
		{"and", "filter=TicketStatus eq 'New' and Priority eq 'Low'", "100-10 of 1"},
		{"and is before or", "filter=Priority eq 'High' or TicketStatus eq 'New' and Priority eq 'Low'", "100-1 100-10 of 2"},
		{"parentheses", "filter=((Priority eq 'High' or TicketStatus eq 'New') and (Priority eq 'Low'))", "100-10 of 1"},
		{"not equal", "filter=TypeName ne 'Incident'", "100-2 100-10 of 2"},
		{"a number", "filter=TicketTypeId eq 1", "100-1 of 1"},
		{"a time", "filter=LastModTimestamp ge 1772442000 and LastModTimestamp lt 1772442001", "100-1 100-2 100-10 of 3"},
		{"a later time", "filter=LastModTimestamp gt 1772442000 or LastModTimestamp le 1", " of 0"},
		{"a quote in quotes", "filter=Description eq 'it''s'", "100-2 of 1"},
		{"words in quotes are text", "filter=Description eq 'a and (b eq c'", " of 0"},
		{"an unknown attribute", "filter=Colour eq 'blue'", `…SandboxLimit: the sandbox does not know the attribute Colour of a list; it knows AffectedServiceID, `},
		{"an unknown attribute in an order", "$orderby=Colour", `…SandboxLimit: the sandbox does not know the attribute Colour of a list; it knows AffectedServiceID, `},
		{"in ascending order", "$orderby=Priority asc", "100-1 100-2 100-10 of 3"},
		{"in order of two", "$orderby=Priority desc, TicketIdentifier", "100-10 100-2 100-1 of 3"},
		{"in no order", "$orderby=Priority downwards", `$orderby: "Priority downwards" is not an attribute with asc or desc`},
		{"in no order at all", "$orderby=Priority,", `$orderby: "" is not an attribute with asc or desc`},
		{"in order", "$orderby=Priority desc", "100-2 100-10 100-1 of 3"},
		{"in order of text", "$orderby=TicketIdentifier", "100-1 100-10 100-2 of 3"},
		{"a page", "$skip=1&$top=1&$inlinecount=allpages&$format=json", "100-2 of 3"},
		{"beyond the end", "$skip=9", " of 3"},
		{"chosen attributes", "$select=TicketIdentifier, Priority&$top=1", "100-1 of 3"},
		{"an operator that is none", "filter=Priority is 'Low'", `the filter cannot be read: expected an operator such as eq after Priority, got "is"`},
		{"a value without quotes", "filter=Priority eq Low", `the filter cannot be read: expected a value in quotes after Priority eq, got "Low"`},
		{"a quote that does not end", "filter=Priority eq 'Low", `the filter cannot be read: at "'Low"`},
		{"a parenthesis that does not end", "filter=(Priority eq 'Low'", `the filter cannot be read: a parenthesis is not closed`},
		{"a parenthesis too many", "filter=Priority eq 'Low')", `the filter cannot be read: at ")"`},
		{"nothing after and", "filter=Priority eq 'Low' and", `the filter cannot be read: expected an attribute, got ""`},
		{"a deep one", "filter=" + strings.Repeat("(", 200), `the filter cannot be read: it is nested too deep`},
		{"a number that is none", "$top=-1", `$top: "-1" is not a number`},
		{"an unknown parameter", "$expand=x", `SandboxLimit: the sandbox does not know the parameter $expand of a list; it knows filter, $filter, $orderby, $skip, $top, $select, $inlinecount, $format`},
	}
	r := newRig(t, world)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := r.call("GET", "/Ticket?"+strings.NewReplacer(" ", "%20", "'", "%27").Replace(test.query), "")
			var answer struct {
				Data struct {
					Items      []map[string]any `json:"items"`
					TotalCount json.Number      `json:"totalCount"`
				} `json:"data"`
				Error string `json:"error"`
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			got := answer.Error
			if status == 200 {
				var ids []string
				for _, item := range answer.Data.Items {
					ids = append(ids, item["TicketIdentifier"].(string))
				}
				got = strings.Join(ids, " ") + " of " + answer.Data.TotalCount.String()
			}
			if part, partly := strings.CutPrefix(test.want, "…"); partly && !strings.Contains(got, part) || !partly && got != test.want {
				t.Errorf("got %d %s, want %s", status, got, test.want)
			}
			if strings.HasPrefix(test.query, "$select") && len(answer.Data.Items[0]) != 2 {
				t.Errorf("got %v", answer.Data.Items[0])
			}
		})
	}
	if _, body := r.call("GET", "/Ticket?$inlinecount=none&$top=0", ""); body != `{"data":{"items":[]},"error":null,"status":"OK"}` {
		t.Errorf("without a count: %s", body)
	}
}

// The Service Desk edition has tickets and worklogs, but no assets.
func TestServiceDeskEdition(t *testing.T) {
	r := newRig(t, `{"edition":"service-desk","tickets":[{"id":"100-291"}]}`)
	for _, route := range routes() {
		path := strings.Replace(route.path, "{id}", "100-291", 1)
		method, _, _ := strings.Cut(route.action, " ")
		status, _ := r.call(method, path, `{}`)
		if route.assets != (status == 404) {
			t.Errorf("%s %s: %d", method, path, status)
		}
	}
}

func TestISMExchanges(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		want                     Exchange
	}{
		{"a read", "GET", "/Ticket/100-291", "", Exchange{"ism", "GET /csmconnector/Ticket/100-291", `200 {"data":{"TicketIdentifier":"100-291","TicketStatus":"New"},"status":"OK"}`}},
		{"a list", "GET", "/Worklog?filter=TicketIdentifier%20eq%20%27100-291%27", "", Exchange{"ism", "GET /csmconnector/Worklog?filter=TicketIdentifier eq '100-291'", `200 {"data":{"items":0,"totalCount":0},"status":"OK"}`}},
		{"a write, its body in one line", "POST", "/Worklog", "{\n \"Text\": \"a  -> b\\nc\", \"TicketIdentifier\": \"100-291\"}", Exchange{"ism", `POST /csmconnector/Worklog {"Text":"a  -> b\nc","TicketIdentifier":"100-291"}`, `200 {"status":"CREATED"}`}},
		{"an error", "GET", "/Ticket/100-9", "", Exchange{"ism", "GET /csmconnector/Ticket/100-9", `404 {"error":"there is no ticket 100-9"}`}},
		{"an asset", "PUT", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"` + runningID + `","Status":"Inactive"}`,
			Exchange{"ism", `PUT /csmconnector/ConfigurationItem {"ConfigurationItemIdentifier":"i-0a1b2c3d4e5f60002","Status":"Inactive"}`, `200 {"data":{"ConfigurationItemIdentifier":"i-0a1b2c3d4e5f60002","Status":"Inactive"},"status":"OK"}`}},
		{"a body that is not JSON", "POST", "/Worklog", "Text=x", Exchange{"ism", "POST /csmconnector/Worklog (6 bytes that are not JSON)", `400 {"error":"the body is not one JSON object"}`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "")
			r.call(test.method, test.path, test.body)
			if r.seen[0] != test.want {
				t.Errorf("got  %q\nwant %q", r.seen[0], test.want)
			}
		})
	}
}

// A person adds and edits tickets while the sandbox runs, also between two pages of a list.
func TestPersonsChangeTickets(t *testing.T) {
	r := newRig(t, `{"tickets":[{"id":"100-1"},{"id":"100-2"}]}`)
	page := func(skip string) string {
		_, body := r.call("GET", "/Ticket?filter=NonTranslatedTicketStatus%20eq%20%27New%27&$orderby=LastModTimestamp&$select=TicketIdentifier,LastModTimestamp&$top=1&$skip="+skip, "")
		return body
	}
	r.now = r.now.Add(1500 * time.Millisecond)
	id, err := r.AddTicket(map[string]any{"Description": "x", "CustomAttributes": map[string]any{"Instance ID": "i-1"}})
	if id != "100-3" || err != nil {
		t.Fatalf("added %s, %v", id, err)
	}
	r.Observe(func(e Exchange) {
		if strings.Contains(e.Request, "$skip=0") { // after the first page the list shifts
			if err := r.EditTicket("100-1", map[string]any{"Priority": "High"}); err != nil {
				t.Error(err)
			}
		}
	})
	if got := page("0"); !strings.Contains(got, `"items":[{"LastModTimestamp":"1772442000","TicketIdentifier":"100-1"}],"totalCount":3`) {
		t.Errorf("the first page: %s", got)
	}
	for skip, want := range map[string]string{"1": `{"LastModTimestamp":"1772442001","TicketIdentifier":"100-1"}`, "2": `{"LastModTimestamp":"1772442001","TicketIdentifier":"100-3"}`} {
		if got := page(skip); !strings.Contains(got, want) {
			t.Errorf("after %s: %s, want %s", skip, got, want)
		}
	}
	for _, c := range []struct {
		id         string
		attributes map[string]any
		want       string
	}{
		{"100-9", nil, "there is no ticket 100-9"},
		{"100-1", map[string]any{"Colour": "blue"}, "SandboxLimit: the sandbox does not know the attribute Colour"},
		{"100-1", map[string]any{"Status": "Done"}, "Done is not a status of a ticket"},
		{"100-1", map[string]any{"Status": "Closed"}, ""},
	} {
		got := ""
		if err := r.EditTicket(c.id, c.attributes); err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s %v: %q", c.id, c.attributes, got)
		}
	}
	if _, err := r.AddTicket(map[string]any{"Colour": "blue"}); err == nil {
		t.Error("a ticket with an unknown attribute was added")
	}
	if got := r.State().Tickets[0]; got.Status != "Closed" || got.Attributes["Priority"] != "High" {
		t.Errorf("the ticket is %+v", got)
	}
}
