package temporal

import "go.temporal.io/sdk/temporal"

// The search attributes of a run's workflow, by which lists select.
var (
	keyRun      = temporal.NewSearchAttributeKeyKeyword("ErrandRun")
	keyWorkflow = temporal.NewSearchAttributeKeyKeyword("ErrandWorkflow")
	keyRequest  = temporal.NewSearchAttributeKeyKeyword("ErrandRequest")
	keyStatus   = temporal.NewSearchAttributeKeyKeyword("ErrandStatus")
	keyKey      = temporal.NewSearchAttributeKeyKeyword("ErrandKey")
	keyStarted  = temporal.NewSearchAttributeKeyTime("ErrandStarted")
	keyWaitsFor = temporal.NewSearchAttributeKeyKeywordList("ErrandWaitsFor")
	keyOwners   = temporal.NewSearchAttributeKeyKeywordList("ErrandOwners")
)
