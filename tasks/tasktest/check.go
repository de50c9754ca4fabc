package tasktest

import (
	"slices"
	"strings"

	"errand/engine/task"
)

// CompareChecks runs the connector's Validate on a credential and fails the test unless its checks
// begin with these texts, each in the form of CheckTexts.
func (d *Driver) CompareChecks(credential string, want ...string) {
	d.t.Helper()
	got := CheckTexts(d.Connector.Validate(d.t.Context(), credential))
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		d.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	d.CheckSecrets(strings.Join(got, "\n"))
}

// CheckTexts writes each check as its parameter, "+" if it is OK or "-" if not, and its message:
// "app_url+ is reachable".
func CheckTexts(checks []task.Check) []string {
	var texts []string
	for _, c := range checks {
		mark := "-"
		if c.OK {
			mark = "+"
		}
		texts = append(texts, c.Parameter+mark+" "+c.Message)
	}
	return texts
}
