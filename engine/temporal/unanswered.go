package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"
)

// answerWithin is how long a worker may take to answer a query or an update.
const answerWithin = 15 * time.Second

// unanswered returns the trouble if the error of a query or an update says that no worker has answered.
// It returns any other error as it is.
func unanswered(run, consequence string, err error) error {
	_, late := errors.AsType[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err)
	switch serviceerror.ToStatus(err).Code() {
	case codes.DeadlineExceeded, codes.Canceled, codes.FailedPrecondition:
		late = true
	}
	if err == nil || !late && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return noWorker(run, consequence)
}

// noWorker returns the trouble that no worker has answered for a run.
func noWorker(run, consequence string) error {
	return unreachable("errand-worker doctor shows whether a worker asks for work; errand-worker worker starts one",
		fmt.Errorf("no worker has answered for run %s within %s; %s", run, answerWithin, consequence))
}
