package definition

// The names of the rules that this package reports. A name is stable: people search for it and
// tools filter by it.
const (
	ruleEncoding = "bad-encoding" // the file is not UTF-8
	// a control character, rare line break or invisible mark
	ruleCharacter     = "bad-character"
	ruleTooLarge      = "too-large"           // more bytes, levels or nodes than the limits allow
	ruleSyntax        = "yaml-syntax"         // the file is not YAML
	ruleEmpty         = "empty-document"      // the file is empty
	ruleSecond        = "second-document"     // a second YAML document in the file
	ruleCyclic        = "cyclic-alias"        // an alias is inside the node that it names
	ruleMerge         = "merge-key"           // `<<` is not supported
	ruleTag           = "yaml-tag"            // tags such as !foo and !!binary are not supported
	ruleBadKey        = "bad-key"             // a key that is a list, a mapping or empty
	ruleDuplicateKey  = "duplicate-key"       // the same key twice in a mapping
	ruleUnknownKey    = "unknown-key"         // a key that is not known here
	ruleMissingKey    = "missing-key"         // a required key is missing
	ruleMissingValue  = "missing-value"       // a key without a value, or with an empty one
	ruleWrongType     = "wrong-type"          // such as a list instead of a text
	ruleAmbiguous     = "ambiguous-scalar"    // YAML readers disagree: no, 0123, 12:30, 2024-01-01
	ruleLiteralOnly   = "literal-only"        // an expression where only a literal is allowed
	ruleName          = "bad-name"            // a name with a wrong shape
	ruleFileName      = "file-name"           // the file and the workflow have different names
	ruleDuplicateID   = "duplicate-id"        // two steps with the same id
	ruleInput         = "bad-input"           // parts of an input contradict each other
	rulePattern       = "bad-pattern"         // a pattern that is not a regular expression
	ruleDuration      = "bad-duration"        // not a duration, no unit, or not greater than zero
	ruleRetry         = "bad-retry"           // a retry with impossible settings
	ruleStepForm      = "step-form"           // a step without a form, or with several
	ruleTaskType      = "bad-task-type"       // not of the form connector.operation
	ruleForEach       = "bad-for-each"        // not a list, or a limit below 1
	ruleApproval      = "bad-approval"        // `otherwise` is unknown or has no `within`
	ruleOnFailure     = "bad-on-failure"      // neither `continue` nor steps
	ruleUndo          = "misplaced-undo"      // an undo that never runs
	rulePoll          = "incomplete-poll"     // `until` without `every`, or the reverse
	ruleBare          = "bare-expression"     // `${{ }}` around a condition
	ruleTemplate      = "bad-template"        // a `${{` that is not closed, or is empty
	ruleSuspicious    = "suspicious-template" // warning: plain text that looks like `${{ }}`
	ruleMisplaced     = "misplaced-key"       // of an intake file: a key that another kind of source has
	ruleDuplicateRule = "duplicate-rule"      // two rules of an intake file have the same name
	ruleCommentCut    = "comment-cut"         // a YAML comment cuts an expression
)
