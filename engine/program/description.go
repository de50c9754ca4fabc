package program

// A Description is a program as programs read it: what `errand show -o json` prints, and what the
// service answers. Members may be added.
type Description struct {
	Version     int                 `json:"version"` // of this shape: 1
	Workflow    string              `json:"workflow"`
	Title       string              `json:"title"`
	Description string              `json:"description"`
	Digest      string              `json:"digest"`
	Inputs      map[string]any      `json:"inputs"` // a JSON Schema
	Steps       []StepDescription   `json:"steps"`
	OnFailure   []StepDescription   `json:"on_failure"`
	Finally     []StepDescription   `json:"finally"`
	Outputs     []OutputDescription `json:"outputs"`

	Concurrency *ConcurrencyDescription `json:"concurrency,omitempty"`
}

// A ConcurrencyDescription is the concurrency of a Description.
type ConcurrencyDescription struct {
	Key string `json:"key"` // as it is written, with its expressions
}

// A StepDescription is a step of a Description.
type StepDescription struct {
	ID    string            `json:"id"` // the step's key
	Name  string            `json:"name"`
	Task  string            `json:"task"` // the task type; of a step that calls no task, the name of its form
	Steps []StepDescription `json:"steps,omitempty"`
	Undo  []StepDescription `json:"undo,omitempty"`
}

// An OutputDescription is an output of a Description.
type OutputDescription struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Describe describes a program.
func (p *Program) Describe() Description {
	d := Description{
		Version: 1, Workflow: p.Name, Title: p.Title, Description: p.Description, Digest: p.Digest, Inputs: p.Inputs.JSONSchema(nil),
		Steps: describeSteps(p.Steps), OnFailure: describeSteps(p.OnFailure), Finally: describeSteps(p.Finally), Outputs: []OutputDescription{},
	}
	if p.Concurrency != nil {
		d.Concurrency = &ConcurrencyDescription{Key: p.Concurrency.Text}
	}
	for _, o := range p.Outputs {
		d.Outputs = append(d.Outputs, OutputDescription{Name: o.Name, Type: o.Type.String()})
	}
	return d
}

func describeSteps(list []*Step) []StepDescription {
	all := []StepDescription{}
	for _, s := range list {
		one := StepDescription{ID: s.Key, Name: s.Name, Task: s.Form()}
		for _, within := range s.Lists() {
			one.Steps = append(one.Steps, describeSteps(within)...)
		}
		if len(s.Undo) > 0 {
			one.Undo = describeSteps(s.Undo)
		}
		all = append(all, one)
	}
	return all
}
