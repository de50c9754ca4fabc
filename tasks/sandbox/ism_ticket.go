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

// ticketStatuses are the statuses of a ticket. The sandbox allows every change of the status. The
// vendor documents the first eight; public clients name the others.
var ticketStatuses = []string{
	"New", "Queued", "Active", "Pending", "Complete", "Resolve-Validation", "Resolved", "Closed",
	"Escalated", "Cancelled", "Archive", "Request - Delete",
}

// ticketTypes are the types of a ticket. The web service gives each type an id. Assumed: the
// TicketTypeId is the position in this list.
var ticketTypes = []string{"Incident", "Problem", "Change Request", "Service Request", "Task"}

// ticketAttributes are the attributes that a world may set, besides those that follow from the id,
// the type and the status.
var ticketAttributes = []string{
	"AffectedServiceID", "AssignedGroup", "AssignedIndividual", "Categorization", "Cause", "DescriptionLong", "LockedByExternalUserId",
	"Priority", "ReasonCode", "RequestedForUserName", "RequesterID", "RequesterUserName", "Resolution", "Source",
}

// requestAttributes are the attributes that a new service request may have.
var requestAttributes = []string{
	"RequesterID", "RequesterUserName", "RequestedForUserName", "AssignedGroup", "AffectedServiceID", "Source", "TypeName", "Description",
	"DescriptionLong", "Categorization", "CustomAttributes", "Cause", "Resolution", "Priority", "ReasonCode", "AssignedIndividual",
}

// changeable are the attributes of a ticket that a change of it may have: those of a new one but for
// its type.
var changeable = slices.DeleteFunc(slices.Clone(requestAttributes), func(name string) bool { return name == "TypeName" })

// listedAttributes are the attributes by which a list of tickets can be filtered and sorted.
var listedAttributes = slices.Concat(ticketAttributes, []string{
	"CreationTimestamp", "Description", "LastModTimestamp", "NonTranslatedTicketStatus", "TicketIdentifier", "TicketStatus", "TicketTypeId", "TypeName",
})

// A ticket is a ticket of ISM.
type ticket struct {
	id, kind, status  string
	attributes        map[string]any
	worklogs          []worklog
	relations         []relation
	created, modified time.Time
}

// set sets an attribute. All values are text, except the object of the site's own attributes.
func (t *ticket) set(name string, value any) {
	t.attributes[name] = value
	if name != "CustomAttributes" {
		t.attributes[name] = text(value)
	}
}

func (t *ticket) typeID() string { return strconv.Itoa(1 + slices.Index(ticketTypes, t.kind)) }

// fields returns a ticket as the web service returns it. All values are text; times are seconds
// since 1970.
func (t *ticket) fields() map[string]any {
	all := map[string]any{"LockedByExternalUserId": ""}
	maps.Copy(all, t.attributes)
	maps.Copy(all, t.heading())
	all["TypeName"] = t.kind
	all["CreationTimestamp"] = epoch(t.created)
	all["LastModTimestamp"] = epoch(t.modified)
	related := []map[string]any{}
	for _, r := range t.relations {
		related = append(related, r.fields())
	}
	all["HasConfigurationItem"] = map[string]any{"results": related}
	return all
}

// heading returns the answer to a write. A change of the status needs the same attributes.
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
	return errorResult(http.StatusNotFound, "there is no ticket %s", id)
}

func (d *desk) getTicket(q ismRequest) result {
	t := d.ticket(q.id)
	if t == nil {
		return noTicket(q.id)
	}
	return okResult(t.fields(), t.brief())
}

func (d *desk) listTickets(q ismRequest) result {
	var rows []map[string]any
	for _, t := range d.tickets {
		rows = append(rows, t.fields())
	}
	return answerList(q.query, rows, listedAttributes)
}

// putTicket changes the status and other attributes. It requires the four attributes that clients
// of the real service always send. Assumed: it takes those of a new service request, too.
func (d *desk) putTicket(q ismRequest) result {
	names := []string{"NonTranslatedTicketStatus", "TicketIdentifier", "TicketStatus", "TicketTypeId"}
	if problem := checkFields(q.fields, slices.Concat(names, changeable), names); problem != "" {
		return errorResult(http.StatusBadRequest, "%s", problem)
	}
	t := d.ticket(text(q.fields["TicketIdentifier"]))
	status := text(q.fields["NonTranslatedTicketStatus"])
	switch {
	case t == nil:
		return noTicket(text(q.fields["TicketIdentifier"]))
	case text(q.fields["TicketTypeId"]) != t.typeID():
		return errorResult(http.StatusBadRequest, "the TicketTypeId of ticket %s is %s", t.id, t.typeID())
	case !slices.Contains(ticketStatuses, status):
		return errorResult(http.StatusBadRequest, "%q is not a status of a ticket", status)
	}
	t.status, t.modified = status, d.now
	for name, value := range q.fields {
		if slices.Contains(changeable, name) {
			t.set(name, value)
		}
	}
	return okResult(t.heading(), t.brief())
}

// postServiceRequest opens a service request. It requires at least one attribute, but none in
// particular, because that depends on the site.
func (d *desk) postServiceRequest(q ismRequest) result {
	if problem := checkFields(q.fields, requestAttributes, nil); problem != "" {
		return errorResult(http.StatusBadRequest, "%s", problem)
	}
	if len(q.fields) == 0 {
		return errorResult(http.StatusBadRequest, "a service request needs an attribute")
	}
	t := &ticket{id: d.nextTicket(), kind: "Service Request", status: "New", attributes: map[string]any{}, created: d.now, modified: d.now}
	for name, value := range q.fields {
		t.set(name, value)
	}
	d.tickets = append(d.tickets, t)
	return createdResult(t.heading(), t.brief())
}

// nextTicket returns the identifier after the highest one: 100-292 after 100-291.
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

// checkFields returns what is wrong with a body, or "": an unknown name, a required attribute that
// is missing or empty, or a value that is neither a text nor a number.
func checkFields(fields map[string]any, known, required []string) string {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case !slices.Contains(known, name):
			return fmt.Sprintf("%s: the sandbox does not know the attribute %s of this resource; it knows %s", sandboxLimit, name, strings.Join(slices.Sorted(slices.Values(known)), ", "))
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

// newDesk returns the ISM of a world.
func newDesk(w *world, now time.Time) *desk {
	d := &desk{now: now, assetless: w.assetless, unlisted: w.unlisted}
	for _, seed := range w.assets {
		d.assets = append(d.assets, &asset{row: d.row(), attributes: seed.attributes})
	}
	for _, seed := range w.tickets {
		t := &ticket{id: seed.id, kind: seed.kind, status: seed.status, attributes: seed.attributes, created: now, modified: now}
		d.tickets = append(d.tickets, t)
		for _, l := range seed.worklogs {
			d.addWorklog(t, l.Type, map[string]string{"Text": l.Text})
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
		s := Ticket{ID: t.id, Type: t.kind, Status: t.status, Attributes: t.fields(), Worklogs: []Worklog{}, Related: []string{}}
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
