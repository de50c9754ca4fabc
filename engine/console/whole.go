package console

import (
	"net/http"
	"strconv"
	"strings"

	"errand/engine"
)

// showWhole shows all of a text that the page of a run cuts, as plain text: inputs, outputs, failure, or
// the request (call-7) or answer (answer-7) of a call.
func showWhole(c *Console, v *visit) error {
	run, err := c.readRun(v)
	if err != nil {
		return err
	}
	var text string
	found := true
	switch what := v.request.PathValue("what"); {
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

// wholeCall returns the outputs of a step of a run, or the request or the answer of a call.
func (c *Console) wholeCall(v *visit, run engine.View, what string) (text string, found bool, err error) {
	kind, digits, _ := strings.Cut(what, "-")
	number := numberOf(digits)
	switch {
	case number == 0:
		return "", false, nil
	case kind == "step" && number <= len(run.Steps):
		data, err := run.Steps[number-1].Outputs.MarshalJSON()
		return string(data), true, err
	case kind != "call" && kind != "answer":
		return "", false, nil
	}
	record, err := v.client.Record(v.context(), run.Run)
	if err != nil {
		return "", false, err
	}
	for _, calls := range callsOf(record.Moments) {
		for _, s := range calls {
			switch {
			case s.Number != number:
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

// numberOf returns a number from 1 on, or 0 if a text is none.
func numberOf(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 {
		return 0
	}
	return n
}
