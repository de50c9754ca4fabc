package plan

import (
	"maps"
	"slices"

	"errand/engine/program"
)

// subworkflow plans another workflow as a step.
func (w *walk) subworkflow(s *program.Step, a *program.Subworkflow, st *Step) map[string]any {
	filled, err := a.Input.Fill(w.env)
	inputs := map[string]any{}
	if err == nil {
		inputs, err = inputsOf(a.Program, filled)
	}
	if err != nil {
		st.Fault = err.Error()
		for _, f := range a.Program.Inputs.Fields {
			inputs[f.Name] = program.ComesFrom("inputs." + f.Name)
		}
	} else {
		st.filled, st.Input, st.Unknown = filled, filled.JSON, filled.Gaps
	}
	y := w.begin(a.Program, inputs)
	y.env["request"] = w.env["request"]
	y.in, y.label = w.in.Step(s.Key), w.label.Step(s.ShortName())
	y.when, y.around, y.offPath, y.quiet = slices.Clone(w.when), w.around, w.offPath, w.quiet
	y.clock = w.clock
	y.within(a.Program.Timeout, "the workflow "+a.Program.Name)
	st.Groups = []Group{{Kind: stepsGroup, Label: a.Program.Title, Steps: y.list(a.Program.Steps)}}
	w.elapsed = y.elapsed
	own := map[string]any{}
	for _, o := range a.Program.Outputs {
		own[o.Name] = program.ComesFrom("steps." + s.Key + "." + o.Name)
		if f, err := o.Value.Fill(y.env); err == nil && f.Known() {
			if value, err := o.Type.Decode(f.JSON); err == nil {
				own[o.Name] = value
			}
		}
	}
	for _, g := range []Group{
		{Kind: onFailureGroup, Label: a.Program.Name, Steps: y.onFailure(a.Program)},
		{Kind: finallyGroup, Label: a.Program.Name, Steps: y.finally(a.Program)},
	} {
		if len(g.Steps) > 0 {
			st.Groups = append(st.Groups, g)
		}
	}
	return w.conclude(s, own)
}

// inputsOf returns the known inputs of a called workflow.
func inputsOf(p *program.Program, filled program.Filled) (map[string]any, error) {
	inputs := map[string]any{}
	if filled.Known() {
		value, err := p.Inputs.Decode(filled.JSON)
		if err != nil {
			return inputs, err
		}
		maps.Copy(inputs, value.(map[string]any))
		return inputs, nil
	}
	for _, f := range p.Inputs.Fields {
		part, given := filled.Part(f.Name)
		if !given {
			inputs[f.Name] = f.Default
			continue
		}
		value, err := valueOf(part, f.Type, "inputs."+f.Name)
		if err != nil {
			return inputs, err
		}
		inputs[f.Name] = value
	}
	return inputs, nil
}
