package service

import (
	"net/http"
	"strconv"

	"errand/engine/access"
)

// An auditPage is a page of the audit log, the oldest entry first.
type auditPage struct {
	Version int            `json:"version"` // of this shape: 1
	Entries []access.Entry `json:"entries"`
	Next    *string        `json:"next"` // the cursor of the next page; null if this is the last one
}

// listAudit returns a page of the audit log.
func listAudit(s *Server, c *call) (answer, error) {
	asked := c.http.URL.Query()
	limit, err := limitOf(asked)
	if err != nil {
		return answer{}, err
	}
	position, err := s.open(c.route, asked)
	if err != nil {
		return answer{}, err
	}
	var after int64
	if position != "" {
		if after, err = strconv.ParseInt(position, 10, 64); err != nil {
			return answer{}, err // it was sealed by this service
		}
	}
	entries, err := s.Audit.Entries(c.context(), after, limit+1)
	if err != nil {
		return answer{}, unreadable("reading the audit log", err)
	}
	page := auditPage{Version: 1, Entries: entries}
	if len(entries) > limit {
		page.Entries = entries[:limit]
		page.Next = s.seal(c.route, asked, strconv.FormatInt(page.Entries[limit-1].Seq, 10))
	}
	if page.Entries == nil {
		page.Entries = []access.Entry{}
	}
	return answer{status: http.StatusOK, body: page}, nil
}
