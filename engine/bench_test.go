package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

const fiveSteps = `
workflow: five
inputs:
  who: {type: string}
steps:
  - {id: a, task: stub.reads, with: {text: "${{ inputs.who }}"}}
  - {id: b, task: stub.reads, with: {text: "${{ steps.a.text }}"}}
  - {id: c, task: stub.reads, with: {text: "${{ steps.b.text }}"}}
  - {id: d, task: stub.reads, with: {text: "${{ steps.c.text }}"}}
  - {id: e, task: stub.reads, with: {text: "${{ steps.d.text }}"}}
outputs:
  text: ${{ steps.e.text }}
`

// BenchmarkFiveSteps carries out a run of five stub tasks in memory, on one core.
func BenchmarkFiveSteps(b *testing.B) {
	registry := hosttest.Registry(func() {})
	p, problems := program.Load("five.yaml", []byte(fiveSteps), registry)
	if p == nil {
		b.Fatal(problems)
	}
	request := engine.Request{Run: "benchrun00000000", Request: "100-291", Inputs: map[string]any{"who": "world"}}
	b.ReportAllocs()
	for b.Loop() {
		h := &virtual.Host{Context: b.Context(), Clock: virtual.NewClock(time.Unix(0, 0)), Registry: registry}
		result, err := engine.Run(h, request, p)
		if err != nil || result.Outputs["text"] != "world" {
			b.Fatal(result, err)
		}
	}
	b.ReportMetric(5*float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}

// BenchmarkFiveStepsFloor is the floor of five steps: for each step it evaluates an expression,
// encodes the input as JSON, decodes it for the task, encodes the output as JSON, and decodes that
// for the next expression.
func BenchmarkFiveStepsFloor(b *testing.B) {
	type in struct {
		Text   string `json:"text"`
		Script string `json:"script"`
	}
	type out struct {
		Success bool   `json:"success"`
		Code    int    `json:"result_code"`
		Message string `json:"result_message"`
		Word    string `json:"word"`
		Text    string `json:"text"`
	}
	sources := []string{"inputs.who", "steps.a.text", "steps.b.text", "steps.c.text", "steps.d.text"}
	names := []string{"a", "b", "c", "d", "e"}
	var programs []*vm.Program
	for _, s := range sources {
		compiled, err := expr.Compile(s)
		if err != nil {
			b.Fatal(err)
		}
		programs = append(programs, compiled)
	}
	b.ReportAllocs()
	for b.Loop() {
		steps := map[string]any{}
		env := map[string]any{"inputs": map[string]any{"who": "world"}, "steps": steps}
		for i, compiled := range programs {
			v, err := expr.Run(compiled, env)
			if err != nil {
				b.Fatal(err)
			}
			data, err := json.Marshal(in{Text: v.(string), Script: "ok"})
			if err != nil {
				b.Fatal(err)
			}
			var given in
			if err := json.Unmarshal(data, &given); err != nil {
				b.Fatal(err)
			}
			data, err = json.Marshal(out{Success: true, Message: "ok", Text: given.Text})
			if err != nil {
				b.Fatal(err)
			}
			var outputs map[string]any
			if err := json.Unmarshal(data, &outputs); err != nil {
				b.Fatal(err)
			}
			steps[names[i]] = outputs
		}
		if steps["e"].(map[string]any)["text"] != "world" {
			b.Fatal(steps)
		}
	}
	b.ReportMetric(5*float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}
