package main

import (
	"errand/cmd"
	"errand/engine/task"
)

// name is what is typed.
const name = "errand-worker"

// newCommand returns the program with a backend.
func newCommand(connectors func(task.Environment) []task.Connector, b backend) *cmd.Command {
	s := &settings{}
	c := cmd.New(connectors)
	c.Runner = b.runner(s)
	c.Edition = &cmd.Edition{
		Name:     name,
		Purpose:  "runs declarative workflows on Temporal, with any number of machines",
		Without:  without,
		Usage:    usage,
		Topics:   []string{"language", "uncertain", "temporal", "tokens", "openid", "errand-worker@.service", "Containerfile", "compose.yaml"},
		Flags:    s.connectionFlags(),
		Commands: []cmd.Extra{workerCommand(s), setupCommand(s, b), promoteCommand(s, b), versionsCommand(s, b), codecCommand(s)},
		Workers:  true,
		Examine:  b.examine(s),
	}
	return c
}

const (
	elsewhere = "Temporal keeps the runs, not a home"
	authoring = "it is in errand, which reads the same definitions"
	retention = "Temporal deletes the runs that ended longer ago than the retention of its namespace"
	carriedOn = "workers carry on the runs: errand-worker worker --help explains how many at once"
)

// usage is what commands and flags do here, if that is not what they do in errand.
var usage = map[string]string{
	"serve":    "serve runs over HTTP: start them for service requests, show them, decide about them; workers carry them on",
	"doctor":   "check what runs need: Temporal, the workers, the clocks, the home, its journal, the key, the credentials and the systems",
	"--detach": "print the run's id, and return; a worker carries the run on",
	"--home":   "keep credentials, tokens and the audit log in `DIR`; defaults to $XDG_STATE_HOME/errand",
}

// without is what errand has and this program lacks.
var without = map[string]string{
	"backup":       elsewhere + "; credentials export and escrow are for the credentials",
	"restore":      elsewhere + "; credentials import and recover are for the credentials",
	"runs adopt":   elsewhere + ", so a copy of a home starts nothing",
	"runs suspect": elsewhere + ", so a copy of a home starts nothing",
	"runs prune":   retention,

	"runs resume --all":    "workers carry on every run that is due",
	"serve --retain":       retention,
	"serve --runs-at-work": carriedOn,
	"serve --queue":        carriedOn,

	"intake":  "this program takes no tickets; another one must start the runs, with POST /v1/runs",
	"init":    authoring,
	"test":    authoring,
	"graph":   authoring,
	"schema":  authoring,
	"lsp":     authoring,
	"sandbox": authoring,
}
