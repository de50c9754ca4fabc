package service

import (
	"encoding/json"
	"fmt"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
)

// consequences says what each verdict on a question does.
func consequences(v engine.View, q engine.Open) map[engine.Verdict]string {
	if q.Failure == nil {
		return map[engine.Verdict]string{
			engine.VerdictApprove: "the run goes on",
			engine.VerdictReject:  "the run goes on as the workflow says for a rejected approval",
		}
	}
	if v.Cancelling {
		end := "; the run then ends as cancelled: it undoes what the workflow says, carries out its finally, and does nothing else"
		return map[engine.Verdict]string{
			engine.VerdictDone:  "the step counts as done" + end,
			engine.VerdictRetry: "the step counts as not done, and its request is not sent again" + end,
			engine.VerdictFail:  "the step counts as failed" + end,
		}
	}
	again := "the request is sent once more"
	if q.Evidence != nil {
		if change := changeOf(v, q.Step, q.Evidence.Input); change != "" {
			again += ", so this may happen twice: " + change
		}
	}
	return map[engine.Verdict]string{
		engine.VerdictDone:  "the step counts as done, and the run goes on after it; nothing is sent",
		engine.VerdictRetry: again,
		engine.VerdictFail:  "the step counts as failed, and the run goes on as the workflow says for a failure",
	}
}

// changeOf says what a call of a step does to its system, such as "EC2 instance i-…, restarted". It
// returns "" if that is not known.
func changeOf(v engine.View, step string, input json.RawMessage) string {
	if v.Program == nil {
		return ""
	}
	for place := range v.Program.AllPlaces() {
		t, isTask := place.Step.Action.(*program.Task)
		if !isTask || !program.Key(place.Step.Key).Matches(program.Key(step)) {
			continue
		}
		var given map[string]any
		if t.Type.Change.What == "" || t.Type.Change.Done == "" || json.Unmarshal(input, &given) != nil {
			return ""
		}
		what := task.Insert(t.Type.Change.What, func(parameter string) string { return fmt.Sprint(given[parameter]) })
		return what + ", " + t.Type.Change.Done
	}
	return ""
}
