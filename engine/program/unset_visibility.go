package program

import "errand/engine/diag"

// visibility is the name of the parameter of ism.add_worklog that shows a note to the requester.
const visibility = "client_viewable"

// unsetVisibility warns of a note that does not say whether the requester can see it. By default
// the requester cannot, which surprises designers who write the note for them.
func (c *compiler) unsetVisibility() {
	for _, s := range c.places() {
		t, ok := s.Action.(*Task)
		if !ok {
			continue
		}
		if _, has := t.Type.Input.Field(visibility); !has || !isUnset(t.Input.member(visibility)) {
			continue
		}
		c.report(diag.Problem{
			Rule: "unset-visibility", Severity: diag.Warning, Range: placeOf(c.written[s.Step]), Label: "who sees it is not set",
			Message: t.Type.Name + " does not say whether the requester can see the note, so the requester cannot",
			Help:    "add " + visibility + ": true under `with` for a note to the requester, or " + visibility + ": false for one to operators",
		})
	}
}
