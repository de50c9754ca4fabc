package sandbox

import (
	"errors"
	"slices"
)

// AddTicket opens a service request as a person does at the desk, with attributes under the web
// service's names. It returns the identifier. A test may call it from the function of Observe, and
// so between two pages of a list.
func (s *Sandbox) AddTicket(attributes map[string]any) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	r := s.desk.postServiceRequest(ismRequest{fields: attributes})
	if r.err != "" {
		return "", errors.New(r.err)
	}
	return s.desk.tickets[len(s.desk.tickets)-1].id, nil
}

// EditTicket changes attributes of a ticket, and its status if Status is one of them, as a person
// does at the desk. A test may call it as AddTicket.
func (s *Sandbox) EditTicket(id string, attributes map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	t := s.desk.ticket(id)
	if t == nil {
		return errors.New(noTicket(id).err)
	}
	if problem := checkFields(attributes, append([]string{"Status"}, changeable...), nil); problem != "" {
		return errors.New(problem)
	}
	if status, ok := attributes["Status"]; ok {
		if !slices.Contains(ticketStatuses, text(status)) {
			return errors.New(text(status) + " is not a status of a ticket")
		}
		t.status = text(status)
	}
	for name, value := range attributes {
		if name != "Status" {
			t.set(name, value)
		}
	}
	t.modified = s.desk.now
	return nil
}
