package expression

import (
	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

// A Function is one that an expression may call.
type Function struct {
	Name      string
	Signature string // "replace(text, old, new)"; what stands in [ ] may be left out
	Doc       string // what it gives, in a few words
	Example   string // a call of constants alone, for the documentation
}

// Functions lists all that an expression may call, in the order of the documentation.
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

// function is a function of plain values.
type function struct {
	Function
	wants  []want
	result func(c *checker, call ast.Node, arguments []value) value
	run    func(r *run, arguments []any) (any, error)
}

var functions = []*function{
	{Function{"len", "len(value)", "the characters of a text, the elements of a list or the members of an object", `len("abc")`}, wants(measured), gives(schema.Integer), length},
	{Function{"string", "string(value)", "a value as text, which may be of any type; what is not plain becomes JSON", `string(90) + " s"`}, wants(anything), ofString, asText},
	{Function{"int", "int(value)", "a number without its fraction; of a text, or a value of any type, the integer that it holds, or null", `int("42")`}, wants(readable), ofInt, asInt},
	{Function{"float", "float(value)", "an integer as number; of a text, or a value of any type, the number that it holds, or null", `float("4.2")`}, wants(readable), ofFloat, asFloat},
	{Function{"duration", "duration(text)", `a duration such as duration("90s"); the text is a constant`, `duration("90s") * 2`}, wants(text), ofDuration, nil},
	{Function{"toJSON", "toJSON(value)", "a value as JSON, the members of objects sorted", `toJSON({"b": 1, "a": [true, nil]})`}, wants(anything), gives(schema.String), asJSON},

	{Function{"lower", "lower(text)", "the text in small letters", `lower("Web-1")`}, wants(text), gives(schema.String), lower},
	{Function{"upper", "upper(text)", "the text in capitals", `upper("Web-1")`}, wants(text), gives(schema.String), upper},
	{Function{"trim", "trim(text, [characters])", "the text without spaces, or the characters, around it", `trim("--web--", "-")`}, wants(text, maybe(text)), gives(schema.String), trim},
	{Function{"trimPrefix", "trimPrefix(text, prefix)", "the text without the prefix", `trimPrefix("i-0a1b", "i-")`}, wants(text, text), gives(schema.String), trimPrefix},
	{Function{"trimSuffix", "trimSuffix(text, suffix)", "the text without the suffix", `trimSuffix("web.local", ".local")`}, wants(text, text), gives(schema.String), trimSuffix},
	{Function{"split", "split(text, separator)", "the parts of the text between separators", `split("a,b", ",")`}, wants(text, text), givesList(schema.String), split},
	{Function{"join", "join(list, [separator])", "the texts of a list as one", `join(["a", "b"], ", ")`}, wants(texts, maybe(text)), gives(schema.String), join},
	{Function{"replace", "replace(text, old, new)", "the text with every old part made new", `replace("a.b.c", ".", "-")`}, wants(text, text, text), gives(schema.String), replace},
	{Function{"repeat", "repeat(text, times)", "the text several times", `repeat("ab", 3)`}, wants(text, whole), gives(schema.String), repeat},
	{Function{"indexOf", "indexOf(text, part)", "where the part begins, counted from 0, or -1", `indexOf("web-1", "-")`}, wants(text, text), gives(schema.Integer), indexOf},
	{Function{"lastIndexOf", "lastIndexOf(text, part)", "where the part begins for the last time, or -1", `lastIndexOf("a-b-c", "-")`}, wants(text, text), gives(schema.Integer), lastIndexOf},
	{Function{"hasPrefix", "hasPrefix(text, prefix)", "whether the text begins so", `hasPrefix("ami-0a1b", "ami-")`}, wants(text, text), gives(schema.Boolean), hasPrefix},
	{Function{"hasSuffix", "hasSuffix(text, suffix)", "whether the text ends so", `hasSuffix("web.local", ".com")`}, wants(text, text), gives(schema.Boolean), hasSuffix},

	{Function{"abs", "abs(number)", "the number without its sign", `abs(-3)`}, wants(number), ofFirst, absolute},
	{Function{"ceil", "ceil(number)", "the next whole number above", `ceil(1.2)`}, wants(number), gives(schema.Number), ceil},
	{Function{"floor", "floor(number)", "the next whole number below", `floor(1.8)`}, wants(number), gives(schema.Number), floor},
	{Function{"round", "round(number)", "the nearest whole number, halves away from 0", `round(2.5)`}, wants(number), gives(schema.Number), round},
	{Function{"min", "min(a, b, …)", "the least of some numbers or durations; of a list, or null where it is empty", `min(duration("90s"), duration("2m"))`}, wants(quantity, rest(quantity)), ofExtreme, least},
	{Function{"max", "max(a, b, …)", "the greatest of some numbers or durations; of a list, or null where it is empty", `max([3, 1, 2])`}, wants(quantity, rest(quantity)), ofExtreme, greatest},

	{Function{"first", "first(list)", "the first element, or null", `first(["a", "b"])`}, wants(list), ofItem, first},
	{Function{"last", "last(list)", "the last element, or null", `last(["a", "b"])`}, wants(list), ofItem, last},
	{Function{"take", "take(list, n)", "the first n elements", `take(["a", "b", "c"], 2)`}, wants(list, whole), ofFirst, take},
	{Function{"sort", "sort(list)", "the elements from the least to the greatest", `sort([3, 1, 2])`}, wants(sortable), ofFirst, sorted},
	{Function{"reverse", "reverse(list)", "the elements from the last to the first", `reverse(["a", "b"])`}, wants(list), ofFirst, reversed},
	{Function{"uniq", "uniq(list)", "the elements without repetitions", `uniq(["a", "b", "a"])`}, wants(list), ofFirst, unique},
	{Function{"concat", "concat(list, list, …)", "the elements of several lists", `concat(["a"], ["b"])`}, wants(list, rest(list)), ofConcat, concat},
}

// A reason says why a function of expr is left out.
type reason struct{ why, instead string }

var (
	clock    = reason{"it would give another value when a run is resumed", "use run.started_at"}
	disorder = reason{"its order differs each time", "name the members"}
	untyped  = reason{"what it gives is not known before the run", "name the members: a.b"}
	shapes   = reason{"what it gives is not known before the run", "use filter, map and find"}
	coded    = reason{"texts are data here, never code or bytes", ""}
)

var leftOut = map[string]reason{
	"now": clock, "date": clock, "timezone": clock,
	"keys": disorder, "values": disorder, "toPairs": disorder,
	"fromPairs": untyped, "get": untyped, "type": untyped,
	"groupBy": shapes, "sortBy": shapes, "reduce": shapes, "flatten": shapes,
	"findIndex": shapes, "findLast": shapes, "findLastIndex": shapes,
	"fromJSON": {"what it gives is not known before the run", "let the step return what it means as outputs"},
	"toBase64": coded, "fromBase64": coded,
}

// gives is the result of a function that always gives the same kind.
func gives(kind schema.Kind) func(*checker, ast.Node, []value) value {
	return func(*checker, ast.Node, []value) value { return value{Type: schema.Of(kind)} }
}

func givesList(kind schema.Kind) func(*checker, ast.Node, []value) value {
	return func(*checker, ast.Node, []value) value { return value{Type: schema.ListOf(schema.Of(kind))} }
}
