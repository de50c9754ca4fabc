package program_test

import (
	"context"
	"encoding/json"

	"errand/engine/hosttest"
	"errand/engine/task"
)

type setInput struct {
	First  *string                    `json:"first" title:"First" doc:"A text."`
	Second *string                    `json:"second" title:"Second" doc:"A text."`
	More   map[string]json.RawMessage `json:"more" title:"More" doc:"Other values."`
}

type setOutput struct {
	Word string `json:"word" title:"Word" doc:"A word."`
}

func (setOutput) Summary() string { return "it was set" }

// check refuses parameters of which none has a value. An empty object counts as a value, because the
// check of a definition cannot know what is in an object.
func (in setInput) check() *task.Breach {
	given := in.First != nil || in.Second != nil || in.More != nil && len(in.More) == 0
	for _, value := range in.More {
		given = given || string(value) != "null"
	}
	if given {
		return nil
	}
	return &task.Breach{Parameter: "more", Reason: "holds nothing to set"}
}

// stubRegistry has the task types of package hosttest, and one whose rule refuses an input if no
// parameter has a value. Only null can break the rule.
func stubRegistry(cancel func()) *task.Registry {
	set := task.Define("rules.set", "Sets values.", task.Pure, func(context.Context, task.Call, setInput) (setOutput, error) {
		return setOutput{"set"}, nil
	}).WithRules(task.Judged("There is a value to set.", setInput.check, "first", "second", "more").WithStandIns("…", "…"))
	rules := task.Connector{Name: "rules", Title: "Rules", Description: "Refuses inputs.", Types: []task.Type{set}}
	return task.NewRegistry(append(hosttest.Registry(cancel).Connectors(), rules)...)
}
