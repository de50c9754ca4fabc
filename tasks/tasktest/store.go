package tasktest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"errand/engine/task"
)

// A Store is a credential store that holds one credential, under the default name.
type Store map[string]string

// Find implements task.Credentials.
func (s Store) Find(_ context.Context, _, name string) (task.Values, error) {
	if name != task.DefaultCredential {
		return nil, nil
	}
	return task.Conceal(s), nil
}

// A ClosedStore is a credential store that cannot be read.
type ClosedStore struct{}

// Find implements task.Credentials. Its error says "the store is closed".
func (ClosedStore) Find(context.Context, string, string) (task.Values, error) {
	return nil, errors.New("the store is closed")
}

// Untouchable returns an environment that fails the test when a credential is read or a request is
// sent.
func Untouchable(t *testing.T) task.Environment {
	return task.Environment{Credentials: untouchable{t}, Transport: untouchable{t}}
}

type untouchable struct{ t *testing.T }

func (u untouchable) Find(context.Context, string, string) (task.Values, error) {
	u.t.Error("a credential was read")
	return nil, nil
}

func (u untouchable) RoundTrip(*http.Request) (*http.Response, error) {
	u.t.Error("a request was sent")
	return nil, http.ErrAbortHandler
}
