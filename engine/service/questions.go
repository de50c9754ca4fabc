package service

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// A questionPage is a page of what waits for a person, the newest run first.
type questionPage struct {
	Version   int        `json:"version"` // of this shape: 1
	Questions []Question `json:"questions"`
	Next      *string    `json:"next"` // the cursor of the next page; null if this is the last one
}

// A Question is what a person must decide, with what is known about it.
type Question struct {
	Run          string                    `json:"run"`
	Workflow     string                    `json:"workflow"`
	Request      string                    `json:"request"`
	Step         string                    `json:"step"` // the step's key
	Name         string                    `json:"name,omitempty"`
	Kind         string                    `json:"kind"`                  // approval or uncertain
	Ask          string                    `json:"ask,omitempty"`         // of an approval
	By           []string                  `json:"by"`                    // who may decide an approval; empty: every operator
	Until        time.Time                 `json:"until,omitzero"`        // nobody can decide later; absent: no limit
	Evidence     *QuestionEvidence         `json:"evidence,omitempty"`    // of an uncertain step
	Cancelling   bool                      `json:"cancelling,omitempty"`  // the run is to be cancelled, and ends when an uncertain step is decided
	CancelledBy  engine.Person             `json:"cancelled_by,omitzero"` // who cancels it
	Consequences map[engine.Verdict]string `json:"consequences"`          // of each verdict
	May          bool                      `json:"may"`                   // the caller may decide
	WhyNot       string                    `json:"why_not,omitempty"`     // why the caller may not
	ETag         string                    `json:"etag"`                  // for If-Match
}

// A QuestionEvidence is what was sent for a step whose outcome is unknown, and what happened since.
type QuestionEvidence struct {
	engine.Evidence
	Failure string `json:"failure"` // why nobody knows the outcome
}

// The kinds of questions.
const (
	kindApproval  = "approval"
	kindUncertain = "uncertain"
)

// listQuestions returns what waits for a person. A page has the questions of at most limit runs.
func listQuestions(s *Server, c *call) (answer, error) {
	asked := c.http.URL.Query()
	limit, err := limitOf(asked)
	if err != nil {
		return answer{}, err
	}
	after, err := s.open(c.route, asked)
	if err != nil {
		return answer{}, err
	}
	runs, err := s.Runner.List(c.context(), c.who.sight.query(engine.Query{WaitsFor: engine.WaitPerson, Open: true, After: after, Limit: limit + 1}))
	if err != nil {
		return answer{}, err
	}
	page := questionPage{Version: 1, Questions: []Question{}}
	if len(runs) > limit {
		runs = runs[:limit]
		page.Next = s.seal(c.route, asked, runs[limit-1].Run)
	}
	for _, listed := range runs {
		v, err := s.Runner.Read(c.context(), listed.Run)
		if err != nil {
			continue // the run is gone, or its record is damaged: other questions must be seen
		}
		for _, q := range v.Questions {
			page.Questions = append(page.Questions, c.who.question(v, q))
		}
	}
	return answer{status: http.StatusOK, body: page}, nil
}

// question returns a question as a caller sees it.
func (who caller) question(v engine.View, q engine.Open) Question {
	shown := Question{
		Run: v.Run, Workflow: v.Workflow, Request: v.Request, Step: q.Step, Kind: kindApproval, Ask: q.Ask, By: q.By, Until: q.Until,
		Consequences: consequences(v, q), ETag: etagOf(v, q), Cancelling: v.Cancelling, CancelledBy: v.CancelledBy,
	}
	if shown.By == nil {
		shown.By = []string{}
	}
	if at := slices.IndexFunc(v.Steps, func(r engine.StepResult) bool { return r.ID == q.Step }); at >= 0 {
		shown.Name = v.Steps[at].Name
	}
	verdict := engine.VerdictApprove
	if q.Failure != nil {
		shown.Kind, verdict = kindUncertain, engine.VerdictDone
		if q.Evidence != nil {
			shown.Evidence = &QuestionEvidence{*q.Evidence, q.Failure.ForOperators()}
		}
	}
	shown.WhyNot = who.whyNot(v, q, verdict)
	shown.May = shown.WhyNot == ""
	return shown
}

// whyNot returns why the caller may not decide a question, or "".
func (who caller) whyNot(v engine.View, q engine.Open, verdict engine.Verdict) string {
	role := access.Approver
	if q.Failure != nil {
		role = access.Operator
	}
	switch {
	case !who.token.Has(role):
		return "the token does not have the role " + string(role)
	case q.Failure == nil && who.token.Person == "":
		return "the token is for no person, and only persons approve"
	}
	if refusal := v.NotNow(q.Question, time.Now()); refusal != nil {
		return refusal.Error()
	}
	if refusal := engine.MayDecide(v.Run, q.Question, who.person(), append(slices.Clone(v.Requesters), v.StartedBy), verdict); refusal != nil {
		return refusal.Error()
	}
	return ""
}

// etagOf returns the version of a question: another round of the step has another one, and so has a run
// that is to be cancelled, because each verdict then does something else.
func etagOf(v engine.View, q engine.Open) string {
	decisions := 0
	for _, step := range v.Steps {
		if step.ID == q.Step {
			decisions += len(step.Decisions)
		}
	}
	version := []string{v.Run, q.Step, q.Ask, strconv.Itoa(len(v.Rounds)), strconv.Itoa(decisions), q.Until.UTC().Format(time.RFC3339Nano)}
	if v.Cancelling {
		version = append(version, "cancelling")
	}
	text, err := json.Marshal(version)
	if err != nil {
		panic(err) // texts can always be encoded
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
