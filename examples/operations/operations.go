// Package operations embeds the operator's guide and the files that go with it, so that the command
// line can print them.
package operations

import _ "embed"

// The pages of the operator's guide, in Markdown.
var (
	// Guide is the first page, which links to the others.
	//
	//go:embed README.md
	Guide string

	// Uncertain is the page about runs that wait for a person to say what took place.
	//
	//go:embed uncertain.md
	Uncertain string

	// Backup is the page about backup and restore.
	//
	//go:embed backup.md
	Backup string

	// Retention is the page about how long runs are kept.
	//
	//go:embed retention.md
	Retention string

	// Copies is the page about homes that are copies.
	//
	//go:embed copies.md
	Copies string

	// Tokens is the page about tokens, pauses and the audit log.
	//
	//go:embed tokens.md
	Tokens string

	// OpenID is the page about the sign-in of people by OpenID Connect.
	//
	//go:embed openid.md
	OpenID string

	// Service is the page about a service: its installation, its upgrades and its size.
	//
	//go:embed service.md
	Service string

	// FirstDay is the page that follows a service from nothing to another machine, in the sandbox.
	//
	//go:embed first-day.md
	FirstDay string

	// Monitoring is the page about metrics, the log, traces and alerts.
	//
	//go:embed monitoring.md
	Monitoring string

	// Temporal is the page about the same runs on many machines.
	//
	//go:embed temporal.md
	Temporal string

	// Crashes is the page about what a crash leaves.
	//
	//go:embed crashes.md
	Crashes string
)

// The files of an installation. Service, Monitoring and Temporal say what each is for.
var (
	//go:embed systemd/errand.service
	Unit string

	//go:embed systemd/errand.socket
	Socket string

	//go:embed systemd/errand-worker@.service
	WorkerUnit string

	//go:embed container/Containerfile
	Containerfile string

	//go:embed temporal/compose.yaml
	Compose string

	//go:embed litestream/litestream.yml
	Litestream string

	//go:embed monitoring/alerts.yaml
	Alerts string

	//go:embed monitoring/dashboard.json
	Dashboard string
)
