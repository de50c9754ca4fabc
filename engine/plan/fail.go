package plan

import (
	"encoding/json"

	"errand/engine/program"
)

// A Fail is the failure that a definition asks for.
type Fail struct {
	Code    string `json:"code"`
	Message string `json:"message"` // unknown parts are texts in ‹›
}

// fail plans a step that fails.
func (w *walk) fail(s *program.Step, a *program.Fail, st *Step) map[string]any {
	filled, err := a.Message.Fill(w.env)
	if err != nil {
		st.Fault = err.Error()
	}
	st.Fail, st.ends = &Fail{Code: a.Code}, true
	_ = json.Unmarshal(filled.JSON, &st.Fail.Message) // a text
	st.Unknown = filled.Gaps
	return w.outputs(s)
}
