package expression

import "slices"

// A habit is something that people write because they know it from another tool or language.
//
// In written and meant, $a to $d stand for an operand: a name or a literal, with its members, calls
// and indexes. $1 to $4 stand for a literal. $A to $D stand for any text between the words around them,
// or up to the next comma or the end of the bracket. $L stands for a list of such texts, with the commas.
type habit struct {
	written string
	// What is meant. The first one that removes the problem is suggested.
	meant []meaning
	// What to do if none of them does; may be empty.
	help string
	// The meaning is the same, so that no person has to decide.
	certain bool
}

// A meaning is one way to write what a habit means.
type meaning struct {
	write string
	of    string // the type that $a must have: a kind, or "null" if it must be nullable; "" if it can be any
}

func always(write string) []meaning { return []meaning{{write: write}} }

// isEmptyValue and isPresent are the tests of other languages for values of all types.
var (
	isEmptyValue = []meaning{{"$a == nil", "null"}, {`$a == ""`, "string"}, {"len($a) == 0", "list"}, {"len($a) == 0", "object"}, {"$a == 0", "integer"}, {"$a == 0", "number"}}
	isPresent    = []meaning{{"$a != nil", "null"}, {`$a != ""`, "string"}, {"len($a) > 0", "list"}, {"len($a) > 0", "object"}, {"$a != 0", "integer"}, {"$a != 0", "number"}}
	isIn         = []meaning{{"$b in $a", "list"}, {"$a contains $b", "string"}, {"$b in $a", "object"}, {"$B in $A", "list"}, {"($A) contains $B", ""}}
	lengthOf     = []meaning{{"len($a)", "list"}, {"len($a)", "string"}}
	orDefault    = append(slices.Clip(orElse), meaning{"$a", "string"}, meaning{"$a", "integer"}, meaning{"$a", "number"}, meaning{"$a", "boolean"}, meaning{"$a", "list"}, meaning{"$a", "object"})
	orElse       = []meaning{{"$a ?? $b", "null"}, {"($a ?? $b)", "null"}, {"$a ?? $b", "any"}, {"($a ?? $b)", "any"}, {`$a != "" ? $a : $b`, "string"}, {`($a != "" ? $a : $b)`, "string"}}
)

const (
	inFinally   = "write the step under finally: its steps always run, and failure is nil if the run has succeeded"
	onlyFailure = "write the step under on_failure: its steps run only if the run fails"
)

// habits is the table of habits. An earlier row is tried first.
var habits = slices.Concat(beside, negated, alternatives, asFunctions, []habit{
	// Conditions of GitHub Actions about the run.
	{written: "failure()", meant: always("failure != nil"), help: onlyFailure},
	{written: "success()", meant: always("failure == nil"), help: "remove it: a step runs only if the steps before it have succeeded"},
	{written: "always()", help: inFinally},
	{written: "always", help: inFinally},
	{written: "cancelled()", help: inFinally},
	{written: "!cancelled()", help: inFinally},

	// Roots of GitHub Actions, Argo and Kestra.
	{written: "github.event.inputs.", meant: always("inputs."), certain: true},
	{written: "needs.$a.outputs.", meant: always("steps.$a.")},
	{written: ".outputs.parameters.", meant: always("."), certain: true},
	{written: ".outputs.", meant: always("."), certain: true},
	{written: "github.run_id", meant: always("run.id"), certain: true},
	{written: "github.workflow", meant: always("run.workflow"), certain: true},
	{written: "vars.", meant: always("inputs.")},
	{written: "env.", meant: always("inputs."), help: "declare an input under `inputs`, and write inputs.NAME"},
	{written: "secrets.", help: "keep the secret in a stored credential, and write the credential's name under `credentials`"},
	{written: "github.", help: "use inputs, request.id, run.id or the outputs of a step: steps.ID.OUTPUT"},
	{written: "matrix.", help: "use for_each: with as: and a name, and write the name here"},
	{written: "workflow.parameters.", meant: always("inputs."), certain: true},
	{written: "workflow.name", meant: always("run.workflow")},
	{written: "workflow.failures", meant: always("failure")},
	{written: "inputs.parameters.", meant: always("inputs."), certain: true},
	{written: "parameters.", meant: always("inputs.")},
	{written: "params.", meant: always("inputs.")},
	{written: "outputs.", meant: []meaning{{write: "steps."}, {write: "result."}}},
	{written: "output.", meant: always("result.")},
	{written: "response.", meant: always("result.")},
	{written: "execution.id", meant: always("run.id"), certain: true},
	{written: "execution.startDate", meant: always("run.started_at"), certain: true},
	{written: "flow.id", meant: always("run.workflow"), certain: true},
	{written: "loop.", help: "a loop has no numbers: write the name that is under as:, or give the items what they need"},
	{written: "self.", help: "write steps.ID.OUTPUT for an output of a step, and run.id or request.id for the run"},
	{written: "this.", help: "write steps.ID.OUTPUT for an output of a step, and run.id or request.id for the run"},
	{written: "taskrun.value", help: "write the name that is under as:"},
	{written: "error.message", meant: always("failure.message")},

	// Words of SQL, Python, JavaScript and Ansible.
	{written: "$a BETWEEN $b AND $c", meant: always("$a >= $b && $a <= $c"), certain: true},
	{written: "$a between $b and $c", meant: always("$a >= $b && $a <= $c"), certain: true},
	{written: "AND", meant: always("&&"), certain: true},
	{written: "OR", meant: always("||"), certain: true},
	{written: "NOT", meant: always("not"), certain: true},
	{written: "$a IN $b", meant: always("$a in $b"), certain: true},
	{written: "None", meant: always("nil"), certain: true},
	{written: "NULL", meant: always("nil"), certain: true},
	{written: "none", meant: always("nil"), certain: true},
	{written: "undefined", meant: always("nil"), certain: true},
	{written: "True", meant: always("true"), certain: true},
	{written: "False", meant: always("false"), certain: true},
	{written: "TRUE", meant: always("true"), certain: true},
	{written: "FALSE", meant: always("false"), certain: true},

	// Tests of SQL, Python, Ansible, PHP, CEL and Kestra.
	{written: "$a is not null", meant: always("$a != nil"), certain: true},
	{written: "$a IS NOT NULL", meant: always("$a != nil"), certain: true},
	{written: "$a is null", meant: always("$a == nil"), certain: true},
	{written: "$a IS NULL", meant: always("$a == nil"), certain: true},
	{written: "$a is not None", meant: always("$a != nil"), certain: true},
	{written: "$a is None", meant: always("$a == nil"), certain: true},
	{written: "$a is not none", meant: always("$a != nil"), certain: true},
	{written: "$a is none", meant: always("$a == nil"), certain: true},
	{written: "$a is not defined", meant: always("$a == nil"), certain: true},
	{written: "$a is undefined", meant: always("$a == nil"), certain: true},
	{written: "$a is defined", meant: always("$a != nil"), certain: true},
	{written: "$a is failed", help: "write on_failure: below the step that may fail; after a step with on_failure: continue, test an output: steps.ID.OUTPUT == nil"},
	{written: "$a is succeeded", help: "remove it: a step runs only if the steps before it have succeeded"},
	{written: "$a is changed", help: "compare an output of the step: steps.ID.OUTPUT == …"},
	{written: "$a is not $1", meant: always("$a != $1"), certain: true},
	{written: "$a is $1", meant: always("$a == $1"), certain: true},
	{written: "$a is true", meant: always("$a == true"), certain: true},
	{written: "$a is false", meant: always("$a == false"), certain: true},
	{written: "defined($a)", meant: always("$a != nil"), certain: true},
	{written: "isset($a)", meant: always("$a != nil"), certain: true},
	{written: "has($a)", meant: always("$a != nil"), certain: true},
	{written: "isNull($a)", meant: always("$a == nil"), certain: true},
	{written: "isEmpty($a)", meant: isEmptyValue},
	{written: "isNotEmpty($a)", meant: isPresent},
	{written: "empty($a)", meant: isEmptyValue},
	{written: "$a is empty", meant: isEmptyValue},
	{written: "$a is not empty", meant: isPresent},

	// Lists and their elements in Python, Ruby and JMESPath.
	{written: "$a not in ($L)", meant: always("$a not in [$L]"), certain: true},
	{written: "$a in ($L)", meant: always("$a in [$L]"), certain: true},
	{written: "$a in [$b..$c]", meant: always("$a in $b..$c"), certain: true},
	{written: "$a[*].$b", meant: always("map($a, #.$b)"), certain: true},
	{written: "$a[*]", meant: always("$a"), help: "write the list without [*]; for a value of each element, map(list, expression), with # for the element"},
	{written: "$b // $a", meant: []meaning{{"int($b / $a)", "integer"}, {"int($b / $a)", "number"}}},
	{written: "//", help: "remove the text after //: a comment stands outside the expression, after a space and #; the whole part of a quotient is int(a / b)"},

	// Operators of JavaScript, Python, SQL, Jinja, Perl, the shell and Pascal.
	{written: "$a =< $b", meant: always("$a <= $b"), certain: true},
	{written: "=", meant: always("=="), certain: true},
	{written: "===", meant: always("=="), certain: true},
	{written: "!==", meant: always("!="), certain: true},
	{written: "<>", meant: always("!="), certain: true},
	{written: "=~", meant: always("matches"), certain: true},
	{written: "-eq", meant: always("==")},
	{written: "-ne", meant: always("!=")},
	{written: "-gt", meant: always(">")},
	{written: "-lt", meant: always("<")},
	{written: "&", meant: always("&&"), certain: true},
	{written: "$a ~ $b", meant: []meaning{{write: "$a + $b"}, {write: "$a + string($b)"}, {write: "string($a) + $b"}, {write: "string($a) + string($b)"}}},
	{written: "if $A then $B else $C", meant: always("$A ? $B : $C"), certain: true},
	{written: "$A if $B else $C if $D", meant: always("$B ? $A : ($C if $D)"), certain: true},
	{written: "$A if $B else $C", meant: always("$B ? $A : $C"), certain: true},
	{written: "$A && $b || $c", meant: []meaning{{"$A ? $b : $c", "boolean"}}},
	{written: "$A and $b or $c", meant: []meaning{{"$A ? $b : $c", "boolean"}}},
	{written: "$a || $b", meant: orElse},
	{written: "$a or $b", meant: orElse},
	{written: "'true'", meant: always("true"), certain: true},
	{written: `"true"`, meant: always("true"), certain: true},
	{written: "'false'", meant: always("false"), certain: true},
	{written: `"false"`, meant: always("false"), certain: true},
	{written: "for", help: "write map(list, expression) or filter(list, condition), with # for the element"},
	{written: "$a => $b", meant: []meaning{{"$a >= $b", "integer"}, {"$a >= $b", "number"}, {"$a >= $b", "duration"}}},
	{written: "=>", help: "write the expression alone, with # for the element: map(list, upper(#))"},
	{written: "->", help: "write the expression alone, with # for the element: map(list, upper(#))"},
	{written: "lambda", help: "write the expression alone, with # for the element: map(list, upper(#))"},
	{written: "format($L)", help: "join texts with +, or write the text around the expression: size ${{ inputs.size }}"},
	{written: "!$a", meant: isEmptyValue},
	{written: "not $a", meant: isEmptyValue},
	{written: "$a / $b", meant: always("int($a / $b)")},
	{written: "$a + $b", meant: []meaning{{"$a + duration($b)", "duration"}}},
	{written: "$a - $b", meant: []meaning{{"$a - duration($b)", "duration"}}},
	{written: "$a > $b", meant: []meaning{{"$a > duration($b)", "duration"}}},
	{written: "$a < $b", meant: []meaning{{"$a < duration($b)", "duration"}}},

	// Functions with another name, or that are operators here.
	{written: "contains($A, $B)", meant: []meaning{{"$B in $A", "list"}, {"$A contains $B", "string"}, {"$B in $A", "object"}}},
	{written: "startsWith($A, $B)", meant: always("hasPrefix($A, $B)"), certain: true},
	{written: "endsWith($A, $B)", meant: always("hasSuffix($A, $B)"), certain: true},
	{written: "toJson($A)", meant: always("toJSON($A)"), certain: true},
	{written: "coalesce($a, $b, $c)", meant: []meaning{{write: "$a ?? $b ?? $c"}, {write: "($a ?? $b ?? $c)"}}, certain: true},
	{written: "coalesce($a, $b)", meant: orElse, certain: true},
	{written: "default($a, $b)", meant: orElse},
	{written: "ifnull($a, $b)", meant: orElse, certain: true},
	{written: "nvl($a, $b)", meant: orElse, certain: true},
	{written: "if($A, $B, $C)", meant: always("($A ? $B : $C)"), certain: true},
	{written: "iif($A, $B, $C)", meant: always("($A ? $B : $C)"), certain: true},
	{written: "count($A)", meant: always("len($A)")},
	{written: "length($A)", meant: always("len($A)"), certain: true},
	{written: "size($A)", meant: always("len($A)"), certain: true},
	{written: "join($A, $B)", meant: always("join($B, $A)")},
	{written: "concat($a, $b)", meant: []meaning{{write: "($a + $b)"}, {write: "($a + string($b))"}}},
	{written: "substring($a, $b, $c)", meant: always("$a[$b:$c]")},
	{written: "str($A)", meant: always("string($A)"), certain: true},
	{written: "String($A)", meant: always("string($A)"), certain: true},
	{written: "toString($A)", meant: always("string($A)"), certain: true},
	{written: "parseInt($A)", meant: always("int($A)")},
	{written: "asInt($A)", meant: always("int($A)")},
	{written: "toUpper($A)", meant: always("upper($A)"), certain: true},
	{written: "toLower($A)", meant: always("lower($A)"), certain: true},
	{written: "unique($A)", meant: always("uniq($A)"), certain: true},
	{written: "sorted($A)", meant: always("sort($A)"), certain: true},
	{written: "reversed($A)", meant: always("reverse($A)"), certain: true},
	{written: "sprig.lower($A)", meant: always("lower($A)"), certain: true},
	{written: "sprig.upper($A)", meant: always("upper($A)"), certain: true},

	// Filters of Jinja.
	{written: "$a | default($b)", meant: orDefault},
	{written: "$a | d($b)", meant: orDefault},
	{written: "$a | ternary($B, $C)", meant: always("($a ? $B : $C)")},
	{written: "$a | length", meant: always("len($a)"), certain: true},
	{written: "$a | count", meant: always("len($a)"), certain: true},
	{written: "$a | upper", meant: always("upper($a)"), certain: true},
	{written: "$a | lower", meant: always("lower($a)"), certain: true},
	{written: "$a | trim", meant: always("trim($a)"), certain: true},
	{written: "$a | string", meant: always("string($a)"), certain: true},
	{written: "$a | int", meant: always("int($a)"), certain: true},
	{written: "$a | first", meant: always("first($a)"), certain: true},
	{written: "$a | last", meant: always("last($a)"), certain: true},
	{written: "$a | unique", meant: always("uniq($a)"), certain: true},
	{written: "$a | sort", meant: always("sort($a)"), certain: true},
	{written: "$a | to_json", meant: always("toJSON($a)"), certain: true},
	{written: "$a | tojson", meant: always("toJSON($a)"), certain: true},

	// Methods of JavaScript, Python, Java and Ruby, and an object as an element.
	{written: "map($A, $b)", meant: always("map($A, ($b))"), certain: true},
	{written: "map($A, .length)", meant: always("map($A, len(#))"), certain: true},
	{written: "$a.length()", meant: lengthOf, certain: true},
	{written: "$a.length", meant: lengthOf, certain: true},
	{written: "$a.Length", meant: lengthOf, certain: true},
	{written: "$a.Count", meant: lengthOf, certain: true},
	{written: "$a.size()", meant: lengthOf, certain: true},
	{written: "$a.size", meant: lengthOf, certain: true},
	{written: "$a.count", meant: lengthOf, certain: true},
	{written: "$a.toUpperCase()", meant: always("upper($a)"), certain: true},
	{written: "$a.toLowerCase()", meant: always("lower($a)"), certain: true},
	{written: "$a.upper()", meant: always("upper($a)"), certain: true},
	{written: "$a.lower()", meant: always("lower($a)"), certain: true},
	{written: "$a.trim()", meant: always("trim($a)"), certain: true},
	{written: "$a.strip()", meant: always("trim($a)"), certain: true},
	{written: "$a.toString()", meant: always("string($a)"), certain: true},
	{written: "$a.startsWith($B)", meant: always("hasPrefix($a, $B)"), certain: true},
	{written: "$a.endsWith($B)", meant: always("hasSuffix($a, $B)"), certain: true},
	{written: "$a.startswith($B)", meant: always("hasPrefix($a, $B)"), certain: true},
	{written: "$a.endswith($B)", meant: always("hasSuffix($a, $B)"), certain: true},
	{written: "$a.includes($b)", meant: isIn},
	{written: "$a.contains($b)", meant: isIn},
	{written: "$a.matches($b)", meant: always("$a matches $b"), certain: true},
	{written: "$a.split($B)", meant: always("split($a, $B)"), certain: true},
	{written: "$a.join($B)", meant: []meaning{{"join($a, $B)", "list"}, {"join($B, $a)", "string"}}},
	{written: "$a.map($A)", meant: always("map($a, $A)"), certain: true},
	{written: "$a.filter($A)", meant: always("filter($a, $A)"), certain: true},
	{written: "$a.find($A)", meant: always("find($a, $A)"), certain: true},
	{written: "$a.any($A)", meant: always("any($a, $A)"), certain: true},
	{written: "$a.all($A)", meant: always("all($a, $A)"), certain: true},
	{written: "$a.some($A)", meant: always("any($a, $A)"), certain: true},
	{written: "$a.every($A)", meant: always("all($a, $A)"), certain: true},
	{written: "$a.replace($B, $C)", meant: always("replace($a, $B, $C)"), certain: true},
	{written: "$a.concat($B)", meant: always("concat($a, $B)"), certain: true},

	// Quotes that a word processor makes.
	{written: "“$A”", meant: always(`"$A"`), certain: true},
	{written: "„$A“", meant: always(`"$A"`), certain: true},
	{written: "„$A”", meant: always(`"$A"`), certain: true},
	{written: "”$A”", meant: always(`"$A"`), certain: true},
	{written: "«$A»", meant: always(`"$A"`), certain: true},
	{written: "‘$A’", meant: always(`"$A"`), certain: true},
})
