package plan

import (
	"errors"
	"slices"
	"strings"

	"errand/engine/program"
	"errand/engine/task"
)

// read calls a task that only reads, unless an earlier step of the plan changes what it reads.
func (w *walk) read(a *program.Task, filled program.Filled, st *Step) map[string]any {
	if e, changed := w.changes(a, filled); changed {
		st.Unread = e.label + " changes what it reads"
		return nil
	}
	if reason := w.credentialFault(a); reason != "" {
		st.Unread = unusable
		w.noteUnasked(a, st, task.Unprovided, reason)
		return nil
	}
	reply := w.Registry.Mask(a.Type.Run(w.ctx, w.newCall(a, st)))
	switch {
	case reply.Failure != nil:
		if st.Unread = reply.Failure.ForOperators(); reply.Failure.Code == task.CodeCredential {
			st.Unread = unusable
			w.noteUnasked(a, st, task.Unprovided, reply.Failure.ForOperators())
		}
		return nil
	case reply.Again != nil:
		st.Unread = "there is no answer yet"
		return nil
	}
	found, done := w.decode(a, reply.Output, st)
	st.Read, _ = found["result_message"].(string)
	if !done && found != nil {
		st.Read += ", but the step waits for something else"
		// something will have changed before the step continues
		w.blocks = append(w.blocks, w.effectOf(a, filled, st))
		return nil
	}
	return found
}

// unusable is the reason for a call that cannot be made or asked about. The plan states once, at
// the end, why the credential cannot be used.
const unusable = "there is no usable credential"

// permits asks the system whether it would permit a call.
func (w *walk) permits(a *program.Task, filled program.Filled, st *Step) {
	if !w.Read || a.Type.Ask == nil {
		return
	}
	if reason := w.credentialFault(a); reason != "" {
		w.noteUnasked(a, st, task.Unprovided, reason)
		return
	}
	if !filled.Known() {
		w.noteUnasked(a, st, task.NotKnown, "the input is not known before a run")
		return
	}
	for _, p := range a.Type.Ask(w.ctx, w.newCall(a, st)) {
		masked := w.Registry.Mask(task.Reply{Failure: &task.Failure{Message: p.Reason}})
		p.Reason = masked.Failure.Message
		if p.Verdict == task.Unprovided {
			w.noteUnasked(a, st, p.Verdict, p.Reason)
			return
		}
		st.Permits = append(st.Permits, p)
	}
}

// credentialFault returns why the credential of a call cannot be used, or "".
func (w *walk) credentialFault(a *program.Task) string {
	used := program.Credential{Connector: a.Type.Connector(), Name: a.Credential}
	reason, known := w.without[used]
	if known {
		return reason
	}
	if connector, _ := w.Registry.Connector(used.Connector); connector.Ready != nil {
		if err := connector.Ready(w.ctx, used.Name); err != nil {
			reason = err.Error()
			if f, ok := errors.AsType[*task.Failure](err); ok {
				reason = f.ForOperators()
			}
		}
	}
	w.without[used] = reason
	return reason
}

// noteUnasked records the permissions of a call as unknown, with the reason. A credential that
// cannot be used is remembered.
func (w *walk) noteUnasked(a *program.Task, st *Step, v task.PermitVerdict, reason string) {
	if v == task.Unprovided {
		w.without[program.Credential{Connector: a.Type.Connector(), Name: a.Credential}] = reason
	}
	st.Permits = nil
	for _, p := range a.Type.Needs {
		known := slices.ContainsFunc(st.Permits, func(have task.Permit) bool { return have.Action == p.Action })
		if p.As == "" && !known && p.Needed(textIn(st.filled)) {
			st.Permits = append(st.Permits, task.Permit{Action: p.Action, Verdict: v, Reason: reason})
		}
	}
}

// Refused returns the permissions that are not granted, or that could not be asked about without a
// credential, each action once.
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

// changes returns an earlier effect of the plan that may change what a task reads: an effect on the
// same system. An effect on another thing of the same kind does not count if both names are known.
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
