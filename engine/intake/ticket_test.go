package intake_test

import (
	"maps"
	"strings"
	"testing"

	"errand/engine/intake"
)

// start is a ticket as ISM answers it, without an envelope.
const start = `{"TicketIdentifier":"100-291","TypeName":"Service Request","NonTranslatedTicketStatus":"New","TicketStatus":"Neu",` +
	`"Description":"Start the web server","Categorization":"Cloud >> Start an instance","Priority":3,"RequesterUserName":"ada",` +
	`"RequestedForUserName":"grace","CreationTimestamp":1764400000,"CustomAttributes":{"Instance ID":"i-0a1b2c3d4e5f60001"}}`

func TestParseTicket(t *testing.T) {
	for _, c := range []struct{ name, data string }{
		{"alone", start},
		{"in an envelope", `{"data":` + start + `,"error":null,"status":"OK"}`},
		{"in an envelope with an empty error", `{"data":` + start + `,"error":"","status":"OK"}`},
		{"as a list", `[` + start + `]`},
		{"as a list in an envelope", `{"data":[` + start + `],"error":null}`},
		{"as a page", `{"data":{"items":[` + start + `],"totalCount":1},"error":null,"status":"OK"}`},
		{"as results", `{"results":[` + start + `]}`},
		{"with a byte order mark and blanks", "\ufeff \r\n" + start + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := intake.ParseTicket([]byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			want := intake.Ticket{
				ID: "100-291", Type: "Service Request", Status: "New", Description: "Start the web server", Categorization: "Cloud >> Start an instance",
				Priority: "3", Requester: "ada", RequestedFor: "grace",
			}
			custom, attributes := got.CustomAttributes, got.Attributes
			if !maps.Equal(custom, map[string]string{"Instance ID": "i-0a1b2c3d4e5f60001"}) {
				t.Errorf("custom attributes %v", custom)
			}
			if attributes["CreationTimestamp"] != 1764400000 || attributes["TicketStatus"] != "Neu" {
				t.Errorf("attributes %v", attributes)
			}
			got.CustomAttributes, got.Attributes = nil, nil
			if got.ID != want.ID || got.Type != want.Type || got.Status != want.Status || got.Description != want.Description ||
				got.Categorization != want.Categorization || got.Priority != want.Priority || got.Requester != want.Requester || got.RequestedFor != want.RequestedFor {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestCustomAttributes(t *testing.T) {
	both := map[string]string{"Instance ID": "i-1", "Size": "2"}
	for _, c := range []struct {
		name, data string
		want       map[string]string
	}{
		{"a map", `{"Instance ID":"i-1","Size":2}`, both},
		{"names and values", `[{"Name":"Instance ID","Value":"i-1"},{"Name":"Size","Value":"2"}]`, both},
		{"in lower case", `[{"name":"Instance ID","value":"i-1"},{"name":"Size","value":2}]`, both},
		{"with long names", `[{"AttributeName":"Instance ID","AttributeValue":"i-1"},{"attribute_name":"Size","attribute_value":"2"}]`, both},
		{"with longer names", `[{"CustomAttributeName":"Instance ID","CustomAttributeValue":"i-1","Id":7},{"CustomAttributeName":"Size","CustomAttributeValue":"2"}]`, both},
		{"a list of maps", `[{"Instance ID":"i-1"},{"Size":"2"}]`, both},
		{"results", `{"results":[{"Name":"Instance ID","Value":"i-1"},{"Name":"Size","Value":"2"}]}`, both},
		{"null values", `{"Instance ID":null,"Size":"2"}`, map[string]string{"Size": "2"}},
		{"null", `null`, map[string]string{}},
		{"an empty list", `[]`, map[string]string{}},
		{"an empty text", `""`, map[string]string{}},
		{"a boolean", `{"Urgent":true}`, map[string]string{"Urgent": "true"}},
		{"a large number", `{"Account":123456789012345678901}`, map[string]string{"Account": "123456789012345678901"}},
		{"a list as a value", `{"Tags":["a","b"]}`, map[string]string{"Tags": `["a","b"]`}},
		{"a choice of several values", `[{"Name":"Tag","Value":"a"},{"Name":"Tag","Value":"b"},{"Name":"Tag","Value":"a"}]`, map[string]string{"Tag": "a, b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := intake.ParseTicket([]byte(`{"TicketIdentifier":"1","CustomAttributes":` + c.data + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got.CustomAttributes, c.want) {
				t.Errorf("got %v, want %v", got.CustomAttributes, c.want)
			}
		})
	}
}

func TestParseTicketRefuses(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"nothing", " ", "there is nothing"},
		{"a page in HTML", "<html>", "a ticket in JSON is expected: invalid character '<'"},
		{"half an object", `{"TicketIdentifier":"1"`, "unexpected end of JSON input"},
		{"two values", start + start, "a ticket in JSON is expected"},
		{"a text", `"100-291"`, "a ticket must be an object, not a text"},
		{"null", `null`, "a ticket must be an object, not null"},
		{"no data", `{"data":null,"error":null}`, "a ticket must be an object, not null"},
		{"an error", `{"data":null,"error":"No such ticket","status":"FAILED"}`, `the desk answered with the error "No such ticket"`},
		{"an error that is an object", `{"data":null,"error":{"message":"No such ticket"}}`, `"No such ticket"`},
		{"no item", `{"data":{"items":[],"totalCount":0}}`, "the answer has 0 tickets; expected one"},
		{"two items", `[` + start + `,` + start + `]`, "the answer has 2 tickets; expected one"},
		{"endless envelopes", `{"data":{"data":{"data":{"data":{"data":{}}}}}}`, "there is no ticket in the answer"},
		{"no identifier", `{"Description":"x"}`, "it has no TicketIdentifier"},
		{"an empty identifier", `{"TicketIdentifier":""}`, "it has no TicketIdentifier"},
		{"a list as the description", `{"TicketIdentifier":"1","Description":["x"]}`, "Description must be a text, not a list"},
		{"an object as the requester", `{"TicketIdentifier":"1","RequesterUserName":{}}`, "RequesterUserName must be a text, not an object"},
		{"a text as custom attributes", `{"TicketIdentifier":"1","CustomAttributes":"x"}`, "CustomAttributes must be a map or a list, not a text"},
		{"a number as custom attributes", `{"TicketIdentifier":"1","CustomAttributes":7}`, "CustomAttributes must be a map or a list, not 7"},
		{"a text as a custom attribute", `{"TicketIdentifier":"1","CustomAttributes":[{"a":"b"},"x"]}`, "CustomAttributes[1] must be an object, not"},
		{"a number that is too large", `{"TicketIdentifier":"1","X":1e999}`, "the ticket's attributes: X"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := intake.ParseTicket([]byte(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got the error %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzParseTicket(f *testing.F) {
	f.Add([]byte(start))
	f.Add([]byte(`{"data":{"items":[` + start + `]}}`))
	f.Add([]byte(`{"TicketIdentifier":1,"CustomAttributes":[{"Name":"a","Value":null},{"b":[1]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ticket, err := intake.ParseTicket(data)
		if err == nil && ticket.ID == "" {
			t.Error("a ticket without an identifier")
		}
		if err != nil {
			return
		}
		if _, err := intake.TicketType.Canonical(ticket.Values()["ticket"]); err != nil {
			t.Errorf("the values do not fit the type of ticket: %v", err)
		}
	})
}
