// Package operations embeds the operator's guide, so that the command line can print it.
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

	// Service is the page about a service: its installation, its upgrades and its size.
	//
	//go:embed service.md
	Service string

	// Monitoring is the page about metrics, the log, traces and alerts.
	//
	//go:embed monitoring.md
	Monitoring string

	// Crashes is the page about what a crash leaves.
	//
	//go:embed crashes.md
	Crashes string
)
