package program

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"errand/engine/expression"
	"errand/engine/schema"
)

// facts are conditions, in canonical text, that hold on one way through a definition.
type facts []string

// with is the facts and others, and whether they can hold together as far as their texts tell.
func (f facts) with(inputs schema.Type, others []string) (facts, bool) {
	all := slices.Clone(f)
	for _, text := range others {
		for _, one := range plainFacts(text) {
			if slices.ContainsFunc(all, func(other string) bool { return opposite(one, other) || unlike(one, other) }) {
				return nil, false
			}
			if !slices.Contains(all, one) && len(all) < mostFacts {
				all = append(all, one)
			}
		}
	}
	return all, !all.exhausts(inputs)
}

// mostFacts bounds the work. More than these are forgotten.
const mostFacts = 100

// have reports whether conditions are all among the facts.
func (f facts) have(conditions []string) bool {
	return !slices.ContainsFunc(conditions, func(text string) bool {
		return slices.ContainsFunc(plainFacts(text), func(one string) bool { return !slices.Contains(f, one) })
	})
}

// decide reports whether a condition may hold under the facts, and whether it may not, and what
// then holds too.
func (f facts) decide(condition *expression.Program, inputs schema.Type) (yes, no facts, mayHold, mayFail bool) {
	if condition == nil {
		return f, nil, true, false
	}
	if value, constant := condition.Constant(); constant {
		return f, f, value == true, value != true
	}
	implied, denied := condition.Implies(), condition.Denies()
	switch {
	case f.have(implied):
		return f, nil, true, false
	case f.have(denied):
		return nil, f, false, true
	}
	yes, mayHold = f.with(inputs, implied)
	no, mayFail = f.with(inputs, denied)
	return yes, no, mayHold, mayFail
}

// plainFacts writes what compares with true or false as what it says, and that something is none of a list as several facts.
func plainFacts(text string) []string {
	for _, c := range []struct{ end, before string }{{" == true", ""}, {" != false", ""}, {" == false", "!"}, {" != true", "!"}} {
		if path, ok := strings.CutSuffix(text, c.end); ok && !strings.ContainsAny(path, " ()!") {
			return []string{c.before + path}
		}
	}
	inner, ok := strings.CutPrefix(text, "!(")
	path, list, found := strings.Cut(strings.TrimSuffix(inner, ")"), " in ")
	var values []string
	if !ok || !found || strings.Contains(path, " ") || json.Unmarshal([]byte(list), &values) != nil {
		return []string{text}
	}
	plain := make([]string, len(values))
	for i, v := range values {
		plain[i] = path + " != " + strconv.Quote(v)
	}
	return plain
}

// opposite reports whether one text is the other's negation.
func opposite(a, b string) bool {
	return negates(a, b) || negates(b, a)
}

func negates(a, b string) bool {
	if rest, ok := strings.CutPrefix(a, "!"); ok && (rest == b || rest == "("+b+")") {
		return true
	}
	left, right, ok := strings.Cut(a, " != ")
	return ok && b == left+" == "+right
}

// unlike reports whether both say what one thing is, and not the same.
func unlike(a, b string) bool {
	left, value, ok := strings.Cut(a, " == ")
	other, otherValue, also := strings.Cut(b, " == ")
	return ok && also && left == other && value != otherValue && isLiteral(value) && isLiteral(otherValue)
}

func isLiteral(text string) bool {
	if _, err := strconv.Unquote(text); err == nil {
		return true
	}
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// exhausts reports whether an input has none of the values that it can have.
func (f facts) exhausts(inputs schema.Type) bool {
	return slices.ContainsFunc(inputs.Fields, func(in schema.Field) bool {
		if len(in.Type.Enum) == 0 || in.Type.Nullable {
			return false
		}
		return !slices.ContainsFunc(in.Type.Enum, func(value any) bool {
			return !slices.Contains(f, "inputs."+in.Name+" != "+string(schema.Encode(value)))
		})
	})
}
