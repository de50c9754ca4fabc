// Package worklog turns what a workflow did into a text for a service request's worklog: a heading, a column of labelled values
// and a note, in plain text that every ticketing system shows alike.
//
// In reading order: format.go (the task type), layout.go (how the parts are set), fields.go (labelled values in the order
// written), clean.go (what is taken out of a text), width.go (columns).
package worklog

import (
	"context"

	"errand/engine/task"
)

// Connector is the worklog formatter. It needs no credential and reaches no system.
func Connector() task.Connector {
	return task.Connector{
		Name: "worklog", Title: "Worklog", Description: "Writes texts for a service request's worklog.",
		Types: []task.Type{format()},
	}
}

type formatInput struct {
	Heading  string `json:"heading" title:"Heading" doc:"The first line."`
	Fields   Fields `json:"fields" title:"Fields" doc:"Labels and their values, shown one to a line in the order written. A null is shown as \"-\", a list with commas, an object as JSON."`
	Note     string `json:"note" title:"Note" doc:"Closing words, after an empty line."`
	Template string `json:"template" title:"Template" doc:"The whole text, in place of heading, fields and note. Expressions in it are filled in like everywhere."`
}

type formatOutput struct {
	Text string `json:"text" title:"Text" doc:"The text, at most 32 KiB, without control characters; a longer one is cut and says so."`
}

func (o formatOutput) Summary() string { return "the text was formatted" }

func format() task.Type {
	return task.Define("worklog.format",
		"Formats a worklog text. Give heading, fields and note, in any combination, or a template in their place.", task.Pure,
		func(_ context.Context, _ task.Call, in formatInput) (formatOutput, error) {
			parts := in.Heading != "" || len(in.Fields) > 0 || in.Note != ""
			switch {
			case in.Template != "" && parts:
				return formatOutput{}, badInput("template stands for the whole text; heading, fields and note cannot be given beside it")
			case in.Template == "" && !parts:
				return formatOutput{}, badInput("there is nothing to format; give heading, fields or note, or a template")
			case in.Template != "":
				return formatOutput{Text: cut(clean(in.Template))}, nil
			}
			return formatOutput{Text: cut(layout(in.Heading, in.Fields, in.Note))}, nil
		})
}

func badInput(message string) error {
	return &task.Failure{Code: task.CodeInput, Message: message}
}
