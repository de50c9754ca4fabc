package ism

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"errand/engine/task"
)

const (
	pageSize = 100 // how many rows are asked for at first; ISM may send fewer
	maxPages = 100
)

// search reads a list page by page until found returns true for a row. It returns false if the list
// ends before. If it cannot be sure that it saw the whole list, it returns an error with
// codeUnknown.
//
// A page that is shorter than requested is not the last one: ISM may have smaller pages. The list
// ends with an empty page, or when its total is reached. If a page is longer than an answer may be,
// search asks for smaller ones: a hundred long worklogs are.
func (s *session) search(ctx context.Context, path, filter string, found func(json.RawMessage) bool) (bool, error) {
	seen, size, pages := 0, pageSize, map[string]bool{}
	for range maxPages {
		data, err := s.read(ctx, path, url.Values{
			"filter": {filter},
			"$skip":  {strconv.Itoa(seen)}, "$top": {strconv.Itoa(size)}, "$inlinecount": {"allpages"}, "$format": {"json"},
		})
		if f, ok := errors.AsType[*task.Failure](err); ok && f.Code == codeTooLong && size > 1 {
			size = max(size/4, 1)
			continue
		}
		if err != nil {
			return false, err
		}
		rows, total, ok := pageOf(data)
		switch {
		case !ok && found(data): // the only row, without a list around it
			return true, nil
		case !ok:
			return false, cannotTell("ISM's list cannot be read")
		case len(rows) > 0 && pages[string(data)]:
			return false, cannotTell("ISM returns the same page of the list again and again")
		}
		pages[string(data)] = true
		if slices.ContainsFunc(rows, found) {
			return true, nil
		}
		seen += len(rows)
		if len(rows) == 0 && total > seen {
			return false, cannotTell("ISM's list ends before its total is reached")
		}
		if len(rows) == 0 || total >= 0 && seen >= total {
			return false, nil
		}
	}
	return false, cannotTell("ISM's list is too long to search")
}

// pageOf returns the rows of a page, and the number of all rows of the list, or -1 if the page does
// not say. ok is false if the data is not a page.
func pageOf(data json.RawMessage) (rows []json.RawMessage, total int, ok bool) {
	if json.Unmarshal(data, &rows) == nil && rows != nil {
		return rows, -1, true
	}
	var page struct {
		Items      []json.RawMessage
		TotalCount json.RawMessage
	}
	if json.Unmarshal(data, &page) != nil || page.Items == nil {
		return nil, 0, false
	}
	var count text
	_ = count.UnmarshalJSON(page.TotalCount) // never fails
	if n, err := strconv.Atoi(string(count)); err == nil && n >= 0 {
		return page.Items, n, true
	}
	return page.Items, -1, true
}

// items returns the rows of a list, or the single object if the data is not a list.
func items(data json.RawMessage) []json.RawMessage {
	if rows, _, ok := pageOf(data); ok {
		return rows
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil || object == nil {
		return nil
	}
	return []json.RawMessage{data}
}

// cannotTell returns the failure of a look that shows nothing.
func cannotTell(why string) *task.Failure {
	return &task.Failure{Code: codeUnknown, Message: why}
}
