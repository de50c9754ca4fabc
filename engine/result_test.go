package engine_test

import (
	"encoding/json"
	"testing"

	"errand/engine"
)

// A stored result is read as it was written, with integers that a float64 cannot represent.
func TestResultIsReadAsItWasWritten(t *testing.T) {
	outputs := engine.Values{"n": 1<<62 + 1, "f": 0.5, "l": []any{-1 << 63, nil, "x"}, "o": map[string]any{"b": true}}
	written, err := json.Marshal(engine.Result{Version: 1, Outputs: outputs, Steps: []engine.StepResult{{ID: "s", Outputs: outputs}}})
	if err != nil {
		t.Fatal(err)
	}
	var read engine.Result
	if err := json.Unmarshal(written, &read); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(read); err != nil || string(again) != string(written) {
		t.Errorf("written as\n%s\nread as\n%s\n%v", written, again, err)
	}
	for _, bad := range []string{`[1]`, `"x"`, `{`} {
		var v engine.Values
		if err := json.Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%s is read as %v, want an error", bad, v)
		}
	}
}
