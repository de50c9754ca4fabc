package journal

import (
	"context"
	"strings"
)

// List implements Reader.
func (s *SQLite) List(ctx context.Context, q Query) ([]Run, error) {
	query, args := q.sql()
	return s.list(ctx, query, args)
}

// list returns the runs that a statement selects.
func (s *SQLite) list(ctx context.Context, query string, args []any) ([]Run, error) {
	if err := s.here(ctx); err != nil {
		return nil, failure("list", err)
	}
	rows, err := s.reader.query(query, args...)
	if err != nil {
		return nil, failure("list", err)
	}
	defer func() { _ = rows.Close() }()
	var runs []Run
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return nil, failure("list", err)
		}
		found, err := scan(rows)
		if err != nil {
			return nil, failure("list", err)
		}
		runs = append(runs, found.run)
	}
	if err := rows.Err(); err != nil {
		return nil, failure("list", err)
	}
	return runs, nil
}

// sql returns the statement for a query. There are few different texts, and each is prepared once.
func (q *Query) sql() (query string, args []any) {
	where := []string{"TRUE"}
	add := func(condition string, value ...any) {
		where = append(where, condition)
		args = append(args, value...)
	}
	if q.Workflow != "" {
		add("r.workflow = ?", q.Workflow)
	}
	if q.Request != "" {
		add("r.request = ? AND r.request <> ''", q.Request) // the index needs the second condition
	}
	if q.Status != "" {
		add("r.status = ?", string(q.Status))
	}
	if q.WaitsFor != "" {
		// json_each fails if its argument is not JSON. One damaged row must not hide the others. Most
		// rows wait for something else; instr finds that without reading JSON.
		add(`instr(r.waits, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(r.waits) THEN r.waits END) AS w WHERE w.value ->> 'for' = ?)`, `"`+string(q.WaitsFor)+`"`, string(q.WaitsFor))
	}
	if !q.Since.IsZero() {
		add("r.started >= ?", instant(q.Since))
	}
	if !q.Changed.IsZero() {
		add("r.changed >= ?", instant(q.Changed))
	}
	switch {
	case q.Owners != nil && q.Run != "": // the owners of one run are few; the runs of an owner are many
		add("EXISTS (SELECT 1 FROM owners WHERE run = r.number AND name IN (SELECT value FROM json_each(?)))", namesJSON(q.Owners))
	case q.Owners != nil:
		add("r.number IN (SELECT run FROM owners WHERE name IN (SELECT value FROM json_each(?)))", namesJSON(q.Owners))
	}
	if q.Run != "" {
		add("r.id = ?", q.Run)
	}
	if q.Open {
		add("r.ended IS NULL")
	}
	if !q.Pruned {
		add("r.pruned IS NULL")
	}
	order := "r.number DESC"
	if !q.Due.IsZero() {
		add("r.wake <= ?", instant(q.Due))
		order = "r.wake, r.number"
	} else if q.After != "" {
		add("r.number < (SELECT number FROM runs WHERE id = ?)", q.After)
	}
	limit := -1
	if q.Limit > 0 {
		limit = q.Limit
	}
	args = append(args, limit)
	if q.Brief {
		return `SELECT ` + briefColumns + `, NULL FROM runs r WHERE ` + strings.Join(where, " AND ") + ` ORDER BY ` + order + ` LIMIT ?`, args
	}
	return `SELECT ` + columns + `, NULL` + selection + strings.Join(where, " AND ") + ` ORDER BY ` + order + ` LIMIT ?`, args
}
