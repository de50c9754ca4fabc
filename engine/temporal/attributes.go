package temporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"
)

// attributePrefix begins the name of each of them.
const attributePrefix = "Errand"

// The search attributes of runs. The server reads them, so they are not encrypted.
var (
	attributeRun      = temporal.NewSearchAttributeKeyKeyword("ErrandRun")          // the run's id
	attributeWorkflow = temporal.NewSearchAttributeKeyKeyword("ErrandWorkflow")     // the workflow's name
	attributeRequest  = temporal.NewSearchAttributeKeyKeyword("ErrandRequest")      // the service request's id
	attributeStatus   = temporal.NewSearchAttributeKeyKeyword("ErrandStatus")       // an engine.Status
	attributeReplaces = temporal.NewSearchAttributeKeyKeyword("ErrandReplaces")     // of a retry: the status of the closed workflow that it continues
	attributeStarted  = temporal.NewSearchAttributeKeyTime("ErrandStarted")         // when the run was put on record
	attributeWaitsFor = temporal.NewSearchAttributeKeyKeywordList("ErrandWaitsFor") // what the run waits for
	attributeOwners   = temporal.NewSearchAttributeKeyKeywordList("ErrandOwners")   // who sees the run
)

// attributes lists all of them. A namespace in a SQL database has room for ten keywords, three times
// and three lists of keywords.
var attributes = []temporal.SearchAttributeKey{
	attributeRun, attributeWorkflow, attributeRequest, attributeStatus, attributeReplaces, attributeStarted, attributeWaitsFor, attributeOwners,
}

// An attributeState is what a namespace has of the attributes.
type attributeState struct {
	missing []temporal.SearchAttributeKey
	wrong   []wrongAttribute
}

// A wrongAttribute has the name of one of the attributes and another type.
type wrongAttribute struct {
	key  temporal.SearchAttributeKey
	Type enumspb.IndexedValueType
}

// readAttributes reads what a namespace has of the attributes. Where the operator's service is not
// offered, it cannot read their types, and finds out which names a query may use.
func readAttributes(ctx context.Context, c client.Client, namespace string) (attributeState, error) {
	var state attributeState
	ctx, cancel := context.WithTimeout(ctx, 2*answerTimeout)
	defer cancel()
	found, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if isNotOffered(err) {
		state.missing, err = notQueried(ctx, c, namespace)
		return state, err
	}
	if err != nil {
		return state, err
	}
	for _, key := range attributes {
		switch actual, ok := found.CustomAttributes[key.GetName()]; {
		case !ok:
			state.missing = append(state.missing, key)
		case actual != key.GetValueType():
			state.wrong = append(state.wrong, wrongAttribute{key, actual})
		}
	}
	return state, nil
}

// notQueried returns the attributes that no query of the namespace may use.
func notQueried(ctx context.Context, c client.Client, namespace string) ([]temporal.SearchAttributeKey, error) {
	var missing []temporal.SearchAttributeKey
	for _, key := range attributes {
		_, err := c.WorkflowService().CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: key.GetName() + " IS NULL"})
		if _, ok := errors.AsType[*serviceerror.InvalidArgument](err); ok {
			missing = append(missing, key)
		} else if err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// isNotOffered reports whether a server does not let this client use a service.
func isNotOffered(err error) bool {
	return slices.Contains([]codes.Code{codes.Unimplemented, codes.PermissionDenied, codes.Unauthenticated}, serviceerror.ToStatus(err).Code())
}

// wrongTypes returns the error for attributes that somebody else made. Their type cannot be changed.
func (s attributeState) wrongTypes(namespace string) error {
	if len(s.wrong) == 0 {
		return nil
	}
	w := s.wrong[0]
	return settings("use another namespace, or remove the search attribute if nothing else uses it", "the search attribute %s of the namespace %q is of type %s; expected %s", w.key.GetName(), namespace, w.Type, w.key.GetValueType())
}

// attributeNames returns the names of attributes.
func attributeNames(keys []temporal.SearchAttributeKey) []string {
	var all []string
	for _, key := range keys {
		all = append(all, key.GetName())
	}
	return all
}

// cloudCommand returns the command that adds attributes to a namespace of Temporal Cloud.
func cloudCommand(namespace string, keys []temporal.SearchAttributeKey) string {
	var command strings.Builder
	command.WriteString("tcld namespace search-attributes add -n " + namespace)
	for _, key := range keys {
		command.WriteString(fmt.Sprintf(" -sa %s=%s", key.GetName(), key.GetValueType()))
	}
	return command.String()
}
