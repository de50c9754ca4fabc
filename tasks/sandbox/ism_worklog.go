package sandbox

import (
	"cmp"
	"maps"
	"net/http"
)

// worklogAttributes are those that a new worklog may be given. All are text.
var worklogAttributes = []string{
	"Text", "TicketIdentifier", "WorklogType", "ClientViewable", "TimeSpent", "WorklogActualDate", "sendMail", "communicationSendTo",
	"communicationSendCC",
}

// A worklog is one entry on a ticket, by the attributes of the web service.
type worklog map[string]string

// postWorklog adds a worklog: another one each time, there is no key that would tell a repetition.
func (d *desk) postWorklog(q ismRequest) result {
	if problem := checkFields(q.fields, worklogAttributes, []string{"Text", "TicketIdentifier"}); problem != "" {
		return failed(http.StatusBadRequest, "%s", problem)
	}
	t := d.ticket(text(q.fields["TicketIdentifier"]))
	if t == nil {
		return noTicket(text(q.fields["TicketIdentifier"]))
	}
	given := map[string]string{}
	for name, value := range q.fields {
		if _, ok := value.(string); !ok {
			return failed(http.StatusBadRequest, "the attribute %s must be text", name)
		}
		given[name] = text(value)
	}
	d.note(t, cmp.Or(given["WorklogType"], "Update"), given)
	return created("Success", nil)
}

func (d *desk) note(t *ticket, kind string, given map[string]string) {
	l := worklog{}
	maps.Copy(l, given)
	l["WorklogID"] = d.row()
	l["WorklogType"] = kind
	l["WorklogTypeCode"] = kind
	l["TicketIdentifier"] = t.id
	l["TicketID"] = t.id
	l["TicketType"] = t.kind
	l["CreationTimestamp"] = epoch(d.now)
	l["CreationUserName"] = "Web Service" // the account of the credentials, which are not kept
	t.worklogs = append(t.worklogs, l)
	t.modified = d.now
}

// listWorklogs shows worklogs, oldest first. That they are filtered the way tickets are is assumed.
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
	return answerList(q.query, rows)
}
