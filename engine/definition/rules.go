package definition

// The rules that this package reports, by name. A rule's name is stable: people search for it and tools filter by it.
const (
	ruleEncoding     = "bad-encoding"        // the file is not UTF-8
	ruleCharacter    = "bad-character"       // a control character, an exotic line break or an invisible direction mark
	ruleTooLarge     = "too-large"           // more bytes, nesting or nodes than are read
	ruleSyntax       = "yaml-syntax"         // the file is not YAML
	ruleEmpty        = "empty-document"      // there is nothing in the file
	ruleSecond       = "second-document"     // a file is one document
	ruleCyclic       = "cyclic-alias"        // an alias stands inside what it names
	ruleMerge        = "merge-key"           // `<<` is not read
	ruleTag          = "yaml-tag"            // tags such as !foo and !!binary are not read
	ruleBadKey       = "bad-key"             // a key that is a list, a mapping or nothing
	ruleDuplicateKey = "duplicate-key"       // the same key twice in one mapping
	ruleUnknownKey   = "unknown-key"         // a key that means nothing here
	ruleMissingKey   = "missing-key"         // a key that must be there is not
	ruleMissingValue = "missing-value"       // a key without a value, or with an empty one
	ruleWrongType    = "wrong-type"          // a list where a text is wanted, and the like
	ruleAmbiguous    = "ambiguous-scalar"    // unquoted text that YAML readers understand differently: no, 0123, 12:30, 2024-01-01
	ruleLiteralOnly  = "literal-only"        // an expression where only a literal can stand
	ruleName         = "bad-name"            // a name out of shape
	ruleFileName     = "file-name"           // the file is named otherwise than the workflow
	ruleDuplicateID  = "duplicate-id"        // two steps with one id
	ruleInput        = "bad-input"           // an input whose parts contradict each other
	rulePattern      = "bad-pattern"         // a pattern that is not a regular expression
	ruleDuration     = "bad-duration"        // not a duration, or without a unit, or not positive
	ruleRetry        = "bad-retry"           // a retry that cannot be followed
	ruleStepForm     = "step-form"           // a step that does nothing, or two things
	ruleTaskType     = "bad-task-type"       // not connector.operation
	ruleForEach      = "bad-for-each"        // a list that is none, or none of its items at a time
	ruleApproval     = "bad-approval"        // an outcome that there is not, or that can never come
	ruleOnFailure    = "bad-on-failure"      // neither `continue` nor steps
	ruleUndo         = "misplaced-undo"      // an undo that nothing could call for
	rulePoll         = "incomplete-poll"     // until without every, or the reverse
	ruleNoLimit      = "poll-without-limit"  // a warning: nothing ends the poll
	ruleBare         = "bare-expression"     // `${{ }}` where the expression stands alone
	ruleTemplate     = "bad-template"        // a `${{` that is not closed, or holds nothing
	ruleSuspicious   = "suspicious-template" // a warning: this looks like `${{ }}` and is plain text
	ruleCommentCut   = "comment-cut"         // a YAML comment cut an expression
)
