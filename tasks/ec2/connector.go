// Package ec2 holds the task types that manage Amazon EC2 instances: create, start, stop, restart
// and delete an instance, read its status, and find instances.
//
// Each task type is one file: its parameters and outputs as tagged structs, and a function. Each file says
// whether its operation may be repeated, and why: a new instance carries a client token, a change of state
// looks at the instance before it is sent again, and a restart can be neither repeated nor looked up.
// Requests are made through the AWS SDK with its retries off, because only the engine tries again.
//
// In reading order: connector.go (the list), start_instance.go (the simplest type), stop_instance.go,
// delete_instance.go, change.go (how a state is changed safely), wait.go and checks.go (waiting for a
// state) with change_wait.go, restart_instance.go, create_instance.go with tags.go, launch_template.go,
// launch_request.go and launch.go, get_instance_status.go, find_instances.go with filter.go; then state.go
// (the outputs they share), request.go (one request), sender.go (its body), answer.go (reading its
// answer), not_ec2.go (an answer that is not EC2's), failure.go (what an error means), client.go (a client
// for each credential), config.go (the SDK's configuration, and roles), endpoint.go, fit.go, ready.go and
// validate.go (what can be found out about a credential), permission.go (what a call must be permitted)
// and ask.go (whether it is).
package ec2

import "errand/engine/task"

// Connector returns the connector of Amazon EC2. It reads nothing and connects to nothing: the
// first call of a task makes a client.
func Connector(env task.Environment) task.Connector {
	c := &clients{env: env}
	connector := task.Connector{
		Name: "ec2", Title: "Amazon EC2",
		Description: "Provisions, starts, stops, restarts and terminates Amazon EC2 instances.",
		Credential:  parameters(),
		Ready:       c.ready,
		Fit:         fit,
		Target:      targetOf,
		Validate:    c.validate,
		Secrets:     []string{"AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_CONTAINER_AUTHORIZATION_TOKEN"},
	}
	for _, define := range []func(*clients) task.Type{
		createInstance, deleteInstance, getInstanceStatus, startInstance, stopInstance, restartInstance, findInstances,
	} {
		connector.Types = append(connector.Types, define(c))
	}
	return connector
}

// Names of the credential's parameters.
const (
	accessKeyID      = "access_key_id"
	secretAccessKey  = "secret_access_key"
	sessionToken     = "session_token"
	regionName       = "region"
	regionEndpoint   = "region_endpoint"
	keyPairName      = "key_pair_name"
	securityGroupIDs = "security_group_ids"
	profile          = "profile"
	roleARN          = "role_arn"
	externalID       = "external_id"
)

// parameters returns the credential's parameters. None is required by itself: fit.go says which are
// needed together.
func parameters() []task.Parameter {
	return []task.Parameter{
		{Name: accessKeyID, Title: "Access Key ID", Encrypted: true, Variable: "AWS_ACCESS_KEY_ID",
			Description: "Identifies the user who makes the requests. Required, with the secret access key, unless a profile or a role is given."},
		{Name: secretAccessKey, Title: "Secret Access Key", Encrypted: true, Variable: "AWS_SECRET_ACCESS_KEY",
			Description: "The secret that belongs to the access key. It signs the requests."},
		{Name: regionEndpoint, Title: "Region Endpoint", Group: task.Address, Default: defaultEndpoint, Variable: "AWS_ENDPOINT_URL_EC2",
			Description: "The address that requests are sent to: a region such as eu-west-1, its host such as ec2.eu-west-1.amazonaws.com, or a URL such as http://127.0.0.1:8080/ec2. It takes precedence over the environment and profiles. Without it and without keys, the AWS SDK finds the address."},
		{Name: keyPairName, Title: "Key Pair Name", Group: task.Settings,
			Description: "The key pair for logging in to instances that are created."},
		{Name: securityGroupIDs, Title: "Security Group IDs", Group: task.Settings,
			Description: "The security groups of instances that are created, separated by commas."},
		{Name: sessionToken, Title: "Session Token", Encrypted: true, Variable: "AWS_SESSION_TOKEN",
			Description: "The session token of temporary keys. Keys whose id begins with ASIA are temporary."},
		{Name: regionName, Title: "Region", Group: task.Address, Variable: "AWS_REGION",
			Description: "The region that requests are signed for, such as eu-west-1, if region_endpoint does not contain it. Without region_endpoint, requests are sent there, too."},
		{Name: profile, Title: "Profile", Group: task.Settings, Variable: "AWS_PROFILE",
			Description: "The name of a profile in the AWS configuration files, which is used in place of the keys."},
		{Name: roleARN, Title: "Role ARN", Group: task.Settings,
			Description: "A role to assume, such as arn:aws:iam::123456789012:role/errand, with the keys, the profile, or the credentials of the environment. The session is named errand-RUN, so that CloudTrail shows which run acted. The role is assumed at the public STS of the region."},
		{Name: externalID, Title: "External ID", Group: task.Settings,
			Description: "The external id that the role's trust policy requires, if the role belongs to another organization's account."},
	}
}
