package ism

import (
	"context"
	"net/http"
	"slices"

	"errand/engine/schema"
	"errand/engine/task"
)

type relateInput struct {
	Ticket       string `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
	Identifier   string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as the identifier of an EC2 instance."`
	Relationship string `json:"relationship" title:"Relationship" doc:"The type of the relation, as the site defines it. If unset, ISM decides."`
}

type relateOutput struct{ ticket, identifier string }

// Summary names the asset and the ticket.
func (o relateOutput) Summary() string {
	return "asset " + o.identifier + " was related to ticket " + o.ticket
}

// relateAsset relates an asset to a service request. If the outcome is unknown, the ticket's
// relations are read before the request is sent again.
func relateAsset(s *system) task.Type {
	return task.Define("ism.relate_asset", "Relates an asset to a service request.", task.Evident,
		func(ctx context.Context, call task.Call, in relateInput) (relateOutput, error) {
			out := relateOutput{in.Ticket, in.Identifier}
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			if call.Recover {
				return task.LookFor(call, session.evidenceDelay, func() (relateOutput, bool, error) {
					related, err := session.hasRelation(ctx, in)
					return out, related, err
				})
			}
			data, err := session.send(ctx, http.MethodPost, ticketPath(session.paths.TicketAsset, in.Ticket), struct {
				Identifier       string `json:"ConfigurationItemIdentifier"`
				RelationshipType string `json:",omitempty"`
			}{in.Identifier, in.Relationship})
			if err == nil {
				err = checkAbout(in.Ticket, data)
			}
			return out, session.explainNotFound(ctx, in.Identifier, err)
		}).WithChange(task.Change{Verb: task.Changes, What: "ticket {ticket}", Done: "asset {identifier} related to it"}, readTickets, readAssets, relateAssets).WithRules(ticketRule, identifierRule)
}

// hasRelation reports whether the ticket has the relation. A ticket shows assets under ISM's own ids
// and names. The asset's own attributes tell which of them it is; ISM may list active assets only,
// and then the identifier is all that can be compared.
func (s *session) hasRelation(ctx context.Context, in relateInput) (bool, error) {
	t, _, err := s.ticket(ctx, in.Ticket)
	switch {
	case err != nil:
		return false, err
	case t.HasConfigurationItem == nil:
		return false, cannotTell("ISM's answer does not contain the assets of the ticket " + in.Ticket)
	}
	partial := len(t.HasConfigurationItem.Next) > 0 && string(t.HasConfigurationItem.Next) != "null"
	related := slices.DeleteFunc(slices.Clone(t.HasConfigurationItem.Results), func(r relation) bool {
		return in.Relationship != "" && r.RelationshipType != "" && !isStoredAs(in.Relationship, string(r.RelationshipType))
	})
	if len(related) == 0 && !partial {
		return false, nil
	}
	found, err := s.asset(ctx, in.Identifier)
	if err != nil {
		return false, err
	}
	is := func(r relation) bool { return found.isShownAs(in.Identifier, r) }
	switch {
	case slices.ContainsFunc(related, is):
		return true, nil
	case partial:
		return false, cannotTell("ISM's answer contains only the first assets of the ticket " + in.Ticket)
	case found == nil:
		return false, cannotTell("ISM does not list the asset " + schema.Show(in.Identifier) + ", and the ticket " + in.Ticket + " shows other names")
	}
	return false, nil
}

// isShownAs reports whether a ticket's relation is the one to an asset. An asset that ISM does not
// list is nil.
func (a asset) isShownAs(identifier string, r relation) bool {
	id, name := string(r.CIID), string(r.CIName)
	switch {
	case a != nil && id != "":
		return isStoredAs(a.id(identifier), id)
	case a != nil && name != "" && isStoredAs(string(a["Name"]), name):
		return true
	}
	return name != "" && isStoredAs(identifier, name) || id != "" && isStoredAs(identifier, id)
}
