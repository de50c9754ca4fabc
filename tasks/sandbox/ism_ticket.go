package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ticketStatuses are the statuses of a ticket. Their order is not enforced.
var ticketStatuses = []string{"New", "Queued", "Active", "Pending", "Complete", "Resolve-Validation", "Resolved", "Closed"}

// ticketTypes are the types of a ticket, and a type's place among them its TicketTypeId: the web service gives each type an
// id, which ones is assumed.
var ticketTypes = []string{"Incident", "Problem", "Change Request", "Service Request", "Task"}

// ticketAttributes are the attributes that a world may give a ticket beside those that follow from its id, type and status.
var ticketAttributes = []string{
	"AffectedServiceID", "AssignedGroup", "AssignedIndividual", "Categorization", "Cause", "DescriptionLong", "LockedByExternalUserId",
	"Priority", "ReasonCode", "RequestedForUserName", "RequesterID", "RequesterUserName", "Resolution", "Source",
}

// requestAttributes are those that a new service request may be given.
var requestAttributes = []string{
	"RequesterID", "RequesterUserName", "RequestedForUserName", "AssignedGroup", "AffectedServiceID", "Source", "TypeName", "Description",
	"DescriptionLong", "Categorization", "CustomAttributes", "Cause", "Resolution", "Priority", "ReasonCode", "AssignedIndividual",
}

// A ticket of ISM.
type ticket struct {
	id, kind, status  string
	attributes        map[string]any
	worklogs          []worklog
	relations         []relation
	created, modified time.Time
}

func (t *ticket) typeID() string { return strconv.Itoa(1 + slices.Index(ticketTypes, t.kind)) }

// shown returns what a reader of a ticket gets. Every value is text, times are seconds since 1970.
func (t *ticket) shown() map[string]any {
	all := map[string]any{"LockedByExternalUserId": ""}
	maps.Copy(all, t.attributes)
	maps.Copy(all, t.heading())
	all["TypeName"] = t.kind
	all["CreationTimestamp"] = epoch(t.created)
	all["LastModTimestamp"] = epoch(t.modified)
	related := []map[string]any{}
	for _, r := range t.relations {
		related = append(related, r.shown())
	}
	all["HasConfigurationItem"] = map[string]any{"results": related}
	return all
}

// heading returns what a write answers with, which is also what a change of status needs.
func (t *ticket) heading() map[string]any {
	return map[string]any{"TicketIdentifier": t.id, "TicketTypeId": t.typeID(), "TicketStatus": t.status, "NonTranslatedTicketStatus": t.status}
}

func (t *ticket) brief() any {
	return struct {
		ID     string `json:"TicketIdentifier"`
		Status string `json:"TicketStatus"`
	}{t.id, t.status}
}

func epoch(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func (d *desk) ticket(id string) *ticket {
	for _, t := range d.tickets {
		if t.id == id {
			return t
		}
	}
	return nil
}

func noTicket(id string) result {
	return failed(http.StatusNotFound, "there is no ticket %s", id)
}

func (d *desk) getTicket(q ismRequest) result {
	t := d.ticket(q.id)
	if t == nil {
		return noTicket(q.id)
	}
	return done(t.shown(), t.brief())
}

func (d *desk) listTickets(q ismRequest) result {
	var rows []map[string]any
	for _, t := range d.tickets {
		rows = append(rows, t.shown())
	}
	return answerList(q.query, rows)
}

// putTicket changes the status. It takes exactly four attributes: clients of the real one send these, and what it does with
// others is not known.
func (d *desk) putTicket(q ismRequest) result {
	names := []string{"NonTranslatedTicketStatus", "TicketIdentifier", "TicketStatus", "TicketTypeId"}
	if problem := checkFields(q.fields, names, names); problem != "" {
		return failed(http.StatusBadRequest, "%s", problem)
	}
	t := d.ticket(text(q.fields["TicketIdentifier"]))
	status := text(q.fields["NonTranslatedTicketStatus"])
	switch {
	case t == nil:
		return noTicket(text(q.fields["TicketIdentifier"]))
	case text(q.fields["TicketTypeId"]) != t.typeID():
		return failed(http.StatusBadRequest, "the TicketTypeId of ticket %s is %s", t.id, t.typeID())
	case !slices.Contains(ticketStatuses, status):
		return failed(http.StatusBadRequest, "%q is not a status of a ticket", status)
	}
	t.status, t.modified = status, d.now
	return done(t.heading(), t.brief())
}

// postServiceRequest opens a service request. No attribute is required beyond there being one: which are depends on the site.
func (d *desk) postServiceRequest(q ismRequest) result {
	if problem := checkFields(q.fields, requestAttributes, nil); problem != "" {
		return failed(http.StatusBadRequest, "%s", problem)
	}
	if len(q.fields) == 0 {
		return failed(http.StatusBadRequest, "a service request needs an attribute")
	}
	t := &ticket{id: d.nextTicket(), kind: "Service Request", status: "New", attributes: map[string]any{}, created: d.now, modified: d.now}
	for name, value := range q.fields {
		t.attributes[name] = value
		if name != "CustomAttributes" {
			t.attributes[name] = text(value)
		}
	}
	d.tickets = append(d.tickets, t)
	return created(t.heading(), t.brief())
}

// nextTicket follows the highest identifier there is: 100-292 after 100-291.
func (d *desk) nextTicket() string {
	prefix, last := 100, 0
	for _, t := range d.tickets {
		before, after, _ := strings.Cut(t.id, "-")
		p, _ := strconv.Atoi(before)
		n, _ := strconv.Atoi(after)
		if p > prefix || p == prefix && n > last {
			prefix, last = p, n
		}
	}
	return fmt.Sprintf("%d-%d", prefix, last+1)
}

// checkFields says what is wrong with a body: a name that is not known, a required one that is missing or empty, a value that
// is neither text nor a number.
func checkFields(fields map[string]any, known, required []string) string {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case !slices.Contains(known, name):
			return fmt.Sprintf("%q is not an attribute of this resource", name)
		case name != "CustomAttributes" && !isText(fields[name]):
			return fmt.Sprintf("the attribute %s must be text", name)
		}
	}
	for _, name := range required {
		if text(fields[name]) == "" {
			return fmt.Sprintf("the attribute %s is required", name)
		}
	}
	return ""
}

// newDesk makes the ISM of a world.
func newDesk(w *world, now time.Time) *desk {
	d := &desk{now: now, assetless: w.assetless}
	for _, seed := range w.assets {
		d.assets = append(d.assets, &asset{row: d.row(), attributes: seed.attributes})
	}
	for _, seed := range w.tickets {
		t := &ticket{id: seed.id, kind: seed.kind, status: seed.status, attributes: seed.attributes, created: now, modified: now}
		d.tickets = append(d.tickets, t)
		for _, l := range seed.worklogs {
			d.note(t, l.Type, map[string]string{"Text": l.Text})
		}
		for _, identifier := range seed.assets {
			t.relations = append(t.relations, relation{d.asset(identifier), defaultRelationship})
		}
	}
	return d
}

func (d *desk) row() string { d.minted++; return strconv.Itoa(1000 + d.minted) }

func (d *desk) state() ([]Ticket, []Asset) {
	tickets, assets := []Ticket{}, []Asset{}
	for _, t := range d.tickets {
		s := Ticket{ID: t.id, Type: t.kind, Status: t.status, Attributes: t.shown(), Worklogs: []Worklog{}, Related: []string{}}
		delete(s.Attributes, "HasConfigurationItem")
		for _, l := range t.worklogs {
			s.Worklogs = append(s.Worklogs, Worklog{l["WorklogType"], l["Text"], l["ClientViewable"]})
		}
		for _, r := range t.relations {
			s.Related = append(s.Related, r.asset.attributes[assetIdentifier])
		}
		tickets = append(tickets, s)
	}
	for _, a := range d.assets {
		assets = append(assets, Asset{
			Identifier: a.attributes[assetIdentifier], Name: a.attributes[assetName], Class: a.attributes[assetClass],
			Status: a.attributes[assetStatus], Attributes: maps.Clone(a.attributes),
		})
	}
	return tickets, assets
}
