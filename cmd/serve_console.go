package cmd

import (
	"context"
	"runtime/debug"
	"time"

	"errand/engine/console"
	"errand/engine/service"
)

// console makes the pages of the service.
func (p *serviceParts) console(server *service.Server) *console.Console {
	info, _ := debug.ReadBuildInfo()
	is := builtFrom(info)
	return console.New(console.Config{
		Service: server, Workflows: p.flows, Definitions: p.flows, Registry: p.home.Registry,
		Tokens: p.home.tokens, Sessions: p.home.sessions, Pauses: p.home.pauses, Audit: p.home.audit, Log: p.log,
		PublicURL: p.publicURL, Key: server.Key, Provider: p.signIn.provider, ProviderName: p.signIn.name,
		Program: p.program(),
		About:   console.About{Release: is.Release, Commit: is.Commit[:min(12, len(is.Commit))], Go: is.Go, Platform: is.Platform, Home: p.at.Folder},
		Examine: p.examine, Credentials: p.stored, Test: p.test,
	})
}

// test makes a test case of a run that a client of the service sees.
func (p *serviceParts) test(ctx context.Context, c service.Client, run string) ([]byte, error) {
	record, err := c.Record(ctx, run)
	if err != nil {
		return nil, err
	}
	return p.testOf(ctx, p.at, record, true)
}

// journalLasts is how long the console reads the journal to check it. The rest of its time is for the
// systems.
const journalLasts = 10 * time.Second

// examine returns what errand doctor finds, without opening the home a second time.
func (p *serviceParts) examine(ctx context.Context) []console.Finding {
	limited, cancel := context.WithTimeout(ctx, journalLasts)
	found := append(p.examineSystem(limited, p.at), examineOpened(limited, p.home.opened)...)
	cancel()
	found = append(found, examineCredentials(ctx, p.at.Credentials, p.home.Registry)...)
	shown := make([]console.Finding, len(found))
	for i, f := range found {
		shown[i] = console.Finding{What: f.What, Message: f.Message, OK: f.OK, Warning: f.Warning}
		if p.offers(f.Hint) {
			shown[i].Hint = p.atHome(f.Hint)
		}
	}
	return shown
}

// stored lists the stored credentials, without their values.
func (p *serviceParts) stored(ctx context.Context) ([]console.Credential, error) {
	entries, err := p.at.Credentials.List(ctx)
	if err != nil {
		return nil, credentialExit(err)
	}
	all := make([]console.Credential, len(entries))
	for i, e := range entries {
		all[i] = console.Credential{Connector: e.Connector, Name: e.Name, Added: e.Added, Edited: e.Edited, Validated: e.Validated, Used: e.Used}
	}
	return all, nil
}
