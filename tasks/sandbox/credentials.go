package sandbox

import (
	"context"

	"errand/engine/task"
)

// Credentials is a credential store for connectors that act on the sandbox. It returns the same
// credentials for every name.
type Credentials struct {
	EvidenceDelay string // ISM's evidence_delay; the default if empty
}

// Find returns the parameters for a connector, or nil if the sandbox does not simulate its system.
func (c Credentials) Find(_ context.Context, connector, _ string) (task.Values, error) {
	switch connector {
	case "ec2":
		return task.Conceal(map[string]string{"access_key_id": "sandbox", "secret_access_key": "sandbox", "region_endpoint": EC2URL}), nil
	case "ism":
		return task.Conceal(map[string]string{
			"app_url": ISMURL, "user_auth_token": "sandbox", "slice_token": "sandbox",
			"webservice_user_name": "sandbox", "webservice_user_password": "sandbox", "evidence_delay": c.EvidenceDelay,
		}), nil
	}
	return nil, nil
}
