package ism

import (
	"context"
	"encoding/json"
	"slices"

	"errand/engine/schema"
	"errand/engine/task"
)

// runs returns the runs whose references stand in the worklogs of a service request.
func (s *system) runs(ctx context.Context, credential, request string) ([]string, error) {
	if b := ticketRule.Breach(map[string]json.RawMessage{"ticket": schema.Encode(request)}); b != nil {
		return nil, nil // it is not a ticket of ISM and has no worklogs
	}
	a, err := s.access(ctx, credential)
	if err != nil {
		return nil, err
	}
	session := s.session(a)
	var found []string
	_, err = session.search(ctx, session.paths.Worklogs, equals("TicketIdentifier", request), func(row json.RawMessage) bool {
		var worklog struct{ Text text }
		_ = json.Unmarshal(row, &worklog) // a row of another shape has no text
		for _, run := range task.RunsIn(string(worklog.Text)) {
			if !slices.Contains(found, run) {
				found = append(found, run)
			}
		}
		return false
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
