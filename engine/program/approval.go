package program

import (
	"cmp"
	"time"

	"errand/engine/definition"
	"errand/engine/schema"
)

// An Approval waits for a person's decision.
type Approval struct {
	Ask            Template      // a text
	By             []string      // roles or users
	Within         time.Duration // 0: without a limit
	Otherwise      string        // reject, approve or fail, when Within has passed
	AllowRequester bool          // who made the request may decide
}

// Form returns the word of the form.
func (*Approval) Form() string { return definition.ApprovalForm }

// Lists returns nil: an approval holds no steps.
func (*Approval) Lists() [][]*Step { return nil }

// What an approval comes to when nobody has decided in time.
const (
	OtherwiseReject  = "reject"
	OtherwiseApprove = "approve"
	OtherwiseFail    = "fail"
)

// approvalOutputs are those of the form `approval:`.
var approvalOutputs = resultOf(
	schema.Field{Name: "approved", Title: "Approved", Type: schema.Of(schema.Boolean), Required: true, Description: "Whether it was approved."},
	schema.Field{Name: "by", Title: "By", Type: text.OrNull(), Required: true, Description: "Who decided; null where nobody did in time."},
	schema.Field{Name: "comment", Title: "Comment", Type: text.OrNull(), Required: true, Description: "What was said about it."},
	schema.Field{Name: "at", Title: "At", Type: text, Required: true, Description: "When it was decided, in UTC (RFC 3339)."},
)

// approval compiles the form `approval:`.
func (c *compiler) approval(form *definition.Approval, d *definition.Step, s *Step, v view) {
	if d.If != nil && s.If == nil {
		defer c.forget(len(c.problems), "maybe-null")
	}
	action := &Approval{
		Within: durationOf(form.Within), Otherwise: cmp.Or(form.Otherwise.Value, OtherwiseReject), AllowRequester: form.AllowRequester,
	}
	for _, by := range form.By {
		action.By = append(action.By, by.Value)
	}
	ask, _ := c.value(form.Ask, text, "ask", c.scope(v, s.If))
	action.Ask = Template{ask}
	s.Outputs, s.Action = approvalOutputs, action
}
