// Package ism holds the task types that act on Serviceaide Intelligent Service Management:
// worklogs, service requests and assets, which ISM calls configuration items.
//
// The web service has no idempotency keys, so each operation has its own way to be repeated safely.
// A worklog contains a short reference to its run and step; before it is added again, the ticket's
// worklogs are searched for the reference. An asset is looked up by its identifier. A status is
// read before it is set again. A new service request can be neither repeated nor looked up.
//
// What this package knows of the web service comes from the vendor's documentation and from the behaviour
// of public clients. What comes from neither is marked "assumed", here and in paths.go, the one table of
// paths. The credential's parameter "paths" overrides each path.
//
// In reading order: connector.go (the list), add_worklog.go, close_service_request.go,
// get_service_request.go, check_service_request.go, update_ticket.go and create_service_request.go
// with ticket.go, create_asset.go, update_asset.go, get_asset.go and relate_asset.go with asset.go;
// request.go (any other request); evidence_delay.go (when to look for what a lost request did); then
// session.go (one request), list.go (a list, page by page), stored.go (how texts are compared),
// envelope.go (the form of an answer), failure.go (what a refusal means), access.go (the
// credential), validate.go (what can be found out about it), paths.go, permission.go (what a call
// must be permitted), runs.go (which runs wrote to a ticket), and tickets.go (the tickets that intake
// reads).
package ism

import (
	"net/http"

	"errand/engine/task"
)

// Connector returns the connector of Intelligent Service Management. It reads nothing and connects
// to nothing.
func Connector(env task.Environment) task.Connector {
	s := &system{env: env, transport: env.Transport}
	if s.transport == nil {
		s.transport = http.DefaultTransport
	}
	connector := task.Connector{
		Name: "ism", Title: "Intelligent Service Management",
		Description: "Adds worklogs, checks, closes and creates service requests, and records assets.",
		Credential:  parameters(),
		Ready:       s.ready,
		Fit:         s.fit,
		Target:      s.target,
		Validate:    s.validate,
		Runs:        s.runs,
		Desk:        newDesk(s),
	}
	for _, define := range []func(*system) task.Type{
		addWorklog, closeServiceRequest, createAsset, updateAsset, relateAsset, getServiceRequest, createServiceRequest, checkServiceRequest, updateTicket, getAsset, request,
	} {
		connector.Types = append(connector.Types, define(s))
	}
	return connector
}
