package definition

// The words of the forms: each is the key in a step that says what the step does.
const (
	TaskForm        = "task"
	ParallelForm    = "parallel"
	ForEachForm     = "for_each"
	SwitchForm      = "switch"
	SubworkflowForm = "workflow"
	ApprovalForm    = "approval"
)
