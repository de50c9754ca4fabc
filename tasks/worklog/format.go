// Package worklog formats what a workflow did as a text for a service request's worklog: a heading,
// a column of labelled values and a note. The text is plain, so that every ticketing system shows
// it in the same way.
//
// In reading order: format.go (the task type), layout.go (how the parts are arranged), fields.go (labelled
// values in the order written), width.go (the width of a text in columns). What is removed from a text is
// in engine/task/text.go, because other connectors remove the same.
package worklog

import (
	"context"

	"errand/engine/task"
)

// Connector returns the connector of the worklog formatter. It needs no credential and makes no
// requests.
func Connector() task.Connector {
	return task.Connector{
		Name: "worklog", Title: "Worklog", Description: "Formats texts for the worklog of a service request.",
		Types: []task.Type{format()},
	}
}

type formatInput struct {
	Heading  string `json:"heading" title:"Heading" doc:"The first line of the text."`
	Fields   Fields `json:"fields" title:"Fields" doc:"Labels and their values, one per line, in the order written. Null is shown as \"-\", a list as its items separated by commas, an object as JSON."`
	Note     string `json:"note" title:"Note" doc:"A text at the end, after an empty line."`
	Template string `json:"template" title:"Template" doc:"The whole text, in place of heading, fields and note. Expressions in it are evaluated as everywhere else."`
}

type formatOutput struct {
	Text string `json:"text" title:"Text" doc:"The formatted text, at most 32 KiB, without control characters and changes of direction. Joiners within words and emoji stay. A longer text is shortened, and says so."`
}

func (o formatOutput) Summary() string { return "the text was formatted" }

func format() task.Type {
	return task.Define("worklog.format",
		"Formats a text for a worklog. Give any of heading, fields and note, or give a template instead.", task.Pure,
		func(_ context.Context, _ task.Call, in formatInput) (formatOutput, error) {
			if in.Template != "" {
				return formatOutput{Text: task.CutText(task.CleanText(in.Template))}, nil
			}
			return formatOutput{Text: task.CutText(layout(in.Heading, in.Fields, in.Note))}, nil
		}).WithRules(
		task.Excludes("template is the whole text", "template", "heading", "fields", "note"),
		task.AnyOf("there is nothing to format", "heading", "fields", "note", "template"),
		task.Shortens(task.TextLimit, "heading", "note", "template"),
	)
}
