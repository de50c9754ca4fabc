package ism

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"errand/engine/task"
)

// runs returns the runs whose references stand in the worklogs of a service request. It reads until a
// page is empty, because a server may send shorter pages than it was asked for.
func (s *system) runs(ctx context.Context, credential, request string) ([]string, error) {
	if err := checkTicket(request); err != nil {
		return nil, nil //nolint:nilerr // it is no ticket of ISM, so that it has no worklogs
	}
	a, err := s.access(ctx, credential)
	if err != nil {
		return nil, err
	}
	session := s.session(a)
	var found []string
	for page, seen := 0, 0; page < maxPages; page++ {
		data, err := session.read(ctx, session.paths.Worklogs, url.Values{
			"filter": {equals("TicketIdentifier", request)},
			"$skip":  {strconv.Itoa(seen)}, "$top": {strconv.Itoa(pageSize)}, "$inlinecount": {"allpages"}, "$format": {"json"},
		})
		if err != nil {
			return nil, err
		}
		var list struct{ Items []struct{ Text text } }
		if err := json.Unmarshal(data, &list); err != nil || list.Items == nil {
			return nil, &task.Failure{Code: codeUnknown, Message: "ISM's list of worklogs cannot be read"}
		}
		if len(list.Items) == 0 {
			return found, nil
		}
		for _, item := range list.Items {
			for _, run := range task.RunsIn(string(item.Text)) {
				if !slices.Contains(found, run) {
					found = append(found, run)
				}
			}
		}
		seen += len(list.Items)
	}
	return nil, &task.Failure{Code: codeUnknown, Message: "the ticket has too many worklogs to read"}
}
