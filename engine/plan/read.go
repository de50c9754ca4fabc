package plan

import (
	"errors"
	"slices"
	"strings"

	"errand/engine/program"
	"errand/engine/task"
)

// read calls a task that only reads, unless something before it in the plan changes what it would see.
func (w *walk) read(a *program.Task, filled program.Filled, st *Step) map[string]any {
	if e, changed := w.changes(a, filled); changed {
		st.Unread = e.Step + " changes what it would see"
		return nil
	}
	if reason := w.lacks(a); reason != "" {
		st.Unread = unusable
		w.noteUnasked(a, st, task.Unprovided, reason)
		return nil
	}
	reply := w.Registry.Mask(a.Type.Run(w.ctx, w.calling(a, st)))
	switch {
	case reply.Failure != nil:
		if st.Unread = reply.Failure.Message; reply.Failure.Code == task.CodeCredential {
			st.Unread = unusable
			w.noteUnasked(a, st, task.Unprovided, reply.Failure.Message)
		}
		return nil
	case reply.Again != nil:
		st.Unread = "there is no answer yet"
		return nil
	}
	found, done := w.decode(a, reply.Output, st)
	st.Read, _ = found["result_message"].(string)
	if !done && found != nil {
		st.Read += ", which is not what it waits for"
		w.blocks = append(w.blocks, w.effectOf(a, filled, st)) // by when it goes on, something else will have changed it
		return nil
	}
	return found
}

// unusable is what is said of a call that cannot be made or asked about. Why there is no credential is said once, at the end.
const unusable = "there is no usable credential"

// permits asks the system whether it would permit a call.
func (w *walk) permits(a *program.Task, filled program.Filled, st *Step) {
	if !w.Read || a.Type.Ask == nil {
		return
	}
	if reason := w.lacks(a); reason != "" {
		w.noteUnasked(a, st, task.Unprovided, reason)
		return
	}
	if !filled.Known() {
		w.noteUnasked(a, st, task.NotKnown, "the input is not known before a run")
		return
	}
	for _, p := range a.Type.Ask(w.ctx, w.calling(a, st)) {
		masked := w.Registry.Mask(task.Reply{Failure: &task.Failure{Message: p.Reason}})
		p.Reason = masked.Failure.Message
		if p.Verdict == task.Unprovided {
			w.noteUnasked(a, st, p.Verdict, p.Reason)
			return
		}
		st.Permits = append(st.Permits, p)
	}
}

// lacks says why the credential of a call cannot be used, where it is known that it cannot.
func (w *walk) lacks(a *program.Task) string {
	used := program.Credential{Connector: a.Type.Connector(), Name: a.Credential}
	reason, known := w.without[used]
	if known {
		return reason
	}
	if connector, _ := w.Registry.Connector(used.Connector); connector.Ready != nil {
		if err := connector.Ready(w.ctx, used.Name); err != nil {
			reason = err.Error()
			if f, ok := errors.AsType[*task.Failure](err); ok {
				reason = f.Message
			}
		}
	}
	w.without[used] = reason
	return reason
}

// noteUnasked says of all that a call needs that it could not be asked for. That there is no
// credential is not found out again.
func (w *walk) noteUnasked(a *program.Task, st *Step, v task.PermitVerdict, reason string) {
	if v == task.Unprovided {
		w.without[program.Credential{Connector: a.Type.Connector(), Name: a.Credential}] = reason
	}
	st.Permits = nil
	for _, p := range a.Type.Needs {
		if p.As == "" {
			st.Permits = append(st.Permits, task.Permit{Action: p.Action, Verdict: v, Reason: reason})
		}
	}
}

// Refused lists what is not permitted, or could not be asked for want of a credential, each action once.
func (p *Plan) Refused() (refused []task.Permit) {
	seen := map[string]bool{}
	p.each(func(s *Step) {
		for _, permit := range s.Permits {
			if permit.Verdict != task.Refused && permit.Verdict != task.Unprovided || seen[permit.Action] {
				continue
			}
			seen[permit.Action] = true
			refused = append(refused, permit)
		}
	})
	return refused
}

// each visits every step of the plan.
func (p *Plan) each(visit func(*Step)) {
	var list func([]Step)
	list = func(steps []Step) {
		for i := range steps {
			s := &steps[i]
			visit(s)
			for _, g := range s.Groups {
				list(g.Steps)
			}
			list(s.OnFailure)
			list(s.Undo)
		}
	}
	list(p.Steps)
	list(p.OnFailure)
	list(p.Finally)
}

// changes finds what is before a read in the plan and may change what it sees: an effect on the same system, unless it is known to be on
// something else of the same sort.
func (w *walk) changes(a *program.Task, filled program.Filled) (Effect, bool) {
	seen, known := subject(a.Type.Change.What, filled)
	for _, e := range slices.Concat(w.blocks, w.around) {
		apart := known && e.known && e.sort == a.Type.Change.What && !strings.EqualFold(e.What, seen)
		if e.System == a.Type.Connector() && !apart {
			return e, true
		}
	}
	return Effect{}, false
}
