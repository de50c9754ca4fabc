// Package home opens a home: the folder with the runs and the credentials of an installation.
// Whatever has users (the command line, a worker, a service) opens it here and adds its own words:
// this package reads no flags, and its errors are data.
//
// In reading order: home.go (where a home is), open.go (an open one, with its runner), local.go (the
// runner that is used if no other is given), inputs.go (from texts to the inputs of a run), ready.go
// (whether credentials can be used), sent.go (which runs have used one), service.go (the tokens, sessions,
// pauses and audit log of a service), service_key.go (its key), cursors.go (how far other systems were
// read), backup.go and archive.go (copies of a home), retain.go (runs are pruned in time).
package home

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"errand/engine/credential"
	"errand/engine/task"
)

// A Home says where runs and credentials are and what can be done with them. Nothing is open yet.
type Home struct {
	Folder      string
	Credentials *credential.Store
	Connectors  func(task.Environment) []task.Connector
	Runner      Maker // makes the runner of an open home; nil means Local
}

// Registry returns the task types with the credentials of the home. Secrets in what a task returns
// are masked.
func (h *Home) Registry() *task.Registry {
	mask := h.Credentials.Mask()
	connectors := h.Connectors(task.Environment{Credentials: h.Credentials, Hide: mask.AddPassing})
	hideVariables(mask, connectors)
	return task.NewRegistry(connectors...).WithMasker(mask)
}

// Mask returns a mask with the secrets of the store and of the environment, for what did not come
// from a task of this process.
func (h *Home) Mask(ctx context.Context) (*credential.Mask, error) {
	mask, err := h.Credentials.MaskAll(ctx)
	hideVariables(mask, h.Connectors(task.Environment{}))
	return mask, err
}

// hideVariables adds to a mask the secrets that the environment has for connectors: a system may
// answer with a secret that was sent to another one.
func hideVariables(mask *credential.Mask, connectors []task.Connector) {
	for _, c := range connectors {
		for _, name := range c.SecretVariables() {
			mask.AddVariable(task.NewSecret(strings.TrimSpace(os.Getenv(name))))
		}
	}
}

// DefaultFolder returns the folder of the user's own home: errand in $XDG_STATE_HOME, which defaults
// to ~/.local/state.
func DefaultFolder(getenv func(string) string) (string, error) {
	if state := getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "errand"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(user, ".local", "state", "errand"), nil
}

// OpenCredentials returns the store of the credentials in a folder. Nothing is read before it is
// used.
func OpenCredentials(folder string, keys credential.Places) *credential.Store {
	return &credential.Store{Home: folder, Keys: keys.Sources()}
}
