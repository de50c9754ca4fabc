package definition

import "slices"

// The words of the forms: each is the key in a step that says what the step does.
const (
	TaskForm        = "task"
	ParallelForm    = "parallel"
	ForEachForm     = "for_each"
	SwitchForm      = "switch"
	SubworkflowForm = "workflow"
	ApprovalForm    = "approval"
)

// A FormSpec describes a form of the language. The parser takes the known keys from it, and package
// reference the JSON Schema, from which the language server completes and explains.
type FormSpec struct {
	KeySpec           // the form's word
	Keys    []KeySpec // that belong to the form, beside its word
	Want    string    // what the value of the word is, for messages
	Example string    // a step
}

// A KeySpec describes a key of a mapping.
type KeySpec struct {
	Name     string
	Doc      string // a sentence for people who write definitions
	Value    ValueSpec
	Required bool      // a form, or the mapping, is not complete without it
	Members  []KeySpec // the keys of a MappingValue, or of each of a CasesValue
	Words    []string  // the values of a WordValue
}

// A ValueSpec is what the value of a key can be.
type ValueSpec int

// The values of keys.
const (
	TextValue       ValueSpec = iota // a text without expressions, or with them
	IdentifierValue                  // a name that expressions use
	WorkflowValue                    // the name of a workflow
	TaskValue                        // the name of a task type
	ConditionValue                   // an expression that is true or false
	DurationValue                    // a duration, such as 90s
	RetryValue                       // the mapping of `retry`
	CountValue                       // a whole number, at least 1
	FlagValue                        // true or false
	WordValue                        // one of a few words
	TextsValue                       // a list of texts, at least one
	ItemsValue                       // a list, or an expression for one
	ArgumentsValue                   // a mapping whose keys depend on what is called
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

func (k KeySpec) holdsSteps() bool {
	return k.Value == StepsValue || k.Value == BranchesValue || k.Value == CasesValue
}

// Forms returns the table of forms, in the order of the language's documentation.
func Forms() []FormSpec { return slices.Clone(forms) }

// CommonKeys returns the keys that a step of any form can have.
func CommonKeys() []KeySpec { return slices.Clone(commonKeys) }

// StepKey returns the description of a key of a step; for a key of several forms, the one of the
// first.
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

// StepKeys returns the names of the keys that a step can have beside those that it has: if it has
// the word of a form, those of that form, else those of all forms.
func StepKeys(has []string) []string {
	own := slices.IndexFunc(has, isForm)
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
		if own >= 0 && f.Name != has[own] {
			continue
		}
		add(f.KeySpec)
		for _, k := range f.Keys {
			add(k)
		}
	}
	return keys
}

// formOf returns the row of a word; nil if it is not the word of a form.
func formOf(word string) *FormSpec {
	if i := slices.IndexFunc(forms, func(f FormSpec) bool { return f.Name == word }); i >= 0 {
		return &forms[i]
	}
	return nil
}

func isForm(key string) bool { return formOf(key) != nil }

// owners returns the words of the forms that a key belongs to.
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

// members returns the names of the keys below the word of a form.
func members(word string) []string { return appendNames(nil, formOf(word).Members) }

var commonKeys = []KeySpec{
	{Name: "id", Value: IdentifierValue, Doc: "Names the step in expressions."},
	{Name: "name", Value: TextValue, Doc: "What people read."},
	{Name: "if", Value: ConditionValue, Doc: "An expression; the step is skipped unless it is true."},
	{Name: "timeout", Value: DurationValue, Doc: "How long all that the step does may take."},
	{Name: "on_failure", Value: HandlerValue, Doc: "What is done when the step fails: continue, or steps that stand in for it."},
	{Name: "undo", Value: StepsValue, Doc: "What takes the step back when the run fails or is cancelled later."},
}

var withKey = KeySpec{Name: "with", Value: ArgumentsValue, Doc: "The parameters of the task, or the inputs of the called workflow."}

// forms is the table.
var forms = []FormSpec{
	{
		KeySpec: KeySpec{Name: TaskForm, Value: TaskValue, Doc: "What the step calls: a connector and an operation."},
		Want:    "a task type, such as ec2.start_instance",
		Keys: []KeySpec{
			withKey,
			{Name: "until", Value: TextValue, Doc: "An expression over `result`; the task is called again until it is true."},
			{Name: "every", Value: DurationValue, Doc: "How long to wait between two looks."},
			{Name: "for", Value: DurationValue, Doc: "How long to look at most."},
			{Name: "retry", Value: RetryValue, Doc: "How often the task is tried again after a failure that may pass."},
			{Name: "credential", Value: TextValue, Doc: "A stored credential's name, for this step."},
		},
		Example: `task: ec2.start_instance
with: {instance_id: "${{ inputs.instance_id }}"}
`,
	},
	{
		KeySpec: KeySpec{Name: ParallelForm, Value: BranchesValue, Doc: "Branches that run side by side, by name."},
		Want:    "a mapping of branch names to lists of steps",
		Example: `parallel:
  web:
    - task: ec2.start_instance
  data:
    - task: ec2.stop_instance
`,
	},
	{
		KeySpec: KeySpec{Name: ForEachForm, Value: ItemsValue, Doc: "A list, or an expression for one; the steps run once for each item."},
		Want:    "a list, such as ${{ inputs.names }}",
		Keys: []KeySpec{
			{Name: "as", Value: IdentifierValue, Required: true, Doc: "The name under which the steps of a loop see their item."},
			{Name: "limit", Value: CountValue, Doc: "How many items of a loop are worked on at a time; 1 unless said."},
			{Name: "steps", Value: StepsValue, Required: true, Doc: "What is done for each item of a loop."},
		},
		Example: `for_each: ${{ inputs.names }}
as: host
limit: 2
steps:
  - task: ec2.start_instance
`,
	},
	{
		KeySpec: KeySpec{Name: SwitchForm, Value: CasesValue, Doc: "Cases, of which the first that holds is taken.", Members: []KeySpec{
			{Name: "if", Value: ConditionValue, Required: true, Doc: "An expression; the first case that is true is taken."},
			{Name: "steps", Value: StepsValue, Required: true, Doc: "What is done in this case."},
		}},
		Want: "a list of cases, each with if and steps",
		Keys: []KeySpec{{Name: "else", Value: StepsValue, Doc: "What is done where no case of the switch holds."}},
		Example: `switch:
  - if: inputs.size > 2
    steps:
      - task: ec2.start_instance
else:
  - task: ec2.stop_instance
`,
	},
	{
		KeySpec: KeySpec{Name: SubworkflowForm, Value: WorkflowValue, Doc: "Another workflow, which runs as this step."},
		Want:    "the name of another workflow",
		Keys:    []KeySpec{withKey},
		Example: `workflow: start-instance
with: {instance_id: "${{ inputs.instance_id }}"}
`,
	},
	{
		KeySpec: KeySpec{Name: ApprovalForm, Value: MappingValue, Doc: "A person's decision, which the step waits for.", Members: []KeySpec{
			{Name: "ask", Value: TextValue, Required: true, Doc: "What the person is asked."},
			{Name: "by", Value: TextsValue, Required: true, Doc: "The users or roles that may decide."},
			{Name: "within", Value: DurationValue, Doc: "How long there is for it; without a limit where unsaid."},
			{Name: "otherwise", Value: WordValue, Words: outcomes, Doc: "What it comes to when nobody has decided in time; reject unless said."},
			{Name: "allow_requester", Value: FlagValue, Doc: "Whether who asked for the run may decide."},
		}},
		Want: `a mapping such as {ask: "May it be deleted?", by: [operations]}`,
		Example: `approval:
  ask: May it be deleted?
  by: [operations]
  within: 24h
  otherwise: reject
`,
	},
}
