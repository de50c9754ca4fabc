package program

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"errand/engine/expression"
	"errand/engine/schema"
)

// facts are conditions, in canonical text, that are true on one path through a definition.
type facts []string

// with returns the facts together with others. ok is false if their texts show that they cannot all
// be true.
func (f facts) with(inputs schema.Type, others []string) (facts, bool) {
	all := slices.Clone(f)
	for _, text := range others {
		for _, one := range plainFacts(text) {
			if slices.ContainsFunc(all, func(other string) bool { return opposite(one, other) || contradicts(one, other) }) {
				return nil, false
			}
			if !slices.Contains(all, one) && len(all) < mostFacts {
				all = append(all, one)
			}
		}
	}
	return all, !all.excludeAllValues(inputs)
}

// mostFacts limits the work. Further facts are ignored.
const mostFacts = 100

// contain reports whether all conditions are among the facts.
func (f facts) contain(conditions []string) bool {
	return !slices.ContainsFunc(conditions, func(text string) bool {
		return slices.ContainsFunc(plainFacts(text), func(one string) bool { return !slices.Contains(f, one) })
	})
}

// decide returns whether a condition may be true under the facts, and whether it may be false. yes
// and no are the facts in each case.
func (f facts) decide(condition *expression.Program, inputs schema.Type) (yes, no facts, mayHold, mayFail bool) {
	if condition == nil {
		return f, nil, true, false
	}
	if value, constant := condition.Constant(); constant {
		return f, f, value == true, value != true
	}
	implied, denied := condition.Implies(), condition.Denies()
	switch {
	case f.contain(implied):
		return f, nil, true, false
	case f.contain(denied):
		return nil, f, false, true
	}
	yes, mayHold = f.with(inputs, implied)
	no, mayFail = f.with(inputs, denied)
	return yes, no, mayHold, mayFail
}

// plainFacts simplifies a condition: a comparison with true or false becomes the condition itself,
// and "not in a list" becomes one fact for each element of the list.
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

// opposite reports whether one condition is the negation of the other.
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

// contradicts reports whether both conditions compare the same path with different literals, so
// that only one of them can be true.
func contradicts(a, b string) bool {
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

// excludeAllValues reports whether the facts exclude all possible values of an input.
func (f facts) excludeAllValues(inputs schema.Type) bool {
	return slices.ContainsFunc(inputs.Fields, func(in schema.Field) bool {
		if len(in.Type.Enum) == 0 || in.Type.Nullable {
			return false
		}
		return !slices.ContainsFunc(in.Type.Enum, func(value any) bool {
			return !slices.Contains(f, "inputs."+in.Name+" != "+string(schema.Encode(value)))
		})
	})
}

// reads reports whether a condition, in canonical text, may read a path. It counts a text in quotes, too.
func reads(condition, path string) bool {
	inName := func(c byte) bool {
		return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for at := 0; ; at++ {
		next := strings.Index(condition[at:], path)
		if next < 0 {
			return false
		}
		at += next
		end := at + len(path)
		begins := at == 0 || condition[at-1] != '.' && !inName(condition[at-1])
		if begins && (end == len(condition) || !inName(condition[end])) {
			return true
		}
	}
}
