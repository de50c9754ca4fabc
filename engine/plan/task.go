package plan

import (
	"bytes"
	"encoding/json"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// task plans the call of a task type.
func (w *walk) task(s *program.Step, a *program.Task, st *Step) map[string]any {
	filled, err := a.Input.Fill(w.env)
	w.need(a, filled)
	outputs := w.outputs(s)
	if w.quiet {
		return outputs
	}
	st.Credential = a.Credential
	if a.Type.Effect != task.Pure {
		st.Retry = retryOf(s.Retry)
	}
	if a.Until != nil {
		st.Poll = &Poll{Until: plain(a.Until.Source()), Every: duration(a.Every), For: duration(a.For)}
	}
	if err != nil {
		st.Fault = err.Error()
		w.effect(a, filled, st)
		return outputs
	}
	st.filled, st.Input, st.Unknown = filled, filled.JSON, filled.Gaps
	if refused := refusal(a.Type, filled); refused != nil {
		st.Fault = refused.Message
		w.effect(a, filled, st)
		return outputs
	}
	w.permits(a, filled, st)
	var found map[string]any
	switch {
	case !filled.Known():
	case a.Type.Effect == task.Pure:
		found = w.compute(a, st)
	case a.Type.Effect == task.Reads && w.Read && !w.offPath:
		found = w.read(a, filled, st)
	}
	w.effect(a, filled, st)
	if found == nil {
		return outputs
	}
	st.Outputs = schema.Encode(found)
	return found
}

// refusal returns why a task type refuses the known parameters of a call, or nil.
func refusal(t task.Type, filled program.Filled) *task.Failure {
	values, unknown := map[string]json.RawMessage{}, []string{}
	for _, part := range filled.Parts {
		if part.Known() {
			values[part.Name] = part.JSON
		} else {
			unknown = append(unknown, part.Name)
		}
	}
	return t.RefuseKnown(values, unknown)
}

func retryOf(r program.Retry) *Retry {
	if r.Stated = false; r == program.DefaultRetry {
		return nil
	}
	return &Retry{r.Attempts, duration(r.Shortest), duration(r.Longest), duration(r.For)}
}

// compute calls a task that only computes. Its result may depend on the run or the time; then it is
// not known before a run. So compute calls the task as two different runs would, and uses the
// result only if both are equal.
func (w *walk) compute(a *program.Task, st *Step) map[string]any {
	call := w.newCall(a, st)
	reply := a.Type.Run(w.ctx, call)
	switch {
	case reply.Failure != nil:
		st.Fault = reply.Failure.Message
		return nil
	case reply.Again != nil:
		st.Delay = duration(reply.Again.After)
		until := reply.Again.After // of the plan's start, unless the wait begins with the step
		if a.Type.Lasts != "" {
			until += w.elapsed
		}
		st.Fault = w.wait(until)
		return nil
	}
	call.Run, call.Step, call.Started = "other", "other", call.Started.AddDate(1, 0, 0)
	call.Now = call.Started
	if again := a.Type.Run(w.ctx, call); !bytes.Equal(again.Output, reply.Output) {
		return nil
	}
	found, done := w.decode(a, reply.Output, st)
	if !done {
		return nil
	}
	return found
}

// newCall returns a call for the plan. Its run does not exist.
func (w *walk) newCall(a *program.Task, st *Step) task.Call {
	return task.Call{
		Run: "plan", Step: st.ID, Type: a.Type.Name, Credential: a.Credential, Input: st.Input, Attempt: 1, Started: w.Now, Now: w.Now,
	}
}

// decode returns the outputs of a call, or nil if they do not fit the type. done reports whether a
// poll would end.
func (w *walk) decode(a *program.Task, output json.RawMessage, st *Step) (outputs map[string]any, done bool) {
	value, err := a.Type.Output.Decode(output)
	if err != nil {
		st.Fault = a.Type.Name + " returned what it does not declare: " + err.Error()
		return nil, false
	}
	outputs = value.(map[string]any)
	if a.Until != nil {
		y := w.branch()
		y.env["result"] = outputs
		holds, known, err := program.EvalCondition(y.env, a.Until)
		return outputs, holds && known && err == nil
	}
	return outputs, true
}
