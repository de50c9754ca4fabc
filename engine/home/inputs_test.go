package home_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"errand/engine/home"
)

const wants = `
workflow: wants
inputs:
  name: {type: string}
  count: {type: integer, default: 2}
  tags: {type: list, items: {type: integer}, required: false}
  opts: {type: object, properties: {sizes: {type: list, items: {type: integer}}, level: {type: string, default: low}}, default: {sizes: []}}
steps: [{id: note, task: worklog.format, with: {note: "${{ inputs.name }} ${{ inputs.count }} ${{ len(inputs.tags ?? []) }}"}}]
outputs: {text: "${{ steps.note.text }}"}
`

// Texts and documents become values by the types of the inputs. What does not fit is a problem with
// a place.
func TestInputs(t *testing.T) {
	p := load(t, newHome(t), wants)
	for _, c := range []struct {
		json     string
		texts    [][2]string
		values   map[string]any
		problems []string
	}{
		{json: `{"name":"Dana","tags":[7]}`, texts: [][2]string{{"count", "3"}, {"name", "Kim"}},
			values: map[string]any{"name": "Kim", "count": 3, "tags": []any{7}, "opts": map[string]any{"sizes": []any{}, "level": "low"}}},
		{texts: [][2]string{{"name", "Kim"}}, values: map[string]any{"name": "Kim", "count": 2, "tags": nil, "opts": map[string]any{"sizes": []any{}, "level": "low"}}},
		{texts: [][2]string{{"name", "Kim"}, {"opts", `{"sizes": [1], "level": null}`}},
			values: map[string]any{"name": "Kim", "count": 2, "tags": nil, "opts": map[string]any{"sizes": []any{1}, "level": "low"}}},
		{texts: [][2]string{{"opts", `{"sizes": [1, "x"], "levle": "high"}`}}, problems: []string{"misfit opts.sizes[1]", "misfit opts.levle of sizes, level"}},
		{texts: [][2]string{{"opts", `{"sizes": [], "sizes": [1]}`}}, problems: []string{"misfit opts"}},
		{problems: []string{"missing name"}},
		{json: `{"zone":"b","nmae":1}`, problems: []string{"unknown nmae", "unknown zone"}},
		{json: `{"tags":[7]}`, texts: [][2]string{{"name", "Kim"}, {"tags", "1"}, {"tags", "2,3"}, {"tags", "[4]"}},
			values: map[string]any{"name": "Kim", "count": 2, "tags": []any{1, 2, 3, 4}, "opts": map[string]any{"sizes": []any{}, "level": "low"}}},
		{texts: [][2]string{{"name", "Kim"}, {"name", "Dana"}, {"count", "1"}, {"count", "1"}}, problems: []string{"twice name", "twice count"}},
		{texts: [][2]string{{"name", "Kim"}, {"tags", "x"}, {"tags", "1"}, {"tags", "y"}}, problems: []string{"misfit tags", "misfit tags"}},
		{texts: [][2]string{{"nmae", "Kim"}, {"nmae", "Dana"}}, problems: []string{"unknown nmae", "unknown nmae"}},
		{texts: [][2]string{{"name", "Kim"}, {"count", "many"}}, problems: []string{"misfit count"}},
		{json: `{"name":"Kim","tags":[1,"x"]}`, problems: []string{"misfit tags[1]"}},
	} {
		in := home.NewInputs(p)
		var problems []home.InputProblem
		if c.json != "" {
			var err error
			if problems, err = in.AddJSON([]byte(c.json)); err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range c.texts {
			problems = append(problems, in.AddText(text[0], text[1])...)
		}
		var values map[string]any
		if len(problems) == 0 {
			values, problems = in.Values()
		}
		var got []string
		for _, problem := range problems {
			line := fmt.Sprint(problem.Code, " ", problem.Input)
			if problem.Member != "" {
				line += " of " + strings.Join(problem.Known, ", ")
			}
			got = append(got, line)
			switch {
			case problem.Code == home.InputUnknown && !reflect.DeepEqual(problem.Known, []string{"name", "count", "tags", "opts"}):
				t.Errorf("%s: known are %q", problem.Input, problem.Known)
			case problem.Code == home.InputMisfit && problem.Message == "":
				t.Errorf("%s has no message", problem.Input)
			case problem.Code == home.InputMissing && problem.Field.Name != problem.Input:
				t.Errorf("%s has the field %+v", problem.Input, problem.Field)
			}
		}
		if !reflect.DeepEqual(got, c.problems) || len(c.problems) == 0 && !reflect.DeepEqual(values, c.values) {
			t.Errorf("%s %q: %#v, %q; want %#v, %q", c.json, c.texts, values, got, c.values, c.problems)
		}
	}
	for _, text := range []string{`["name"]`, `null`} {
		if _, err := home.NewInputs(p).AddJSON([]byte(text)); err == nil {
			t.Errorf("%s is taken for inputs", text)
		}
	}
}
