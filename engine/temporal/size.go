package temporal

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"errand/engine"
	"errand/engine/task"
)

// mostBytes is how many bytes a payload may have. Temporal takes 2 MiB.
const mostBytes = 1800 << 10

// fits reports whether Temporal takes the record as one payload.
func (r Record) fits() bool {
	packed, err := r.pack()
	return err == nil && len(packed)/3*4 <= mostBytes // it is encoded in base64
}

// size returns how many bytes a value has as Temporal gets it.
func (r *Runner) size(value any) (int, error) {
	sent, err := r.Converter.ToPayload(value)
	return proto.Size(sent), err
}

// mustFit returns a refusal if Temporal would not take the record of a run, or what lists show of it.
// replaces is as in begin.
func (r *Runner) mustFit(record Record, replaces engine.Status) error {
	for _, value := range []any{record, record.Run.brief()} {
		size, err := r.size(value)
		if err != nil {
			return err
		}
		if size > mostBytes {
			reason := fmt.Sprintf("it has %d KiB, and Temporal takes %d KiB", size>>10, mostBytes>>10)
			return &engine.Refusal{Code: engine.RefusedLarge, Run: record.Run.ID, Status: replaces, Reason: reason}
		}
	}
	return nil
}

// fitting returns an answer as it is, or a failure if Temporal would not take it. acts says that the
// call had an effect.
func (a *activities) fitting(answer callAnswer, acts bool) (callAnswer, error) {
	if a.size == nil {
		return answer, nil
	}
	size, err := a.size(answer)
	if err != nil || size <= mostBytes {
		return answer, err
	}
	f := tooLarge("answer", size)
	f.Unknown = acts
	answer.Reply = task.Reply{Failure: f}
	return answer, nil
}

// tooLarge returns the failure of a call whose request or answer Temporal would not take.
func tooLarge(what string, size int) *task.Failure {
	return &task.Failure{Code: task.CodeLimit, Message: fmt.Sprintf("the %s has %d KiB, and Temporal takes %d KiB", what, size>>10, mostBytes>>10)}
}
