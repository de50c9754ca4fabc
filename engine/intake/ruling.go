package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/task"
)

// DeskOf returns the feed of the source that is the desk, as Clerk.Work asks for it: sources returns
// the present sources. There is none while no source is the desk.
func DeskOf(registry *task.Registry, sources func() []*Source) func() (Feed, bool) {
	return func() (Feed, bool) {
		connector, known := registry.Connector(Desk)
		for _, s := range sources() {
			if s.IsDesk() && known && connector.Desk != nil {
				return s.Feed(connector.Desk), true
			}
		}
		return Feed{}, false
	}
}

// Feed returns the feed of a source that is the desk.
func (s *Source) Feed(desk task.Desk) Feed {
	return Feed{Name: s.Name, Desk: desk, Statuses: s.Statuses, Every: s.Every, Version: s.version(), Judge: s.judgeTicket}
}

// Hook returns the hook of a source that is a webhook.
func (s *Source) Hook() Hook { return Hook{Name: s.Name, Judge: s.judgePayload} }

// version returns a text that changes with the file and with each workflow that it names.
func (s *Source) version() string {
	all := sha256.New()
	all.Write([]byte(s.digest))
	for _, r := range s.Rules {
		all.Write([]byte(r.Workflow.Digest))
	}
	return hex.EncodeToString(all.Sum(nil))
}

func (s *Source) judgeTicket(data json.RawMessage) (Ruling, bool, error) {
	t, err := ParseTicket(data)
	if err != nil {
		return Ruling{}, false, err
	}
	m, ok := s.Match(t.Values())
	return rulingOf(m, t.Requesters()), ok, nil
}

func (s *Source) judgePayload(data json.RawMessage) (Ruling, bool, error) {
	v, err := s.ReadPayload(data)
	if err != nil {
		return Ruling{}, false, err
	}
	m, ok := s.Match(v)
	return rulingOf(m, nil), ok, nil
}

// rulingOf returns what a match says about a ticket.
func rulingOf(m Match, requesters []string) Ruling {
	r := Ruling{Rule: m.Rule, Workflow: m.Workflow, Request: m.Request, Inputs: m.Inputs, Requesters: requesters}
	if m.Fault != "" {
		r.Misfits = append(r.Misfits, "the rule cannot be evaluated: "+m.Fault)
	}
	for _, p := range m.Problems {
		r.Misfits = append(r.Misfits, misfitText(p))
	}
	return r
}

// misfitText says what is wrong with an input, and what was expected.
func misfitText(p home.InputProblem) string {
	switch p.Code {
	case home.InputMissing:
		text := p.Input + " is missing; expected " + p.Field.Type.NotNull().Article()
		if p.Field.Description != "" {
			text += ": " + strings.TrimSuffix(p.Field.Description, ".")
		}
		return text
	case home.InputUnknown:
		return "the workflow has no input " + p.Input
	}
	text := p.Message
	if p.Input != "" {
		text = p.Input + ": " + text
	}
	if help := diag.DidYouMean(p.Member, p.Known); p.Member != "" && help != "" {
		text += "; " + help
	}
	return text
}
