// Package ism holds the task types that act on Serviceaide Intelligent Service Management: worklogs, service requests and
// assets, which ISM calls configuration items.
//
// The web service knows no idempotency key, so what repeats safely is different for each operation. A worklog carries a short
// reference to its run and step, and is looked for by it before it is added again; an asset is looked for by its identifier; a
// status is read before it is set again. A new service request can be neither repeated nor looked up.
//
// What is known of the web service comes from the vendor's documentation and from how public clients of it behave. What is
// neither is marked "assumed" in paths.go, the one table of paths, each of which the credential's parameter `paths` overrides.
//
// In reading order: connector.go (the list), add_worklog.go, close_service_request.go, get_service_request.go and
// create_service_request.go with ticket.go, create_asset.go, update_asset.go and relate_asset.go with asset.go; then session.go
// (one request), envelope.go (what an answer says), failure.go (what a refusal means), access.go (the credential), validate.go, paths.go,
// permission.go.
package ism

import (
	"net/http"

	"errand/engine/task"
)

// Connector is Intelligent Service Management. Building it reads nothing and connects to nothing.
func Connector(env task.Environment) task.Connector {
	s := &system{env: env, transport: env.Transport}
	if s.transport == nil {
		s.transport = http.DefaultTransport
	}
	connector := task.Connector{
		Name: "ism", Title: "Intelligent Service Management",
		Description: "Adds worklogs, closes and creates service requests, and keeps assets.",
		Credential:  parameters(),
		Ready:       s.ready,
		Fit:         s.fit,
		Validate:    s.validate,
	}
	for _, define := range []func(*system) task.Type{
		addWorklog, closeServiceRequest, createAsset, updateAsset, relateAsset, getServiceRequest, createServiceRequest,
	} {
		connector.Types = append(connector.Types, define(s))
	}
	return connector
}
