package plan

import (
	"encoding/json"
	"strconv"

	"errand/engine/program"
)

// concurrency returns the concurrency key of the run, or nil if it waits for no others.
func (w *walk) concurrency(p *program.Program) *Output {
	if p.Concurrency == nil {
		return nil
	}
	f, err := p.Concurrency.Key.Fill(w.env)
	if err != nil {
		return &Output{Name: "key", Fault: err.Error()}
	}
	return &Output{Name: "key", Value: f.JSON, Unknown: f.Gaps}
}

// keyText says which other runs the run waits for.
func keyText(key *Output) string {
	if key.Fault != "" {
		return "it cannot start: the concurrency key cannot be made: " + key.Fault
	}
	var words string
	if json.Unmarshal(key.Value, &words) == nil && words == "" {
		return "its concurrency key is empty, so it waits for no other run"
	}
	return "of the runs with the key " + strconv.Quote(words) + ", one works at a time"
}
