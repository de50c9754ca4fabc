package intake

import (
	"slices"
	"strings"

	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// names explains unknown names in the expressions of a source.
type names struct{ root schema.Field }

// rootsOfDefinitions are the names that expressions of a definition read.
var rootsOfDefinitions = []string{"inputs", "request", "run", "steps", "result", "failure", rootTicket, rootPayload}

func (n names) missing(path, name string) expression.Missing {
	root := n.root.Name
	switch {
	case path == "" && slices.Contains(n.root.Type.FieldNames(), name):
		return expression.Missing{Help: `did you mean "` + root + "." + name + `"?`, Suggest: root + "." + name}
	case path == "" && slices.Contains(rootsOfDefinitions, name):
		return expression.Missing{
			Message: "there is no `" + name + "` here", Label: "not known in the rules of this source",
			Help: "read `" + root + "`, which is what the source sends",
		}
	case path == rootTicket:
		return ticketHint(name, n.root.Type.FieldNames())
	}
	return expression.Missing{}
}

// ticketHint explains a member that `ticket` does not have. The names of the desk are those of
// attributes.
func ticketHint(name string, known []string) expression.Missing {
	m := expression.Missing{Label: "not a member of ticket", Notes: []string{"members are " + strings.Join(known, ", ")}}
	switch near := diag.Nearest(name, known); {
	case ours[name] != "":
		m.Help, m.Suggest = `did you mean "`+ours[name]+`"?`, ours[name]
	case near != "":
		m.Help, m.Suggest = `did you mean "`+near+`"?`, diag.Certain(name, known)
	default:
		m.Help = `what the desk sends under its own names is in ticket.attributes["…"], and custom attributes are in ticket.custom_attributes["…"]`
	}
	return m
}

// ours are the members of `ticket` by the names that the desk has for them.
var ours = map[string]string{
	"TicketIdentifier": "id", "TypeName": "type", "TicketType": "type", "TicketStatus": "status", "NonTranslatedTicketStatus": "status",
	"Description": "description", "Categorization": "categorization", "Priority": "priority",
	"RequesterUserName": "requester", "RequestedForUserName": "requested_for", "CustomAttributes": "custom_attributes",
}

// why returns the reason why a value of a ticket or a payload may be null.
func why(path string) string {
	switch {
	case strings.HasPrefix(path, rootTicket+".custom_attributes"):
		return "a ticket may not have this attribute"
	case strings.HasPrefix(path, rootPayload):
		return "a payload may not have it"
	}
	return ""
}
