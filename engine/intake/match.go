package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/schema"
)

// Values are what the expressions of a source read: those of a Ticket, or of a payload.
type Values map[string]any

// A Match is what the first rule that matches would start. It fits if it can start.
type Match struct {
	Rule     string
	Workflow *program.Program
	Request  string         // the id of the service request
	Inputs   map[string]any // with defaults; nil if the match does not fit

	// Fault says why the rule could not be evaluated: an expression divided by zero or exceeded a
	// limit, or the request is empty. It is "" if the rule could be evaluated.
	Fault    string
	Problems []home.InputProblem // the inputs that do not fit
}

// Fits reports whether the workflow can start.
func (m Match) Fits() bool { return m.Fault == "" && len(m.Problems) == 0 }

// maxRequest is the size of the largest id of a service request, in bytes.
const maxRequest = 256

// Match returns the match of the first rule that matches. It returns false if no rule matches, or if
// the ticket has a status that is not looked at. If a condition cannot be evaluated, no later rule is
// tried: the match is that of the rule, with a Fault.
func (s *Source) Match(v Values) (Match, bool) {
	if s.IsDesk() && !s.LooksAt(v.ticketText("status")) {
		return Match{}, false
	}
	for i := range s.Rules {
		rule := &s.Rules[i]
		m := Match{Rule: rule.Name, Workflow: rule.Workflow}
		holds, err := rule.holds(v)
		switch {
		case err != nil:
			m.Fault = fmt.Sprintf("`if`: %v", err)
			m.Request = v.ticketText("id")
			return m, true
		case !holds:
			continue
		}
		if m.Request, err = s.requestOf(rule, v); err != nil {
			m.Fault = fmt.Sprintf("`request`: %v", err)
			return m, true
		}
		m.Inputs, m.Problems = rule.inputsFrom(v)
		return m, true
	}
	return Match{}, false
}

// holds reports whether the rule's condition is true. Null counts as false.
func (r *Rule) holds(v Values) (bool, error) {
	if r.condition == nil {
		return true, nil
	}
	result, err := r.condition.Eval(v)
	return result == true, err
}

func (s *Source) requestOf(r *Rule, v Values) (string, error) {
	if s.IsDesk() {
		return v.ticketText("id"), nil
	}
	made, err := r.request.Render(v)
	if err != nil {
		return "", unwrapped(err)
	}
	var id string
	if err := json.Unmarshal(made, &id); err != nil {
		return "", err
	}
	switch {
	case strings.TrimSpace(id) == "":
		return "", errors.New("the id of the service request is empty")
	case len(id) > maxRequest:
		return "", fmt.Errorf("the id of the service request has %d bytes; %d are the most", len(id), maxRequest)
	case bytes.ContainsFunc([]byte(id), isControl):
		return "", fmt.Errorf("the id of the service request, %s, has a control character", schema.Show(id))
	}
	return id, nil
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// inputsFrom makes the inputs of the rule's workflow, or returns everything that does not fit. A text
// is converted by the type of its input.
func (r *Rule) inputsFrom(v Values) (map[string]any, []home.InputProblem) {
	in := home.NewInputs(r.Workflow)
	var problems []home.InputProblem
	for _, m := range r.inputs.RenderMembers(v) {
		var text string
		switch {
		case m.Err != nil:
			problems = append(problems, home.MisfitsOf(m.Name, m.Err)...)
		case json.Unmarshal(m.JSON, &text) == nil:
			problems = append(problems, in.AddText(m.Name, text)...)
		default:
			problems = append(problems, in.AddValue(m.Name, m.JSON)...)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return in.Values()
}

// ticketText returns a text of the ticket, or "".
func (v Values) ticketText(name string) string {
	ticket, _ := v[rootTicket].(map[string]any)
	found, _ := ticket[name].(string)
	return found
}

// unwrapped removes the name of the place from an error of a template.
func unwrapped(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
