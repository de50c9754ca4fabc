package temporal

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"

	"errand/engine"
)

// describeNamespace asks the server about the namespace.
func describeNamespace(ctx context.Context, c client.Client, namespace string) (*workflowservice.DescribeNamespaceResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
}

// connectTrouble says why the server cannot be used.
func connectTrouble(ctx context.Context, err error, o client.Options) error {
	where := "Temporal at " + o.HostPort
	if _, ok := errors.AsType[*serviceerror.NamespaceNotFound](err); ok {
		return settings("temporal operator namespace list shows the namespaces", "%s has no namespace %q", where, o.Namespace)
	}
	if ctx.Err() != nil {
		return unreachable("", fmt.Errorf("%s did not answer in time: %w", where, ctx.Err()))
	}
	switch serviceerror.ToStatus(err).Code() {
	case codes.Unauthenticated:
		return refused("%s refuses this client: it expects an API key or a certificate that it knows", where)
	case codes.PermissionDenied:
		return refused("%s does not allow this client to use the namespace %q: the API key or the certificate has no right to", where, o.Namespace)
	}
	if why := probe(ctx, o); why != nil {
		return why
	}
	return unreachable("", fmt.Errorf("%s did not answer as expected: %s", where, plainMessage(err)))
}

// plainMessage returns the message of an error of the server.
func plainMessage(err error) string {
	if status := serviceerror.ToStatus(err); status.Message() != "" {
		return status.Message()
	}
	return err.Error()
}

func refused(format string, args ...any) error {
	return &engine.Trouble{Code: engine.TroubleCredential, Hint: "check the file with the API key, TEMPORAL_API_KEY, or the client's certificate", Err: fmt.Errorf(format, args...)}
}

func unreachable(hint string, err error) error {
	return &engine.Trouble{Code: engine.TroubleUnreachable, Hint: hint, Err: err}
}
