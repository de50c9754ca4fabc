package plan

import (
	"encoding/json"

	"errand/engine/program"
)

func (w *walk) approval(s *program.Step, a *program.Approval, st *Step) map[string]any {
	filled, err := a.Ask.Fill(w.env)
	if err != nil {
		st.Fault = err.Error()
	}
	within, otherwise := w.decision(a)
	st.Approval = &Approval{By: a.By, Within: duration(within), Otherwise: otherwise, AllowRequester: a.AllowRequester}
	_ = json.Unmarshal(filled.JSON, &st.Approval.Ask) // a text
	st.Unknown = filled.Gaps
	return w.outputs(s)
}
