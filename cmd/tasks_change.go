package cmd

import (
	"fmt"
	"io"
	"strings"

	"errand/engine/task"
)

// changeOf returns what a call of a type does to its system, in words. Braces contain parameters.
func changeOf(t task.Type) string {
	switch {
	case t.Change.Verb == "" && t.Effect == task.Pure:
		return "changes nothing"
	case t.Change.Verb == "":
		return "changes " + t.Connector()
	}
	return string(t.Change.Verb) + " " + t.Change.What
}

// printChange prints what a call of a type changes, and which permissions it needs.
func printChange(w io.Writer, t task.Type) {
	width, _ := size(w)
	line := func(text string) {
		for i, part := range wrap(text, min(width, 100)-4) {
			fmt.Fprintln(w, strings.TrimRight(strings.Repeat(" ", 2+2*min(i, 1))+part, " "))
		}
	}
	change := changeOf(t)
	if t.Change.Done != "" {
		change += ": " + t.Change.Done
	}
	fmt.Fprintln(w, "\nwhat a call does ({…} is a parameter)")
	line(change)
	if len(t.Needs) == 0 {
		return
	}
	fmt.Fprintln(w, "\nwhat must be permitted")
	for _, p := range t.Needs {
		line(permission(p))
	}
}

// permission returns a permission in words.
func permission(p task.Permission) string {
	text := p.Action
	if len(p.Resources) > 0 {
		text += " on " + strings.Join(p.Resources, ", ")
	}
	switch {
	case p.As == "":
	case p.Action == "iam:PassRole":
		text += ", for the service " + p.As
	default:
		text += ", as a part of " + p.As
	}
	switch {
	case p.If.Parameter != "" && p.If.Value != "":
		text += ", if " + p.If.Parameter + " is " + p.If.Value
	case p.If.Parameter != "":
		text += ", if " + p.If.Parameter + " is set"
	}
	return text
}

// changeJSON returns the change of a type for -o json, or nil if it has none.
func changeJSON(t task.Type) any {
	if t.Change.Verb == "" {
		return nil
	}
	return map[string]string{"verb": string(t.Change.Verb), "what": t.Change.What, "done": t.Change.Done}
}

// permissionsJSON returns the permissions that a type needs for -o json.
func permissionsJSON(t task.Type) any {
	list := []any{}
	for _, p := range t.Needs {
		one := map[string]any{"action": p.Action}
		if len(p.Resources) > 0 {
			one["resources"] = p.Resources
		}
		if p.As != "" {
			one["as"] = p.As
		}
		if p.If.Parameter != "" {
			one["if"] = map[string]string{"parameter": p.If.Parameter, "value": p.If.Value}
		}
		list = append(list, one)
	}
	return list
}
