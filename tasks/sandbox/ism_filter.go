package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// answerList answers a list of rows as the query requests: filter, $orderby, $skip, $top, $select
// and $inlinecount. It adds the number of all rows that match the filter unless $inlinecount is
// none. known are the attributes that a row may have; nil means any.
func answerList(query url.Values, rows []map[string]any, known []string) result {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if known := []string{"filter", "$filter", "$orderby", "$skip", "$top", "$select", "$inlinecount", "$format"}; !slices.Contains(known, name) {
			return limitResult(http.StatusBadRequest, "the parameter "+name+" of a list", known)
		}
	}
	passes, named, err := parseFilter(cmp.Or(query.Get("filter"), query.Get("$filter")))
	if err != nil {
		return errorResult(http.StatusBadRequest, "the filter cannot be read: %v", err)
	}
	order, err := parseOrder(query.Get("$orderby"))
	if err != nil {
		return errorResult(http.StatusBadRequest, "$orderby: %v", err)
	}
	for _, o := range order {
		named = append(named, o.attribute)
	}
	for _, name := range named {
		if known != nil && !slices.Contains(known, name) {
			return limitResult(http.StatusBadRequest, "the attribute "+name+" of a list", slices.Sorted(slices.Values(known)))
		}
	}
	rows = slices.DeleteFunc(rows, func(row map[string]any) bool { return !passes(row) })
	total := len(rows)
	slices.SortStableFunc(rows, order.compare)
	skip, err := parseCount(query.Get("$skip"), 0)
	if err != nil {
		return errorResult(http.StatusBadRequest, "$skip: %v", err)
	}
	top, err := parseCount(query.Get("$top"), total)
	if err != nil {
		return errorResult(http.StatusBadRequest, "$top: %v", err)
	}
	rows = rows[min(skip, len(rows)):]
	rows = rows[:min(top, len(rows))]
	if chosen := query.Get("$select"); chosen != "" {
		for n := range rows {
			rows[n] = pick(rows[n], strings.Split(chosen, ","))
		}
	}
	data := map[string]any{"items": append([]map[string]any{}, rows...)}
	if query.Get("$inlinecount") != "none" {
		data["totalCount"] = total
	}
	return okResult(data, map[string]any{"items": len(rows), "totalCount": total})
}

func parseCount(s string, preset int) (int, error) {
	if s == "" {
		return preset, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return n, nil
}

func pick(row map[string]any, names []string) map[string]any {
	picked := map[string]any{}
	for _, name := range names {
		if value, ok := row[strings.TrimSpace(name)]; ok {
			picked[strings.TrimSpace(name)] = value
		}
	}
	return picked
}

// An ordering says by which attributes rows are sorted, the most important first.
type ordering []struct {
	attribute  string
	descending bool
}

// parseOrder parses "Attribute", "Attribute asc" or "Attribute desc", and several of them with commas
// between them. Nothing keeps the order of the rows.
func parseOrder(source string) (o ordering, err error) {
	if strings.TrimSpace(source) == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(source, ",") {
		words := append(strings.Fields(part), "asc")
		if len(words) > 3 || len(words) < 2 || words[1] != "asc" && words[1] != "desc" {
			return nil, fmt.Errorf("%q is not an attribute with asc or desc", strings.TrimSpace(part))
		}
		o = append(o, ordering{{words[0], words[1] == "desc"}}...)
	}
	return o, nil
}

func (o ordering) compare(a, b map[string]any) int {
	for _, by := range o {
		c := compare(text(a[by.attribute]), text(b[by.attribute]))
		if by.descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// compare compares numbers by value, and anything else as text.
func compare(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// A condition reports whether a row matches.
type condition func(row map[string]any) bool

// A filterParser parses the part of OData's filters that clients of ISM use:
//
//	or         = and { "or" and }
//	and        = term { "and" term }
//	term       = "(" or ")" | attribute operator value
//	operator   = "eq" | "ne" | "gt" | "ge" | "lt" | "le"
//	value      = "'" text, with '' for a quote, "'" | number
type filterParser struct {
	tokens []string
	depth  int
	named  []string // the attributes so far
}

// filterToken matches the next token of a filter. It is compiled when the first filter is read.
var filterToken = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*('(?:[^']|'')*'|[()]|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?)`)
})

// parseFilter parses a filter, and returns the attributes that it names. An empty filter matches
// every row.
func parseFilter(source string) (c condition, named []string, err error) {
	if strings.TrimSpace(source) == "" {
		return func(map[string]any) bool { return true }, nil, nil
	}
	p := &filterParser{}
	for rest := source; strings.TrimSpace(rest) != ""; {
		m := filterToken().FindStringSubmatch(rest)
		if m == nil {
			return nil, nil, fmt.Errorf("at %q", strings.TrimSpace(rest))
		}
		p.tokens = append(p.tokens, m[1])
		rest = rest[len(m[0]):]
	}
	c, err = p.parseOr()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("at %q", p.tokens[0])
	}
	return c, p.named, err
}

func (p *filterParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

func (p *filterParser) accept(word string) bool {
	if len(p.tokens) > 0 && strings.EqualFold(p.tokens[0], word) {
		p.next()
		return true
	}
	return false
}

func (p *filterParser) parseOr() (condition, error) {
	left, err := p.parseAnd()
	for err == nil && p.accept("or") {
		var right condition
		before := left
		right, err = p.parseAnd()
		left = func(row map[string]any) bool { return before(row) || right(row) }
	}
	return left, err
}

func (p *filterParser) parseAnd() (condition, error) {
	left, err := p.parseTerm()
	for err == nil && p.accept("and") {
		var right condition
		before := left
		right, err = p.parseTerm()
		left = func(row map[string]any) bool { return before(row) && right(row) }
	}
	return left, err
}

func (p *filterParser) parseTerm() (condition, error) {
	if p.accept("(") {
		if p.depth++; p.depth > 100 {
			return nil, fmt.Errorf("it is nested too deep")
		}
		inner, err := p.parseOr()
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		p.depth--
		return inner, err
	}
	name, operator, literal := p.next(), p.next(), p.next()
	holds := map[string]func(int) bool{
		"eq": func(c int) bool { return c == 0 }, "ne": func(c int) bool { return c != 0 },
		"gt": func(c int) bool { return c > 0 }, "ge": func(c int) bool { return c >= 0 },
		"lt": func(c int) bool { return c < 0 }, "le": func(c int) bool { return c <= 0 },
	}[operator]
	quoted := strings.HasPrefix(literal, "'")
	switch {
	case name == "" || strings.ContainsAny(name[:1], "'()-0123456789"):
		return nil, fmt.Errorf("expected an attribute, got %q", name)
	case holds == nil:
		return nil, fmt.Errorf("expected an operator such as eq after %s, got %q", name, operator)
	case !quoted && (literal == "" || !strings.Contains("-0123456789", literal[:1])):
		return nil, fmt.Errorf("expected a value in quotes after %s %s, got %q", name, operator, literal)
	}
	p.named = append(p.named, name)
	want := literal
	if quoted {
		want = strings.ReplaceAll(literal[1:len(literal)-1], "''", "'")
	}
	return func(row map[string]any) bool {
		got := text(row[name])
		if quoted && (operator == "eq" || operator == "ne") {
			return holds(strings.Compare(got, want))
		}
		return holds(compare(got, want))
	}, nil
}

// isText reports whether the web service accepts a value for an attribute: a text or a number.
func isText(v any) bool {
	switch v.(type) {
	case string, json.Number:
		return true
	}
	return false
}

// text returns a text or a number as text, or "" for any other value.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
