// Package ec2 holds the task types that manage Amazon EC2 instances: create, start, stop, restart, delete, and ask for the status.
//
// A task type is a file of its own: its parameters and outputs as tagged structs, and a function. What repeating an operation
// does differs, and each file says how it stays safe: a new instance carries a client token, a change of state looks before it
// is sent again, and a restart can be neither repeated nor looked up. Requests are made through the AWS SDK with its retries
// off, since all trying again is the engine's.
//
// In reading order: connector.go (the list), start_instance.go (the simplest type), change.go (how a state is changed safely),
// restart_instance.go, create_instance.go with tags.go and launch.go, get_instance_status.go; then state.go (the outputs they
// share), request.go (one request), body.go (its body), failure.go (what an error means), client.go (a client for each credential),
// config.go (the SDK's configuration, and roles), endpoint.go, fit.go, ready.go and validate.go (what can be said of a credential),
// permission.go and ask.go (what a call must be permitted, and whether it is).
package ec2

import "errand/engine/task"

// Connector is Amazon EC2. Building it reads nothing and connects to nothing; a client is made with the first call.
func Connector(env task.Environment) task.Connector {
	c := &clients{env: env}
	connector := task.Connector{
		Name: "ec2", Title: "Amazon EC2",
		Description: "Provisions, starts, stops, restarts and terminates Amazon EC2 instances.",
		Credential:  parameters(),
		Ready:       c.ready,
		Fit:         fit,
		Validate:    c.validate,
	}
	for _, define := range []func(*clients) task.Type{
		createInstance, deleteInstance, getInstanceStatus, startInstance, stopInstance, restartInstance,
	} {
		connector.Types = append(connector.Types, define(c))
	}
	return connector
}

// Names of the credential's parameters.
const (
	accessKeyID      = "access_key_id"
	secretAccessKey  = "secret_access_key"
	regionEndpoint   = "region_endpoint"
	keyPairName      = "key_pair_name"
	securityGroupIDs = "security_group_ids"
	profile          = "profile"
	roleARN          = "role_arn"
	externalID       = "external_id"
)

// parameters are none of them required by itself: fit.go says which are needed together.
func parameters() []task.Parameter {
	return []task.Parameter{
		{Name: accessKeyID, Title: "Access Key ID", Encrypted: true, Variable: "AWS_ACCESS_KEY_ID",
			Description: "Names the user whose requests these are. It and the secret access key are needed unless a profile or a role is given."},
		{Name: secretAccessKey, Title: "Secret Access Key", Encrypted: true, Variable: "AWS_SECRET_ACCESS_KEY",
			Description: "Signs the requests."},
		{Name: regionEndpoint, Title: "Region Endpoint", Default: defaultEndpoint, Variable: "AWS_ENDPOINT_URL_EC2",
			Description: "Where requests go: a region's host such as ec2.eu-west-1.amazonaws.com, or a URL such as http://127.0.0.1:8080/ec2. Without keys the region of the profile, or of the environment, comes before the default."},
		{Name: keyPairName, Title: "Key Pair Name",
			Description: "The key pair for logging in to instances that are created."},
		{Name: securityGroupIDs, Title: "Security Group IDs",
			Description: "The security groups of instances that are created, with commas between."},
		{Name: profile, Title: "Profile", Variable: "AWS_PROFILE",
			Description: "A profile of the AWS configuration files, in place of the keys."},
		{Name: roleARN, Title: "Role ARN",
			Description: "A role to assume, such as arn:aws:iam::123456789012:role/errand, with the keys, the profile, or what the environment offers. The session is named errand- and the run, so that CloudTrail tells which run acted."},
		{Name: externalID, Title: "External ID",
			Description: "What the role's trust policy asks for, where the role belongs to somebody else's account."},
	}
}
