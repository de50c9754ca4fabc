package program

import (
	"cmp"
	"slices"
	"time"

	"errand/engine/definition"
	"errand/engine/schema"
)

// An Approval waits for the decision of a person.
type Approval struct {
	Ask            Template      // a text, the question
	By             []string      // roles or users
	Within         time.Duration // 0 means no limit
	Otherwise      string        // reject, approve or fail: the result after Within has passed
	AllowRequester bool          // the person who made the request may decide
}

// Form returns the word of the form.
func (*Approval) Form() string { return definition.ApprovalForm }

// Lists returns nil: an approval holds no steps.
func (*Approval) Lists() [][]*Step { return nil }

// The results of an approval if nobody decides in time.
const (
	OtherwiseReject  = "reject"
	OtherwiseApprove = "approve"
	OtherwiseFail    = "fail"
)

// approvalOutputs are the outputs of the form `approval:`.
var approvalOutputs = resultOf(
	schema.Field{Name: "approved", Title: "Approved", Type: schema.Of(schema.Boolean), Required: true, Description: "Whether the request was approved."},
	schema.Field{Name: "by", Title: "By", Type: text.OrNull(), Required: true, Description: "The person who decided; null if nobody decided in time."},
	schema.Field{Name: "comment", Title: "Comment", Type: text.OrNull(), Required: true, Description: "The comment of the person."},
	schema.Field{Name: "at", Title: "At", Type: text, Required: true, Description: "The time of the decision, in UTC (RFC 3339)."},
)

// ifApproved returns the outputs after somebody has approved. It returns nil if nobody need have done so.
func (a *Approval) ifApproved() *schema.Type {
	if a.Within > 0 && a.Otherwise == OtherwiseApprove {
		return nil
	}
	t := approvalOutputs
	t.Fields = slices.Clone(t.Fields)
	for i := range t.Fields {
		if t.Fields[i].Name == "by" {
			t.Fields[i].Type.Nullable = false
		}
	}
	return &t
}

// approval compiles the form `approval:`.
func (c *compiler) approval(form *definition.Approval, d *definition.Step, s *Step, v view) {
	if d.If != nil && s.If == nil {
		defer c.dropMaybeNull(len(c.problems))
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
