package sandbox

import (
	"cmp"
	"maps"
	"net/http"
)

// worklogAttributes are the attributes that a new worklog may have. All are text.
var worklogAttributes = []string{
	"Text", "TicketIdentifier", "WorklogType", "ClientViewable", "TimeSpent", "WorklogActualDate", "sendMail", "communicationSendTo",
	"communicationSendCC",
}

// listedWorklogAttributes are the attributes by which a list of worklogs can be filtered and sorted.
var listedWorklogAttributes = append([]string{"CreationTimestamp", "CreationUserName", "TicketID", "TicketType", "WorklogID", "WorklogTypeCode"}, worklogAttributes...)

// A worklog is one entry on a ticket, under the web service's names.
type worklog map[string]string

// postWorklog adds a worklog. A repeated request adds another one: there is no key that identifies
// a repeat.
func (d *desk) postWorklog(q ismRequest) result {
	if problem := checkFields(q.fields, worklogAttributes, []string{"Text", "TicketIdentifier"}); problem != "" {
		return errorResult(http.StatusBadRequest, "%s", problem)
	}
	t := d.ticket(text(q.fields["TicketIdentifier"]))
	if t == nil {
		return noTicket(text(q.fields["TicketIdentifier"]))
	}
	given := map[string]string{}
	for name, value := range q.fields {
		if _, ok := value.(string); !ok {
			return errorResult(http.StatusBadRequest, "the attribute %s must be text", name)
		}
		given[name] = text(value)
	}
	d.addWorklog(t, cmp.Or(given["WorklogType"], "Update"), given)
	return createdResult("Success", nil)
}

func (d *desk) addWorklog(t *ticket, kind string, given map[string]string) {
	l := worklog{}
	maps.Copy(l, given)
	l["WorklogID"] = d.row()
	l["WorklogType"] = kind
	l["WorklogTypeCode"] = kind
	l["TicketIdentifier"] = t.id
	l["TicketID"] = t.id
	l["TicketType"] = t.kind
	l["CreationTimestamp"] = epoch(d.now)
	l["CreationUserName"] = "Web Service" // the user of the credentials, which the sandbox does not keep
	t.worklogs = append(t.worklogs, l)
	t.modified = d.now
}

// listWorklogs returns worklogs, oldest first. Assumed: they are filtered as tickets are.
func (d *desk) listWorklogs(q ismRequest) result {
	var rows []map[string]any
	for _, t := range d.tickets {
		for _, l := range t.worklogs {
			row := map[string]any{}
			for name, value := range l {
				row[name] = value
			}
			rows = append(rows, row)
		}
	}
	return answerList(q.query, rows, listedWorklogAttributes)
}
