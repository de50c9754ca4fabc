package service

import (
	"fmt"
	"net/http"
	"slices"

	"errand/engine"
)

// An approveBody decides an approval.
type approveBody struct {
	Step     string `json:"step" required:"true" maxlen:"1000" doc:"The step that asks."`
	Decision string `json:"decision" required:"true" enum:"approve,reject" doc:"The decision."`
	Comment  string `json:"comment" maxlen:"4096" doc:"Why. The workflow can read it."`
}

func (b *approveBody) audit() any {
	return map[string]string{"step": b.Step, "decision": b.Decision}
}

// A resolveBody says what became of a step whose outcome is unknown.
type resolveBody struct {
	Step    string `json:"step" required:"true" maxlen:"1000" doc:"The uncertain step."`
	Verdict string `json:"verdict" required:"true" enum:"done,retry,fail" doc:"done: it took effect; retry: it did not, and is called again; fail: treat it as failed."`
	Comment string `json:"comment" maxlen:"4096" doc:"Why."`
}

func (b *resolveBody) audit() any {
	return map[string]string{"step": b.Step, "verdict": b.Verdict}
}

// A retryBody lets an ended run go on.
type retryBody struct {
	From string `json:"from" maxlen:"1000" doc:"The step to go on from. By default it is the step that failed."`
}

func (b *retryBody) audit() any { return map[string]string{"from": b.From} }

// A cancelBody has no members.
type cancelBody struct{}

// approve decides an approval.
func approve(s *Server, c *call) (answer, error) {
	b := c.body.(*approveBody)
	if c.who.token.Person == "" { // a program is never among those who may decide
		return answer{}, &Problem{Status: http.StatusForbidden, Code: string(engine.RefusedPerson), Detail: "the token " + c.who.token.Name + " is for no person, and only persons approve", Step: b.Step, Hint: "use a token that was made for a person"}
	}
	return s.decide(c, b.Step, engine.Decision{Verdict: engine.Verdict(b.Decision), By: c.who.person(), Comment: b.Comment})
}

// resolve says what became of an uncertain step.
func resolve(s *Server, c *call) (answer, error) {
	b := c.body.(*resolveBody)
	return s.decide(c, b.Step, engine.Decision{Verdict: engine.Verdict(b.Verdict), By: c.who.person(), Comment: b.Comment})
}

// decide answers a question of a run, if it is still the one that the caller saw.
func (s *Server) decide(c *call, step string, d engine.Decision) (answer, error) {
	return s.act(c, func(v engine.View) error {
		if err := s.matches(c, v, step); err != nil {
			return err
		}
		return s.Runner.Decide(c.context(), v.Run, step, d)
	})
}

// matches returns a problem if the caller has named the version of a question (If-Match) and the
// question has another one now.
func (s *Server) matches(c *call, v engine.View, step string) error {
	given := c.http.Header.Values("If-Match")
	if len(given) == 0 {
		return nil
	}
	at := slices.IndexFunc(v.Questions, func(q engine.Open) bool { return q.Step == step })
	if at >= 0 && len(given) == 1 && given[0] == etagOf(v, v.Questions[at]) {
		return nil
	}
	return &Problem{Status: http.StatusPreconditionFailed, Code: "changed", Detail: fmt.Sprintf("step %q does not ask the question that If-Match names any more", step), Run: v.Run, Step: step, Hint: "read the question again: GET /v1/questions"}
}

// cancel cancels a run.
func cancel(s *Server, c *call) (answer, error) {
	return s.act(c, func(v engine.View) error { return s.Runner.Cancel(c.context(), v.Run, c.who.person()) })
}

// retry lets a run go on that has ended.
func retry(s *Server, c *call) (answer, error) {
	b := c.body.(*retryBody)
	return s.act(c, func(v engine.View) error {
		return s.Runner.Retry(c.context(), v.Run, engine.Retry{From: b.From, By: c.who.person()})
	})
}

// act does something to a run that the caller sees, and returns how the run stands then.
func (s *Server) act(c *call, do func(v engine.View) error) (answer, error) {
	id, err := idOf(c)
	if err != nil {
		return answer{}, err
	}
	v, err := s.read(c.context(), c.who, id)
	if err != nil {
		return answer{}, err
	}
	if err := do(v); err != nil {
		return answer{}, err
	}
	v, err = s.Runner.Read(c.context(), id)
	return answer{status: http.StatusOK, body: v}, err
}
