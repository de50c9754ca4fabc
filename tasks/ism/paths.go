package ism

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"errand/engine/schema"
)

// paths are the paths of the web service's resources, below app_url. {ticket} stands for a ticket's
// identifier. The credential's parameter "paths" overrides any of them, as a JSON object.
type paths struct {
	Ticket         string `json:"ticket"`          // GET a ticket
	Tickets        string `json:"tickets"`         // GET tickets
	TicketStatus   string `json:"ticket_status"`   // PUT a ticket's status
	ServiceRequest string `json:"service_request"` // POST a service request
	Worklog        string `json:"worklog"`         // POST a worklog
	Worklogs       string `json:"worklogs"`        // GET worklogs; assumed: it takes the same filters as a list of tickets
	Asset          string `json:"asset"`           // GET, POST and PUT a configuration item; assumed
	TicketAsset    string `json:"ticket_asset"`    // POST a configuration item's relation to a ticket; assumed
}

// parsePaths returns the paths with overrides, which may be empty.
func parsePaths(overrides string) (paths, error) {
	p := paths{
		Ticket:         "/csmconnector/Ticket/{ticket}",
		Tickets:        "/csmconnector/Ticket",
		TicketStatus:   "/csmconnector/Ticket",
		ServiceRequest: "/csmconnector/ServiceRequest",
		Worklog:        "/csmconnector/Worklog",
		Worklogs:       "/csmconnector/Worklog",
		Asset:          "/csmconnector/ConfigurationItem",
		TicketAsset:    "/csmconnector/Ticket/{ticket}/ConfigurationItem",
	}
	if strings.TrimSpace(overrides) == "" {
		return p, nil
	}
	if _, faults := schema.ReadJSON(overrides); len(faults) > 0 {
		return p, fmt.Errorf("is not a JSON object of paths: %s, at %s", faults[0].Message, schema.JSONPlace(overrides, faults[0].From))
	}
	d := json.NewDecoder(strings.NewReader(overrides))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("is not a JSON object of paths: %w", err)
	}
	for field, value := range reflect.ValueOf(p).Fields() {
		if path := value.String(); !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?# ") {
			return p, fmt.Errorf("has %q for %s; a path begins with / and has no query", path, field.Tag.Get("json"))
		}
	}
	for _, path := range []string{p.Ticket, p.TicketAsset} {
		if !strings.Contains(path, "{ticket}") {
			return p, fmt.Errorf("has %q, which lacks {ticket}", path)
		}
	}
	return p, nil
}

// ticketPath replaces {ticket} in a path with a ticket's identifier.
func ticketPath(path, ticket string) string {
	return strings.ReplaceAll(path, "{ticket}", url.PathEscape(ticket))
}
