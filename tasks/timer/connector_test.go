package timer

import (
	"encoding/json"
	"testing"
	"time"

	"errand/engine/task"
)

func TestDelay(t *testing.T) {
	started := time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	cases := []struct {
		name  string
		input string
		after time.Duration // from the start of the step to the call
		again time.Duration // 0: the delay has ended
		fired string
	}{
		{"at the start the whole duration is left", `{"duration":"2m"}`, 0, 2 * time.Minute, ""},
		{"a later call waits for the rest only", `{"duration":"2m"}`, 90 * time.Second, 30 * time.Second, ""},
		{"a call just too early waits once more", `{"duration":"2m"}`, 2*time.Minute - 1, 1, ""},
		{"it is over at the due time", `{"duration":"2m"}`, 2 * time.Minute, 0, "2026-03-01T09:02:00Z"},
		{"a late call does not move the due time", `{"duration":"2m"}`, 26 * time.Hour, 0, "2026-03-01T09:02:00Z"},
		{"fractions of a second are kept", `{"duration":"300ms"}`, time.Second, 0, "2026-03-01T09:00:00.3Z"},
		{"no duration is over at once", `{"duration":"0"}`, 0, 0, "2026-03-01T09:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reply := delay().Run(t.Context(), task.Call{Input: json.RawMessage(c.input), Started: started, Now: started.Add(c.after)})
			if c.again > 0 {
				if reply.Again == nil || reply.Again.After != c.again {
					t.Fatalf("got %+v, want again after %s", reply, c.again)
				}
				return
			}
			var out delayOutput
			if err := json.Unmarshal(reply.Output, &out); err != nil || out.FiredAt != c.fired {
				t.Errorf("got %s (%v), want fired_at %s", reply.Output, err, c.fired)
			}
		})
	}
}

func TestDelayRefusesAnInvalidDuration(t *testing.T) {
	reply := delay().Run(t.Context(), task.Call{Input: json.RawMessage(`{"duration":"2 minutes"}`)})
	if reply.Failure == nil || reply.Failure.Code != task.CodeInput {
		t.Errorf("got %+v, want a failure with the code %s", reply, task.CodeInput)
	}
}
