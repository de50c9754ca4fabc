// Package temporal carries runs out on Temporal, a distributed engine, for those who need more than
// one machine. A run is one workflow of Temporal in which the interpreter works; a call of a task is
// one activity. Nothing distributed is written here.
package temporal

import (
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/workflow"
)

// workflowName is the type of Temporal's workflows that carry out runs.
const workflowName = "errand.run"

var (
	_ workflow.Context
	_ envconfig.ClientConfig
	_ = workflowName
)
