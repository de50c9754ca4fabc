package temporal

import (
	"fmt"

	common "go.temporal.io/api/common/v1"
)

// brief returns the header without the definition, for a memo.
func (h Header) brief() Header {
	h.Definition = Definition{}
	return h
}

// header returns the header in a memo.
func (r *Runner) header(m *common.Memo) (h Header, err error) {
	err = r.fromMemo(m, memoRun, &h)
	return h, err
}

// state returns the state in a memo.
func (r *Runner) state(m *common.Memo) (s State, err error) {
	err = r.fromMemo(m, memoState, &s)
	return s, err
}

// fromMemo decodes an entry of a memo.
func (r *Runner) fromMemo(m *common.Memo, name string, into any) error {
	payload := m.GetFields()[name]
	if payload == nil {
		return fmt.Errorf("the memo of the workflow has no %q", name)
	}
	return r.Converter.FromPayload(payload, into)
}
