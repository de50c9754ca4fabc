package expression

import (
	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

// A Function is a function that an expression may call.
type Function struct {
	Name      string
	Signature string // "replace(text, old, new)"; parameters in [ ] are optional
	Doc       string // its result, in a few words
	Example   string // a call with constants, for the documentation
}

// Functions returns all functions that an expression may call, in the order of the documentation.
func Functions() []Function {
	list := make([]Function, 0, len(functions)+len(closures))
	for _, f := range functions {
		list = append(list, f.Function)
	}
	for _, f := range closures {
		list = append(list, f.Function)
	}
	return list
}

func functionNames() []string {
	var names []string
	for _, f := range Functions() {
		names = append(names, f.Name)
	}
	return names
}

// A function is a Function whose arguments are values: unlike a closure, it evaluates nothing.
type function struct {
	Function
	parameters []parameter
	result     func(c *checker, call ast.Node, arguments []value) value
	run        func(r *run, arguments []any) (any, error)
}

var functions = []*function{
	{Function{"len", "len(value)", "the characters of a text, the elements of a list or the members of an object", `len("abc")`}, takes(measured), resultOf(schema.Integer), length},
	{Function{"string", "string(value)", "a value as text; a list or an object whose type is any becomes JSON", `string(90) + " s"`}, takes(anything), ofString, asText},
	{Function{"int", "int(value)", "a number without its fraction; for a text or a value of any type, the integer in it, or null", `int("42")`}, takes(readable), ofInt, asInt},
	{Function{"float", "float(value)", "an integer as a number; for a text or a value of any type, the number in it, or null", `float("4.2")`}, takes(readable), ofFloat, asFloat},
	{Function{"toList", "toList(value)", "a list of any type of value, if the value is a list; null if it is something else", `len(toList([["a", "b"], "c"][0]) ?? [])`}, takes(listable), ofList, asList},
	{Function{"duration", "duration(text)", `a duration such as duration("90s"); the text must be a constant`, `duration("90s") * 2`}, takes(anything), ofDuration, nil},
	{Function{"toJSON", "toJSON(value)", "a value as JSON; the members of objects are sorted", `toJSON({"b": 1, "a": [true, nil]})`}, takes(anything), resultOf(schema.String), asJSON},

	{Function{"lower", "lower(text)", "the text in small letters", `lower("Web-1")`}, takes(text), resultOf(schema.String), lower},
	{Function{"upper", "upper(text)", "the text in capitals", `upper("Web-1")`}, takes(text), resultOf(schema.String), upper},
	{Function{"trim", "trim(text, [characters])", "the text without spaces at its ends, or without the characters", `trim("--web--", "-")`}, takes(text, optionalParam(text)), resultOf(schema.String), trim},
	{Function{"trimPrefix", "trimPrefix(text, prefix)", "the text without the prefix", `trimPrefix("i-0a1b", "i-")`}, takes(text, text), resultOf(schema.String), trimPrefix},
	{Function{"trimSuffix", "trimSuffix(text, suffix)", "the text without the suffix", `trimSuffix("web.local", ".local")`}, takes(text, text), resultOf(schema.String), trimSuffix},
	{Function{"split", "split(text, separator)", "the parts of the text between separators", `split("a,b", ",")`}, takes(text, text), resultListOf(schema.String), split},
	{Function{"join", "join(list, [separator])", "the texts of a list as one text, with the separator between them", `join(["a", "b"], ", ")`}, takes(texts, optionalParam(text)), resultOf(schema.String), join},
	{Function{"replace", "replace(text, old, new)", "the text with every old part replaced by the new one", `replace("a.b.c", ".", "-")`}, takes(text, text, text), resultOf(schema.String), replace},
	{Function{"repeat", "repeat(text, times)", "the text several times", `repeat("ab", 3)`}, takes(text, whole), ofRepeat, repeat},
	{Function{"indexOf", "indexOf(text, part)", "where the part first begins, counted from 0, or -1 if it is absent", `indexOf("web-1", "-")`}, takes(text, text), resultOf(schema.Integer), indexOf},
	{Function{"lastIndexOf", "lastIndexOf(text, part)", "where the part last begins, counted from 0, or -1 if it is absent", `lastIndexOf("a-b-c", "-")`}, takes(text, text), resultOf(schema.Integer), lastIndexOf},
	{Function{"hasPrefix", "hasPrefix(text, prefix)", "whether the text begins with the prefix", `hasPrefix("ami-0a1b", "ami-")`}, takes(text, text), resultOf(schema.Boolean), hasPrefix},
	{Function{"hasSuffix", "hasSuffix(text, suffix)", "whether the text ends with the suffix", `hasSuffix("web.local", ".com")`}, takes(text, text), resultOf(schema.Boolean), hasSuffix},

	{Function{"abs", "abs(number)", "the number without its sign", `abs(-3)`}, takes(number), ofFirst, absolute},
	{Function{"ceil", "ceil(number)", "the number rounded up to a whole number", `ceil(1.2)`}, takes(number), resultOf(schema.Number), ceil},
	{Function{"floor", "floor(number)", "the number rounded down to a whole number", `floor(1.8)`}, takes(number), resultOf(schema.Number), floor},
	{Function{"round", "round(number)", "the nearest whole number; halves are rounded away from 0", `round(2.5)`}, takes(number), resultOf(schema.Number), round},
	{Function{"min", "min(a, b, …)", "the least of several numbers or durations, or of a list; null if the list is empty", `min(duration("90s"), duration("2m"))`}, takes(quantity, repeatedParam(quantity)), ofExtreme, least},
	{Function{"max", "max(a, b, …)", "the greatest of several numbers or durations, or of a list; null if the list is empty", `max([3, 1, 2])`}, takes(quantity, repeatedParam(quantity)), ofExtreme, greatest},

	{Function{"first", "first(list)", "the first element, or null if the list is empty", `first(["a", "b"])`}, takes(list), ofFirstItem, first},
	{Function{"last", "last(list)", "the last element, or null if the list is empty", `last(["a", "b"])`}, takes(list), ofLastItem, last},
	{Function{"take", "take(list, n)", "the first n elements", `take(["a", "b", "c"], 2)`}, takes(list, whole), ofFirst, take},
	{Function{"sort", "sort(list)", "the elements from the least to the greatest", `sort([3, 1, 2])`}, takes(sortable), ofFirst, sortList},
	{Function{"reverse", "reverse(list)", "the elements from the last to the first", `reverse(["a", "b"])`}, takes(list), ofFirst, reverseList},
	{Function{"uniq", "uniq(list)", "the elements without repetitions", `uniq(["a", "b", "a"])`}, takes(list), ofFirst, unique},
	{Function{"concat", "concat(list, list, …)", "the elements of several lists in one list", `concat(["a"], ["b"])`}, takes(list, repeatedParam(list)), ofConcat, concat},
}

// A reason says why a function of expr is not allowed, and what to use instead.
type reason struct{ why, instead string }

var (
	clock    = reason{"its value would change when a run resumes", "use run.started_at"}
	disorder = reason{"the order of its result changes", "name the members"}
	untyped  = reason{"the type of its result is not known before the run", "name the members: a.b"}
	shapes   = reason{"the type of its result is not known before the run", "use filter, map and find"}
	coded    = reason{"in an expression, texts are data, never code or bytes", ""}
)

var leftOut = map[string]reason{
	"now": clock, "date": {"there is no type for a time", `compare times as texts of one form: run.started_at < "2024-01-01T00:00:00Z"`}, "timezone": clock,
	"keys": disorder, "values": disorder, "toPairs": disorder,
	"fromPairs": untyped, "get": untyped, "type": untyped,
	"groupBy": shapes, "sortBy": shapes, "reduce": shapes, "flatten": shapes,
	"findIndex": shapes, "findLast": shapes, "findLastIndex": shapes,
	"fromJSON": {"the type of its result is not known before the run", "let the step return the values as outputs"},
	"toBase64": coded, "fromBase64": coded,
}

// resultOf returns the result function of a function whose result always has the same kind.
func resultOf(kind schema.Kind) func(*checker, ast.Node, []value) value {
	return func(*checker, ast.Node, []value) value { return value{Type: schema.Of(kind)} }
}

func resultListOf(kind schema.Kind) func(*checker, ast.Node, []value) value {
	return func(*checker, ast.Node, []value) value { return value{Type: schema.ListOf(schema.Of(kind))} }
}
