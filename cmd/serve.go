package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"errand/engine/access"
	"errand/engine/diag"
	"errand/engine/home"
)

const serveNote = `A token is what a caller of the service is known by. Roles: requester starts runs and sees its own, approver decides
what it is asked, operator cancels, resolves and retries runs, designer sees workflows and plans, monitor reads
metrics, admin does all of this and reads the audit log.`

const (
	tokenNote = "A token is printed once, when it is made; only its hash is kept. New and revoked tokens count within a second."
	auditNote = "Each entry has a hash of itself and of the entry before. A key of the stored credentials seals the end of the log."
)

// A serviceHome is an open home that keeps tokens, pauses and an audit log.
type serviceHome struct {
	*opened
	tokens   access.Tokens
	sessions access.Sessions
	pauses   access.Pauses
	audit    access.Log
}

// useService is use for a command about what a service keeps.
func (h *homeFlags) useService(ctx context.Context, by string, do func(s serviceHome) error) error {
	return h.use(ctx, by, func(o *opened) error {
		if h.vocabulary != nil { // the runs are elsewhere
			if err := o.OpenJournal(ctx); err != nil {
				return runExit(err, "")
			}
		}
		s := serviceHome{o, o.Tokens(), o.Sessions(), o.Pauses(), o.Audit()}
		if s.tokens == nil || s.sessions == nil || s.pauses == nil || s.audit == nil {
			return &Exit{Code: ExitConfiguration, Message: "the runs of " + o.Folder + " are not in a journal of this folder, so it keeps no tokens, pauses and audit log"}
		}
		return do(s)
	})
}

// record adds an entry to the audit log: the person at the terminal is about to do something.
func (s serviceHome) record(ctx context.Context, action, detail string) (by string, err error) {
	by, err = s.user()
	if err != nil {
		return "", err
	}
	_, err = s.audit.Append(ctx, access.Entry{At: time.Now(), Person: by, Action: action, Detail: detail})
	return by, serviceExit(err)
}

// serviceExit converts an error of what a service keeps to an Exit.
func serviceExit(err error) error {
	if err == nil {
		return nil
	}
	return runExit(home.Trouble(err), "")
}

// knownWorkflow returns an Exit if no definition has the name of a workflow. what names the flag that
// takes the name all the same.
func (d *definitions) knownWorkflow(name string, also ...string) error {
	names, err := d.library().Names()
	if err != nil {
		return definitionExit(err)
	}
	names = append(also, names...)
	if slices.Contains(names, name) {
		return nil
	}
	hint := cmp.Or(diag.DidYouMean(name, names), "errand workflows lists the workflows")
	return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no workflow %q", name), Hint: hint + "; --definitions names your own, and --force takes a name that has no definition yet"}
}
