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

// The secrets of the sandbox. No message contains them, so a connector that masks its secrets leaves
// the messages of the sandbox as they are.
const (
	accessKeyID = "AKID0000000SANDBOX00"
	secret      = "sandbox-secret"
)

// Find returns the parameters for a connector, or nil if the sandbox does not simulate its system.
func (c Credentials) Find(_ context.Context, connector, _ string) (task.Values, error) {
	switch connector {
	case "ec2":
		return task.Conceal(map[string]string{"access_key_id": accessKeyID, "secret_access_key": secret, "region_endpoint": EC2URL}), nil
	case "ism":
		return task.Conceal(map[string]string{
			"app_url": ISMURL, "user_auth_token": secret, "slice_token": secret,
			"webservice_user_name": "sandbox-user", "webservice_user_password": secret, "evidence_delay": c.EvidenceDelay,
		}), nil
	}
	return nil, nil
}
