package temporal

import (
	"context"
	"errors"
	"strings"
	"sync"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc/codes"

	"errand/engine"
	"errand/engine/local"
	"errand/engine/task"
)

// A Runner starts runs on Temporal, reads them and takes decisions about them. Workers carry the runs
// out: Work makes this process one. It is safe for concurrent use, and must not be copied.
//
// It has no engine.Intaker, which needs a ticket, its run and a cursor in one commit, and no
// engine.Pruner: the server deletes what ended longer ago than the retention of its namespace.
type Runner struct {
	Client    client.Client
	Namespace string
	TaskQueue string
	Registry  *task.Registry
	Converter converter.DataConverter // of the client
	About     string                  // names this process for people, such as "errand-worker worker, process 4711"
	Worker    WorkerOptions

	limits   limits // of calls; only tests change them
	programs local.Programs
	mu       sync.Mutex
	flows    map[string]string // the id of a run → that of its workflow
	changed  func(run string)  // see Announce; may be nil
}

var (
	_ engine.Runner    = (*Runner)(nil)
	_ engine.Announcer = (*Runner)(nil)
)

// Close closes the connection to the server.
func (r *Runner) Close() error {
	r.Client.Close()
	return nil
}

// Announce implements engine.Announcer.
func (r *Runner) Announce(changed func(run string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = changed
}

// announce says that this process has changed a run.
func (r *Runner) announce(run string) {
	r.mu.Lock()
	changed := r.changed
	r.mu.Unlock()
	if changed != nil {
		changed(run)
	}
}

// outward returns an error of Temporal as one of the runner's contract. run is the run that it is
// about; it may be empty.
func outward(run string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*engine.Refusal](err); ok {
		return err
	}
	if _, ok := errors.AsType[*engine.Trouble](err); ok {
		return err
	}
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return &engine.Refusal{Code: engine.RefusedNotFound, Run: run, Err: err}
	}
	if errors.Is(err, context.Canceled) || serviceerror.ToStatus(err).Code() == codes.Canceled {
		return context.Canceled
	}
	if _, ok := errors.AsType[*serviceerror.InvalidArgument](err); ok && strings.Contains(err.Error(), attributePrefix) {
		return settings("errand-worker setup adds what is missing", "Temporal refuses the search attributes of runs: %s", plainMessage(err))
	}
	return serverTrouble("Temporal", err)
}

// isClosed reports whether a workflow has closed.
func isClosed(s enums.WorkflowExecutionStatus) bool {
	return s != enums.WORKFLOW_EXECUTION_STATUS_RUNNING && s != enums.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED && s != enums.WORKFLOW_EXECUTION_STATUS_PAUSED
}
