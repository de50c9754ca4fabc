package console

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/service"
	"errand/engine/task"
)

// showWhole shows all of a text that the page of a run cuts, as plain text: inputs, outputs, failure, or
// the request (call-7) or answer (answer-7) of a call; or run, which is everything that its pages show.
func showWhole(c *Console, v *visit) error {
	run, err := c.readRun(v)
	if err != nil {
		return err
	}
	var text string
	found := true
	switch what := v.request.PathValue("what"); {
	case what == "run":
		if text, err = c.wholeRun(v, run); err != nil {
			return err
		}
	case what == "inputs":
		text = string(run.Inputs)
	case what == "outputs":
		data, err := run.Outputs.MarshalJSON()
		if err != nil {
			return err
		}
		text = string(data)
	case what == "failure" && run.Failure != nil:
		text = run.Failure.Message
	default:
		text, found, err = c.wholeCall(v, run, what)
		if err != nil {
			return err
		}
	}
	if !found {
		return errNoPage
	}
	v.write.Header().Set("Content-Type", "text/plain; charset=utf-8")
	send(v.write, v.request, http.StatusOK, []byte(printable(text)))
	return nil
}

// A runText is a run with its questions and its calls, as people read it.
type runText struct {
	Run       engine.View           `json:"run"`
	Inputs    json.RawMessage       `json:"inputs"`
	Questions []service.Question    `json:"questions"`
	Calls     map[string][]callText `json:"calls"` // by step
}

// A callText is a call of a step.
type callText struct {
	Sent     time.Time       `json:"sent_at"`
	Input    json.RawMessage `json:"input,omitempty"`
	Answered time.Time       `json:"answered_at,omitzero"`
	Answer   string          `json:"answer,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Details  []task.Detail   `json:"details,omitempty"`
}

// wholeRun returns a run as JSON.
func (c *Console) wholeRun(v *visit, run engine.View) (string, error) {
	all := runText{Run: run, Inputs: run.Inputs, Questions: v.client.Questions(run), Calls: map[string][]callText{}}
	if run.Pruned.IsZero() && run.Trouble == nil {
		record, err := v.client.Record(v.context(), run.Run)
		if err != nil {
			return "", err
		}
		for step, calls := range callsOf(record.Moments) {
			for _, s := range calls {
				all.Calls[step] = append(all.Calls[step], callText{s.At, s.Input, s.Answer, s.Words, s.Output, s.Details})
			}
		}
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(all)
	return b.String(), err
}

// wholeCall returns the request or the answer of a call of a run.
func (c *Console) wholeCall(v *visit, run engine.View, what string) (text string, found bool, err error) {
	kind, digits, _ := strings.Cut(what, "-")
	if kind != "call" && kind != "answer" {
		return "", false, nil
	}
	record, err := v.client.Record(v.context(), run.Run)
	if err != nil {
		return "", false, err
	}
	for _, calls := range callsOf(record.Moments) {
		for _, s := range calls {
			switch {
			case strconv.Itoa(s.Number) != digits:
			case kind == "call":
				return string(s.Input), true, nil
			case s.Output != nil:
				return string(s.Output), true, nil
			default:
				return s.Words, true, nil
			}
		}
	}
	return "", false, nil
}
