package temporal

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

const (
	// settleTime is how long Setup waits until the server knows new attributes: it reads them again
	// each minute.
	settleTime = 2 * time.Minute
	// settleInterval is the time between two looks.
	settleInterval = 500 * time.Millisecond
)

// Setup adds the search attributes that the namespace does not have, and returns when the server
// knows them. It may be repeated. It changes nothing if an attribute has another type than expected.
// The key for payloads is made by MakeKey.
func Setup(ctx context.Context, c client.Client, namespace string) (made []string, err error) {
	state, err := readAttributes(ctx, c, namespace)
	if err != nil {
		return nil, serverTrouble("the search attributes cannot be read", err)
	}
	if err := state.wrongTypes(namespace); err != nil {
		return nil, err
	}
	if len(state.missing) == 0 {
		return nil, nil
	}
	types := map[string]enumspb.IndexedValueType{}
	for _, key := range state.missing {
		types[key.GetName()] = key.GetValueType()
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{SearchAttributes: types, Namespace: namespace})
	if isNotOffered(err) {
		return nil, settings("on Temporal Cloud: "+cloudCommand(namespace, state.missing), "this client may not add search attributes to the namespace %q: %s", namespace, plainMessage(err))
	}
	if err != nil {
		return nil, serverTrouble("the search attributes cannot be added", err)
	}
	return attributeNames(state.missing), settle(ctx, c, namespace, state.missing)
}

// settle waits until the server lets queries use new attributes.
func settle(ctx context.Context, c client.Client, namespace string, made []temporal.SearchAttributeKey) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for {
		missing, err := notQueried(ctx, c, namespace)
		if err == nil && len(missing) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return unreachable("errand-worker setup looks again", fmt.Errorf("the search attributes %v were added, and the server does not use them yet", attributeNames(made)))
		case <-time.After(settleInterval):
		}
	}
}

// serverTrouble returns the trouble for an answer of the server that nobody expected.
func serverTrouble(what string, err error) error {
	if isNotOffered(err) {
		return refused("%s: the server does not allow it: %s", what, plainMessage(err))
	}
	return unreachable("", fmt.Errorf("%s: %s", what, plainMessage(err)))
}
