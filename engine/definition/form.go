package definition

import "slices"

// The keys of the forms. The key says what the step does.
const (
	TaskForm        = "task"
	ParallelForm    = "parallel"
	ForEachForm     = "for_each"
	SwitchForm      = "switch"
	SubworkflowForm = "workflow"
	ApprovalForm    = "approval"
	GroupForm       = "steps"
	FailForm        = "fail"
)

// A FormSpec describes a form of the language. The parser takes the known keys from it. Package
// reference makes the JSON Schema from it, and the language server takes completion and hover texts
// from the schema.
type FormSpec struct {
	KeySpec           // the key that names the form
	Keys    []KeySpec // the other keys of the form
	Want    string    // a description of the key's value, for messages
	Example string    // an example of a step, in YAML
}

// A KeySpec describes a key of a mapping.
type KeySpec struct {
	Name     string
	Doc      string // a sentence for workflow designers
	Value    ValueSpec
	Required bool      // the form or the mapping is incomplete without it
	Members  []KeySpec // the keys of a MappingValue, or of each mapping in a CasesValue
	Words    []string  // the possible values of a WordValue
}

// A ValueSpec says what the value of a key can be.
type ValueSpec int

// The kinds of values.
const (
	TextValue       ValueSpec = iota // a text with or without expressions
	IdentifierValue                  // a name that expressions use
	WorkflowValue                    // the name of a workflow
	TaskValue                        // the name of a task type
	ConditionValue                   // an expression that is true or false
	DurationValue                    // a duration, such as 90s
	RetryValue                       // the mapping of `retry`
	CountValue                       // a whole number, at least 1
	FlagValue                        // true or false
	WordValue                        // one of a fixed set of words
	TextsValue                       // a list of at least one text
	ItemsValue                       // a list, or an expression that is a list
	ArgumentsValue                   // a mapping whose keys depend on the callee
	MappingValue                     // a mapping with known keys
	StepsValue                       // a list of steps
	BranchesValue                    // a mapping of names to lists of steps
	CasesValue                       // a list of mappings with known keys
	HandlerValue                     // a list of steps, or the word continue
)

// HoldsSteps reports whether the form has lists of steps.
func (f FormSpec) HoldsSteps() bool {
	return f.holdsSteps() || slices.ContainsFunc(f.Keys, KeySpec.holdsSteps)
}

// calls reports whether the form passes parameters.
func (f FormSpec) calls() bool {
	return slices.ContainsFunc(f.Keys, func(k KeySpec) bool { return k.Value == ArgumentsValue })
}

func (k KeySpec) holdsSteps() bool {
	return k.Value == StepsValue || k.Value == BranchesValue || k.Value == CasesValue
}

// Forms returns the table of forms, in the order of the language reference.
func Forms() []FormSpec { return slices.Clone(forms) }

// CommonKeys returns the keys that a step of any form can have.
func CommonKeys() []KeySpec { return slices.Clone(commonKeys) }

// StepKey returns the description of a key of a step. If several forms have the key, it returns
// that of the first.
func StepKey(name string) (KeySpec, bool) {
	is := func(k KeySpec) bool { return k.Name == name }
	if i := slices.IndexFunc(commonKeys, is); i >= 0 {
		return commonKeys[i], true
	}
	for _, f := range forms {
		if f.Name == name {
			return f.KeySpec, true
		}
		if i := slices.IndexFunc(f.Keys, is); i >= 0 {
			return f.Keys[i], true
		}
	}
	return KeySpec{}, false
}

// StepKeys returns the names of the keys that can be added to a step that has the keys in has. If
// one of these names a form, the result contains the keys of that form; otherwise, the keys of all
// forms. The form of a step with only `steps` is open: a loop has that key, too.
func StepKeys(has []string) []string {
	own := formsAmong(func(key string) bool { return slices.Contains(has, key) })
	var keys []string
	add := func(k KeySpec) {
		if !slices.Contains(has, k.Name) && !slices.Contains(keys, k.Name) {
			keys = append(keys, k.Name)
		}
	}
	for _, k := range commonKeys {
		add(k)
	}
	for _, f := range forms {
		if len(own) > 0 && own[0] != f.Name && !slices.Contains(owners(own[0]), f.Name) {
			continue
		}
		add(f.KeySpec)
		for _, k := range f.Keys {
			add(k)
		}
	}
	return keys
}

// formOf returns the row of a form, or nil if the word does not name a form.
func formOf(word string) *FormSpec {
	if i := slices.IndexFunc(forms, func(f FormSpec) bool { return f.Name == word }); i >= 0 {
		return &forms[i]
	}
	return nil
}

// formsAmong returns the forms that a step's keys name. A key that also belongs to another of these
// forms names none: `steps` beside `for_each` are the steps of the loop.
func formsAmong(has func(key string) bool) []string {
	var found []string
	for _, f := range forms {
		if has(f.Name) && !slices.ContainsFunc(owners(f.Name), has) {
			found = append(found, f.Name)
		}
	}
	return found
}

func isForm(key string) bool { return formOf(key) != nil }

// owners returns the names of the forms that a key belongs to.
func owners(key string) []string {
	var found []string
	for _, f := range forms {
		if slices.ContainsFunc(f.Keys, func(k KeySpec) bool { return k.Name == key }) {
			found = append(found, f.Name)
		}
	}
	return found
}

// appendNames appends the names of keys.
func appendNames(names []string, keys []KeySpec) []string {
	for _, k := range keys {
		names = append(names, k.Name)
	}
	return names
}

// members returns the names of the keys in the mapping that is the value of a form's key.
func members(word string) []string { return appendNames(nil, formOf(word).Members) }

var commonKeys = []KeySpec{
	{Name: "id", Value: IdentifierValue, Doc: "The name of the step in expressions."},
	{Name: "name", Value: TextValue, Doc: "The title of the step, for people."},
	{Name: "if", Value: ConditionValue, Doc: "An expression; the step is skipped unless it is true."},
	{Name: "timeout", Value: DurationValue, Doc: "The time limit for everything that the step does."},
	{Name: "on_failure", Value: HandlerValue, Doc: "What happens if the step fails: continue, or steps to run instead of it."},
	{Name: "undo", Value: StepsValue, Doc: "Steps that undo this step if the run later fails or is cancelled."},
}

var withKey = KeySpec{Name: "with", Value: ArgumentsValue, Doc: "The parameters of the task, or the inputs of the called workflow."}

// forms is the table of forms.
var forms = []FormSpec{
	{
		KeySpec: KeySpec{Name: TaskForm, Value: TaskValue, Doc: "The task type to call: a connector and an operation."},
		Want:    "a task type, such as ec2.start_instance",
		Keys: []KeySpec{
			withKey,
			{Name: "until", Value: TextValue, Doc: "An expression that reads `result`; the task is called again until it is true."},
			{Name: "every", Value: DurationValue, Doc: "How long to wait between two calls."},
			{Name: "for", Value: DurationValue, Doc: "The time limit for the poll."},
			{Name: "retry", Value: RetryValue, Doc: "How often the task is tried again after a temporary failure."},
			{Name: "credential", Value: TextValue, Doc: "The name of the stored credential for this step."},
		},
		Example: `task: ec2.start_instance
with: {instance_id: "${{ inputs.instance_id }}"}
`,
	},
	{
		KeySpec: KeySpec{Name: ParallelForm, Value: BranchesValue, Doc: "Branches that run at the same time, by name."},
		Want:    "a mapping of branch names to lists of steps",
		Example: `parallel:
  web:
    - task: ec2.start_instance
  data:
    - task: ec2.stop_instance
`,
	},
	{
		KeySpec: KeySpec{Name: ForEachForm, Value: ItemsValue, Doc: "A list, or an expression that is a list; the steps run once for each item."},
		Want:    "a list, such as ${{ inputs.names }}",
		Keys: []KeySpec{
			{Name: "as", Value: IdentifierValue, Required: true, Doc: "The name of the item in the expressions of the loop's steps."},
			{Name: "limit", Value: CountValue, Doc: "How many items of a loop run at a time; defaults to 1."},
			{Name: "steps", Value: StepsValue, Required: true, Doc: "The steps to run for each item of a loop."},
		},
		Example: `for_each: ${{ inputs.names }}
as: host
limit: 2
steps:
  - task: ec2.start_instance
`,
	},
	{
		KeySpec: KeySpec{Name: SwitchForm, Value: CasesValue, Doc: "A list of cases; the first case whose condition is true runs.", Members: []KeySpec{
			{Name: "if", Value: ConditionValue, Required: true, Doc: "An expression; the first case whose expression is true runs."},
			{Name: "steps", Value: StepsValue, Required: true, Doc: "The steps to run in this case."},
		}},
		Want: "a list of cases, each with if and steps",
		Keys: []KeySpec{{Name: "else", Value: StepsValue, Doc: "The steps to run if no case of the switch is true."}},
		Example: `switch:
  - if: inputs.size > 2
    steps:
      - task: ec2.start_instance
else:
  - task: ec2.stop_instance
`,
	},
	{
		KeySpec: KeySpec{Name: SubworkflowForm, Value: WorkflowValue, Doc: "The name of another workflow to run as this step."},
		Want:    "the name of another workflow",
		Keys:    []KeySpec{withKey},
		Example: `workflow: start-instance
with: {instance_id: "${{ inputs.instance_id }}"}
`,
	},
	{
		KeySpec: KeySpec{Name: ApprovalForm, Value: MappingValue, Doc: "A decision by a person; the step waits for it.", Members: []KeySpec{
			{Name: "ask", Value: TextValue, Required: true, Doc: "The question to the person."},
			{Name: "by", Value: TextsValue, Required: true, Doc: "The users or roles that may decide."},
			{Name: "within", Value: DurationValue, Doc: "How long the step waits for a decision; defaults to no limit."},
			{Name: "otherwise", Value: WordValue, Words: outcomes, Doc: "The decision if nobody decides in time; defaults to reject."},
			{Name: "allow_requester", Value: FlagValue, Doc: "Whether the person who requested the run may decide."},
		}},
		Want: `a mapping such as {ask: "May it be deleted?", by: [operations]}`,
		Example: `approval:
  ask: May it be deleted?
  by: [operations]
  within: 24h
  otherwise: reject
`,
	},
	{
		KeySpec: KeySpec{Name: GroupForm, Value: StepsValue, Doc: "A group of steps that run in order, under the keys of this step."},
		Want:    "a list of steps",
		Example: `timeout: 10m
steps:
  - task: ec2.stop_instance
  - task: ec2.start_instance
`,
	},
	{
		KeySpec: KeySpec{Name: FailForm, Value: TextValue, Doc: "The message with which this step fails, like a task; usually under an `if`."},
		Want:    "the message of the failure",
		Keys:    []KeySpec{{Name: "code", Value: IdentifierValue, Doc: "The code of the failure; defaults to fail."}},
		Example: `if: inputs.size > 8
fail: The size ${{ inputs.size }} is not offered.
code: too_large
`,
	},
}
