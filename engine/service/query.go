package service

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// checkQuery refuses a query that cannot be parsed, has a parameter that the route does not have, or
// has one twice or without a value. A typing mistake in a filter, or a variable that is empty, must not
// select everything.
func (r *route) checkQuery(req *http.Request) error {
	values, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return badQuery("", "the query cannot be parsed: "+err.Error())
	}
	names := make([]string, len(r.query))
	for i, p := range r.query {
		names[i] = p.name
	}
	for name, all := range values {
		switch {
		case !slices.Contains(names, name) && len(names) == 0:
			return badQuery(name, "the query has "+quoted(name)+"; this address has no parameters")
		case !slices.Contains(names, name):
			return badQuery(name, "the query has "+quoted(name)+"; known parameters are "+strings.Join(names, ", "))
		case len(all) > 1:
			return badQuery(name, fmt.Sprintf("the query has %q %d times; expected it once", name, len(all)))
		case all[0] == "":
			return badQuery(name, fmt.Sprintf("the query has %q without a value; leave it out to select everything", name))
		}
	}
	return nil
}

// badQuery is the problem of a parameter of a query.
func badQuery(name, message string) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: "query", Detail: message, Problems: []FieldProblem{{Field: name, Message: message}}}
}

// maxLimit and defaultLimit are how many things a page has at most, and if the query does not say.
const (
	maxLimit     = 500
	defaultLimit = 50
)

// limitOf returns how many things a page shall have.
func limitOf(query url.Values) (int, error) {
	if !query.Has("limit") {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(query.Get("limit"))
	if err != nil || n < 1 || n > maxLimit || strconv.Itoa(n) != query.Get("limit") {
		return 0, badQuery("limit", fmt.Sprintf("limit %s: expected a number from 1 to %d", quoted(query.Get("limit")), maxLimit))
	}
	return n, nil
}

// oneOf refuses a value of a parameter that is not one of those known. No value is accepted.
func oneOf[T ~string](name, value string, known []T) error {
	if value == "" || slices.Contains(known, T(value)) {
		return nil
	}
	texts := make([]string, len(known))
	for i, k := range known {
		texts[i] = string(k)
	}
	return badQuery(name, fmt.Sprintf("%s %s: expected one of %s", name, quoted(value), strings.Join(texts, ", ")))
}

// quoted quotes what a caller sent, shortened.
func quoted(text string) string {
	if len(text) > 100 {
		text = text[:100] + "…"
	}
	return strconv.Quote(text)
}
