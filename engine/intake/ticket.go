package intake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine/schema"
)

// A Ticket is what rules read of a ticket of the desk. A text that the desk does not send is empty.
type Ticket struct {
	ID             string // such as 100-291; never empty
	Type           string // such as Service Request
	Status         string // not translated, if the desk says so
	Description    string
	Categorization string // such as Cloud >> Start an instance
	Priority       string
	Requester      string // a user's name
	RequestedFor   string // a user's name

	CustomAttributes map[string]string // by name; those without a value are left out
	Attributes       map[string]any    // all that the desk sent, canonical, under its own names
}

// ParseTicket reads a ticket as ISM answers it: the ticket alone, in the envelope {"data", "error",
// "status"}, or as the only item of a list. Its error says what is wrong with the answer.
func ParseTicket(data []byte) (Ticket, error) {
	object, err := soleTicket(data)
	if err != nil {
		return Ticket{}, err
	}
	attributes, err := schema.Type{Kind: schema.Object}.Decode(object)
	if err != nil {
		return Ticket{}, fmt.Errorf("the ticket's attributes: %w", err)
	}
	t := Ticket{Attributes: attributes.(map[string]any), CustomAttributes: map[string]string{}}
	var members map[string]any
	if members, err = decodeObject(object); err != nil {
		return Ticket{}, err
	}
	r := ticketReader{members: members}
	t.ID = r.text("TicketIdentifier")
	t.Type = r.text("TypeName", "TicketType")
	t.Status = r.text("NonTranslatedTicketStatus", "TicketStatus")
	t.Description = r.text("Description")
	t.Categorization = r.text("Categorization")
	t.Priority = r.text("Priority")
	t.Requester = r.text("RequesterUserName")
	t.RequestedFor = r.text("RequestedForUserName")
	if r.err == nil {
		t.CustomAttributes, r.err = customAttributes(members["CustomAttributes"])
	}
	if r.err == nil && t.ID == "" {
		r.err = errors.New("this is not a ticket: it has no TicketIdentifier")
	}
	return t, r.err
}

// Values returns the values that the expressions of rules read.
func (t Ticket) Values() Values {
	custom := make(map[string]any, len(t.CustomAttributes))
	for name, text := range t.CustomAttributes {
		custom[name] = text
	}
	attributes := t.Attributes
	if attributes == nil {
		attributes = map[string]any{}
	}
	return Values{rootTicket: map[string]any{
		"id": t.ID, "type": t.Type, "status": t.Status, "description": t.Description, "categorization": t.Categorization,
		"priority": t.Priority, "requester": t.Requester, "requested_for": t.RequestedFor,
		"custom_attributes": custom, "attributes": attributes,
	}}
}

// Requesters returns the persons for whom a run of the ticket would be, each once.
func (t Ticket) Requesters() []string {
	var persons []string
	for _, p := range []string{t.Requester, t.RequestedFor} {
		known := slices.ContainsFunc(persons, func(q string) bool { return strings.EqualFold(p, q) })
		if p != "" && !known {
			persons = append(persons, p)
		}
	}
	return persons
}

// A ticketReader reads the attributes of a ticket and keeps the first error.
type ticketReader struct {
	members map[string]any
	err     error
}

// text returns the first of several attributes that has a value.
func (r *ticketReader) text(names ...string) string {
	found := ""
	for _, name := range names {
		text, ok := scalarText(r.members[name])
		if !ok && r.err == nil {
			r.err = fmt.Errorf("%s must be a text, not %s", name, kindOf(r.members[name]))
		}
		found = cmp.Or(found, text)
	}
	return found
}

// soleTicket returns the JSON of the only ticket in an answer.
func soleTicket(data []byte) (json.RawMessage, error) {
	data = bytes.TrimSpace(withoutMark(data))
	if !json.Valid(data) {
		return nil, notJSON(data)
	}
	for range 4 { // an envelope, a page, a list, a ticket
		var list []json.RawMessage
		if json.Unmarshal(data, &list) == nil && data[0] == '[' {
			if len(list) != 1 {
				return nil, fmt.Errorf("the answer has %d tickets; expected one", len(list))
			}
			data = list[0]
			continue
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) != nil || object == nil {
			return nil, fmt.Errorf("a ticket must be an object, not %s", kindOfJSON(data))
		}
		inner, err := unwrap(object)
		if err != nil || inner == nil {
			return data, err
		}
		data = bytes.TrimSpace(inner)
	}
	return nil, errors.New("there is no ticket in the answer")
}

// unwrap returns the contents of an envelope or a page, or nil if the object is neither.
func unwrap(object map[string]json.RawMessage) (json.RawMessage, error) {
	if _, ticket := object["TicketIdentifier"]; ticket {
		return nil, nil
	}
	if failed, ok := object["error"]; ok && string(failed) != "null" && string(failed) != `""` {
		return nil, fmt.Errorf("this is not a ticket: the desk answered with the error %s", schema.Show(errorText(failed)))
	}
	for _, name := range []string{"data", "items", "results"} {
		if inner, ok := object[name]; ok {
			return inner, nil
		}
	}
	return nil, nil
}

// errorText returns the text of an error of the desk: a text, or the message of an object.
func errorText(data json.RawMessage) string {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return text
	}
	var object struct{ Message string }
	if json.Unmarshal(data, &object) == nil && object.Message != "" {
		return object.Message
	}
	return string(data)
}

// withoutMark removes a byte order mark.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\ufeff")) }

func notJSON(data []byte) error {
	if len(data) == 0 {
		return errors.New("a ticket in JSON is expected; there is nothing")
	}
	var value json.RawMessage
	return fmt.Errorf("a ticket in JSON is expected: %w", json.Unmarshal(data, &value))
}

func decodeObject(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var members map[string]any
	return members, d.Decode(&members)
}

// scalarText returns a text, a number or a boolean as a text. Null is the empty text.
func scalarText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

func kindOf(v any) string {
	switch v.(type) {
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

func kindOfJSON(data json.RawMessage) string {
	switch data[0] {
	case '"':
		return "a text"
	case 'n':
		return "null"
	}
	return schema.Show(string(data))
}

// sortedNames returns the names of a map in order.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
