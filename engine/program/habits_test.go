package program_test

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A habitCase is something that people write who know another tool, and what it must become if the
// help is followed.
type habitCase struct{ written, meant string }

const habitInputs = `inputs:
  who: {type: string, required: false}
  name: {type: string, default: web}
  level: {type: string, enum: [low, high], default: low}
  pause: {type: duration, default: 9s}
  size: {type: integer, default: 1}
  flag: {type: boolean, default: false}
  xs: {type: list, items: {type: string}, default: [a]}
  none: {type: list, items: {type: string}, required: false}
  any: {type: list, default: [1]}
  rows: {type: list, items: {type: object, properties: {port: {type: integer}}}, default: []}
`

// values are expressions.
var values = []habitCase{
	{`inputs.who || "nobody"`, `inputs.who ?? "nobody"`},
	{`inputs.name || "nobody"`, `inputs.name != "" ? inputs.name : "nobody"`},
	{`inputs.flag && "a" || "b"`, `inputs.flag ? "a" : "b"`},
	{`inputs.flag && inputs.who`, `inputs.flag && inputs.who != nil`},
	{`inputs.flag && inputs.xs`, `inputs.flag && len(inputs.xs) > 0`},
	{`inputs.flag == 'true'`, `inputs.flag == true`},
	{`inputs.name.Length`, `len(inputs.name)`},
	{`inputs.who or "nobody"`, `inputs.who ?? "nobody"`},
	{`!inputs.who`, `inputs.who == nil`},
	{`not inputs.who`, `inputs.who == nil`},
	{`!inputs.name`, `inputs.name == ""`},
	{`!inputs.size`, `inputs.size == 0`},
	{`!inputs.xs`, `len(inputs.xs) == 0`},
	{`inputs.who | default("nobody")`, `inputs.who ?? "nobody"`},
	{`inputs.who | default('nobody')`, `inputs.who ?? 'nobody'`},
	{`default(inputs.who, "nobody")`, `inputs.who ?? "nobody"`},
	{`coalesce(inputs.who, inputs.name)`, `inputs.who ?? inputs.name`},
	{`coalesce(inputs.who, inputs.who, "x")`, `inputs.who ?? inputs.who ?? "x"`},
	{`contains(inputs.xs, "a")`, `"a" in inputs.xs`},
	{`contains(inputs.name, "a")`, `inputs.name contains "a"`},
	{`inputs.flag && contains(inputs.xs, "a")`, `inputs.flag && "a" in inputs.xs`},
	{`inputs.flag AND contains(inputs.xs, "a")`, `inputs.flag && "a" in inputs.xs`},
	{`inputs.flag OR NOT inputs.flag`, `inputs.flag || not inputs.flag`},
	{`startsWith(inputs.name, "i-")`, `hasPrefix(inputs.name, "i-")`},
	{`endsWith(inputs.name, "i-")`, `hasSuffix(inputs.name, "i-")`},
	{`inputs.name.startsWith("i-")`, `hasPrefix(inputs.name, "i-")`},
	{`inputs.xs.includes("a")`, `"a" in inputs.xs`},
	{`inputs.name.contains("a")`, `inputs.name contains "a"`},
	{`inputs.xs.length`, `len(inputs.xs)`},
	{`inputs.xs.length > 1`, `len(inputs.xs) > 1`},
	{`inputs.xs.size()`, `len(inputs.xs)`},
	{`inputs.xs | length`, `len(inputs.xs)`},
	{`count(inputs.xs)`, `len(inputs.xs)`},
	{`length(inputs.xs)`, `len(inputs.xs)`},
	{`size(inputs.xs) > 1`, `len(inputs.xs) > 1`},
	{`map(inputs.xs, .length)`, `map(inputs.xs, len(#))`},
	{`inputs.name.toUpperCase()`, `upper(inputs.name)`},
	{`inputs.name.lower()`, `lower(inputs.name)`},
	{`inputs.name | upper`, `upper(inputs.name)`},
	{`inputs.name.strip()`, `trim(inputs.name)`},
	{`inputs.xs.join(", ")`, `join(inputs.xs, ", ")`},
	{`", ".join(inputs.xs)`, `join(inputs.xs, ", ")`},
	{`inputs.name.replace("a", "b")`, `replace(inputs.name, "a", "b")`},
	{`inputs.who is null`, `inputs.who == nil`},
	{`inputs.who is not null`, `inputs.who != nil`},
	{`inputs.who is None`, `inputs.who == nil`},
	{`inputs.who is defined`, `inputs.who != nil`},
	{`inputs.who IS NOT NULL`, `inputs.who != nil`},
	{`inputs.who == None`, `inputs.who == nil`},
	{`inputs.who == NULL`, `inputs.who == nil`},
	{`inputs.who != undefined`, `inputs.who != nil`},
	{`inputs.flag == True`, `inputs.flag == true`},
	{`has(inputs.who)`, `inputs.who != nil`},
	{`isEmpty(inputs.xs)`, `len(inputs.xs) == 0`},
	{`inputs.name = "web"`, `inputs.name == "web"`},
	{`inputs.name === "web"`, `inputs.name == "web"`},
	{`inputs.name <> "web"`, `inputs.name != "web"`},
	{`inputs.name == “web”`, `inputs.name == "web"`},
	{`inputs.name == ‘web’`, `inputs.name == "web"`},
	{`inputs.name == „web“`, `inputs.name == "web"`},
	{`inputs.name ~ "-1"`, `inputs.name + "-1"`},
	{`inputs.name =~ "^w"`, `inputs.name matches "^w"`},
	{`"a" if inputs.flag else "b"`, `inputs.flag ? "a" : "b"`},
	{`if(inputs.flag, "a", "b")`, `(inputs.flag ? "a" : "b")`},
	{`inputs.flag & inputs.size > 1`, `inputs.flag && inputs.size > 1`},
	{`inputs.pause + "1s"`, `inputs.pause + duration("1s")`},
	{`inputs.pause > "5m"`, `inputs.pause > duration("5m")`},
	{`inputs.xs[len(inputs.xs) / 2]`, `inputs.xs[int(len(inputs.xs) / 2)]`},
	{`str(inputs.size)`, `string(inputs.size)`},
	{`toJson(inputs.xs)`, `toJSON(inputs.xs)`},
	{`parameters.name`, `inputs.name`},
	{`workflow.parameters.name`, `inputs.name`},
	{`github.event.inputs.name`, `inputs.name`},
	{`vars.name`, `inputs.name`},
	{`execution.id`, `run.id`},
	{`steps.wait.outputs.fired_at`, `steps.wait.fired_at`},
	{`outputs.wait.fired_at`, `steps.wait.fired_at`},
	{`not inputs.size == 4`, `inputs.size != 4`},
	{`NOT inputs.size == 3`, `inputs.size != 3`},
	{`!inputs.name == "web"`, `inputs.name != "web"`},
	{`not inputs.name in inputs.xs`, `inputs.name not in inputs.xs`},
	{`! inputs.name in inputs.xs && inputs.flag`, `inputs.name not in inputs.xs && inputs.flag`},
	{`not inputs.size > 3`, `not (inputs.size > 3)`},
	{`inputs.size|string ~ "x"`, `string(inputs.size) + "x"`},
	{`inputs.size => 3`, `inputs.size >= 3`},
	{`inputs.size =< 3`, `inputs.size <= 3`},
	{`'A' if inputs.flag else 'B' if inputs.size > 1 else 'C'`, `inputs.flag ? 'A' : (inputs.size > 1 ? 'B' : 'C')`},
	{`1 if inputs.flag else 2 if inputs.size > 1 else 3 if inputs.size > 0 else 4`, `inputs.flag ? 1 : (inputs.size > 1 ? 2 : (inputs.size > 0 ? 3 : 4))`},
	{`if inputs.flag then 1 else if inputs.size > 1 then 2 else 3`, `inputs.flag ? 1 : inputs.size > 1 ? 2 : 3`},
	{`map(inputs.xs, {"name": #, "size": 1})`, `map(inputs.xs, ({"name": #, "size": 1}))`},
	{`max(inputs.any)`, `max(map(inputs.any, float(#) ?? 0))`},
	{`-9223372036854775808`, `(-9223372036854775807 - 1)`},
	{`inputs.name == "a" or "b"`, `inputs.name in ["a", "b"]`},
	{`inputs.name == "a" || "b" || "c"`, `inputs.name in ["a", "b", "c"]`},
	{`inputs.size == 1 or 2`, `inputs.size in [1, 2]`},
	{`inputs.size == 1 or 2 or -3 or 4`, `inputs.size in [1, 2, -3, 4]`},
	{`inputs.flag && inputs.size == 1 or 2`, `inputs.flag && inputs.size in [1, 2]`},
	{`inputs.name == ("a" || "b")`, `inputs.name in ["a", "b"]`},
	{`inputs.name == ("a" or "b" or "c")`, `inputs.name in ["a", "b", "c"]`},
	{`inputs.name != "a" and "b"`, `inputs.name not in ["a", "b"]`},
	{`inputs.name != "a" or "b" or "c"`, `inputs.name not in ["a", "b", "c"]`},
	{`inputs.name in ("a", "b", "c")`, `inputs.name in ["a", "b", "c"]`},
	{`inputs.name not in ("a", "b")`, `inputs.name not in ["a", "b"]`},
	{`inputs.size in [1..5]`, `inputs.size in 1..5`},
	{`inputs.size between 1 and 5`, `inputs.size >= 1 && inputs.size <= 5`},
	{`inputs.size BETWEEN 1 AND 5`, `inputs.size >= 1 && inputs.size <= 5`},
	{`inputs.name is "a"`, `inputs.name == "a"`},
	{`inputs.name is not "a"`, `inputs.name != "a"`},
	{`inputs.flag is true`, `inputs.flag == true`},
	{`defined(inputs.who)`, `inputs.who != nil`},
	{`upper(inputs.who | default("a"))`, `upper(inputs.who ?? "a")`},
	{`inputs.any[0] | default("a")`, `inputs.any[0] ?? "a"`},
	{`inputs.level | default("a")`, `${{ inputs.level }}`},
	{`inputs.size | default(3)`, `${{ inputs.size }}`},
	{`inputs.none | default([])`, `inputs.none ?? []`},
	{`inputs.xs.map(# + "!")`, `map(inputs.xs, # + "!")`},
	{`inputs.xs.some(# == "a")`, `any(inputs.xs, # == "a")`},
	{`inputs.xs.map(upper(#)).filter(# != "")`, `filter(map(inputs.xs, upper(#)), # != "")`},
	{`join(", ", inputs.xs)`, `join(inputs.xs, ", ")`},
	{`inputs.xs[*]`, `${{ inputs.xs }}`},
	{`inputs.rows[*].port`, `map(inputs.rows, #.port)`},
	{`inputs.size // 2`, `int(inputs.size / 2)`},
	{`7 // inputs.size`, `int(7 / inputs.size)`},
	{`ne(inputs.name, "a")`, `inputs.name != "a"`},
	{`eq(inputs.who ?? "", "a")`, `(inputs.who ?? "") == ("a")`},
	{`and(eq(inputs.size, 1), ne(inputs.name, "a"))`, `inputs.size == 1 && inputs.name != "a"`},
	{`or(inputs.flag, inputs.size > 1, inputs.size < 0)`, `(inputs.flag) || (inputs.size > 1) || (inputs.size < 0)`},
	{`not(gt(inputs.size, 1))`, `not(inputs.size > 1)`},
	{`sum([])`, `0`},
	{`inputs.none[0]`, `(inputs.none ?? [])[0]`},
	{`inputs.who.length`, `len(inputs.who ?? "")`},
	{`inputs.who?.length`, `len(inputs.who ?? "")`},
	{`inputs.none.length > 1`, `len(inputs.none ?? []) > 1`},
	{`sum(inputs.xs)`, `sum(map(inputs.xs, int(#) ?? 0))`},
	{`name`, `inputs.name`},
	{`wait.fired_at`, `steps.wait.fired_at`},
	{`duration(90)`, `duration("90s")`},
	{`duration(inputs.size)`, `inputs.size * duration("1s")`},
	{`inputs.who ?? "" == "a" || inputs.flag`, `(inputs.who ?? "") == "a" || inputs.flag`},
}

// stepKeys are lines of a step.
var stepKeys = []habitCase{
	{"when: inputs.flag", "if: inputs.flag"},
	{"condition: inputs.size > 0", "if: inputs.size > 0"},
	{"when: |\n      inputs.size > 0 &&\n      inputs.flag", "if: |"},
	{"continue-on-error: true", "on_failure: continue"},
	{"continueOnError: yes", "on_failure: continue"},
	{"ignore_errors: yes", "on_failure: continue"},
	{"ignore_errors: no", ""},
	{"ignore_errors: \"Yes\"", "on_failure: continue"},
	{"ignoreErrors: 1", "on_failure: continue"},
	{"ignore_errors: 0", ""},
	{"continue-on-error: \"false\"", ""},
	{"needs: wait", ""},
	{"needs: [wait]", ""},
	{"dependsOn:\n      - wait", ""},
	{"timeout-minutes: 5", "timeout: 5m"},
	{"timeoutSeconds: 30", "timeout: 30s"},
	{"when: ${{ inputs.flag }}", "if: inputs.flag"},
	{"when: '${{ inputs.name == \"web\" }}'", `if: inputs.name == "web"`},
	{"condition: \"${{ inputs.name == 'web' ? true : false }}\"", `if: "inputs.name == 'web' ? true : false"`},
	{"when: \"{{inputs.size}} == 1\"", "if: inputs.size == 1"},
	{"when: \"'{{ inputs.name }}' == 'prod' && {{ inputs.flag || inputs.size > 1 }}\"", "if: inputs.name == 'prod' && (inputs.flag || inputs.size > 1)"},
	{"when: {{ inputs.flag }}", "if: inputs.flag"},
	{"if: {{ inputs.flag }}", "if: inputs.flag"},
	{"if: \"{{inputs.size}} == 1\"", "inputs.size == 1"},
	{"if: inputs.size == 1 && ${{ inputs.flag }}", "if: inputs.size == 1 && inputs.flag"},
	{"timeout: 00:05:00", "timeout: 5m"},
	{"retries: 3", "retry: {attempts: 4}"},
	{"max_attempts: 3", "retry: {attempts: 3}"},
	{"register: waited", "id: waited"},
	{"displayName: Wait", "name: Wait"},
	{"nextStep: two", ""},
	{"isEnd: true", ""},
	{"tags: [a]", ""},
	{"retry: {limit: 3}", "retry: {attempts: 4}"},
	{"retry: 3", "retry: {attempts: 3}"},
	{"if: inputs.who", "if: inputs.who != nil"},
	{"if: inputs.xs", "if: len(inputs.xs) > 0"},
	{"retry: {maxAttempts: 3, interval: 5}", "retry: {attempts: 3, backoff: 5s}"},
	{"timeout: 300", "timeout: 300s"},
	{"on_failure: Continue", "on_failure: continue"},
	{"on_failure: ignore", "on_failure: continue"},
	{"on_failure: {continue: true}", "on_failure: continue"},
	{"on_failure:\n      continue: yes", "on_failure:\n      continue"},
}

const below = "    steps:\n      - {task: timer.delay, with: {duration: 1s}}"

// forms are the words that say what a step does.
var forms = []habitCase{
	{"timer.delay:\n      duration: 1s", "task: timer.delay\n    with:\n      duration: 1s"},
	{"timer.delay: {duration: 1s}", "task: timer.delay\n    with: {duration: 1s}"},
	{"delay: 5m", "task: timer.delay\n    with: {duration: 5m}"},
	{"sleep: 30", "task: timer.delay\n    with: {duration: 30s}"},
	{"{wait: 1m}", "{task: timer.delay, with: {duration: 1m}}"},
	{"task: TIMER.Delay\n    with: {duration: 1s}", "task: timer.delay"},
	{"uses: timer.delay\n    with: {duration: 1s}", "task: timer.delay"},
	{"type: timer.delay\n    with: {duration: 1s}", "task: timer.delay"},
	{"action: timer.delay\n    with: {duration: 1s}", "task: timer.delay"},
	{"task: timer.delay\n    args: {duration: 1s}", "with: {duration: 1s}"},
	{"task: timer.delay\n    params:\n      duration: 1s", "with:\n      duration: 1s"},
	{"task: timer.delay\n    inputs: {duration: 1s}", "with: {duration: 1s}"},
	{"task: timer.delay\n    with: duration: 1s", "with:\n      duration: 1s"},
	{"{task: timer.delay, with: {duration: 00:05:00}}", "duration: 5m"},
	{"{task: timer.delay, with: {duration: \"01:00:30\"}}", "duration: 1h30s"},
	{"{task: timer.delay, with: {duration: 1h,30m}}", "duration: 1h30m"},
	{"approval:\n      message: Is it right?\n      approvers: [ops]\n      timeout: 1h", "ask: Is it right?\n      by: [ops]\n      within: 1h"},
	{"approval:\n      prompt: Is it right?\n      role: ops\n      timeout_minutes: 5\n      default: reject", "by: [ops]\n      within: 5m\n      otherwise: reject"},
	{"foreach: [1]\n    as: x\n" + below, "for_each: [1]"},
	{"forEach: [1]\n    as: x\n" + below, "for_each: [1]"},
	{"for-each: [1]\n    as: x\n" + below, "for_each: [1]"},
	{"for_Each: [1]\n    as: x\n" + below, "for_each: [1]"},
	{"for: x in [1, 2]\n" + below, "for_each: [1, 2]\n    as: x"},
	{"for: x in inputs.xs\n" + below, "for_each: \"${{ inputs.xs }}\"\n    as: x"},
	{"for_each: [1]\n    as: x\n    do:\n      - {task: timer.delay, with: {duration: 1s}}", "steps:"},
	{"for_each: [1]\n    as: x\n    task: timer.delay\n    with:\n      duration: 1s", "steps:\n      - task: timer.delay\n        with:\n          duration: 1s\n"},
	{"{for_each: [1], as: x, task: timer.delay, with: {duration: 1s}}", "{for_each: [1], as: x, steps: [{task: timer.delay, with: {duration: 1s}}]}"},
	{"if: inputs.flag\n    then:\n      - {task: timer.delay, with: {duration: 1s}}", "if: inputs.flag\n    steps:"},
	{"try:\n      - {task: timer.delay, with: {duration: 1s}}\n    catch:\n      - {task: timer.delay, with: {duration: 1s}}", "on_failure:"},
}

// inputLines are keys of an input.
var inputLines = []habitCase{
	{"string", "{type: string}"},
	{"bool", "{type: boolean}"},
	{"{type: str}", "{type: string}"},
	{"{type: string, required: \"no\"}", "required: false"},
	{"{type: bool}", "{type: boolean}"},
	{"{type: int}", "{type: integer}"},
	{"{type: STRING}", "{type: string}"},
	{"{type: array}", "{type: list}"},
	{"list of strings", "{type: list, items: {type: string}}"},
	{"string[]", "{type: list, items: {type: string}}"},
	{"list(number)", "{type: list, items: {type: number}}"},
	{"map(string)", "{type: object}"},
	{"{type: list of string}", "{type: list, items: {type: string}}"},
	{"{type: \"List[str]\"}", "{type: list, items: {type: string}}"},
	{"{type: array<array<int>>}", "{type: list, items: {type: list, items: {type: integer}}}"},
	{"\n    type: list of bool\n    description: Some.", "    type: list\n    items: {type: boolean}\n"},
	{"{type: list(string), items: {type: string}}", "{type: list, items: {type: string}}"},
	{"{type: list, items: string}", "{type: list, items: {type: string}}"},
	{"{type: list, items: list of int}", "{type: list, items: {type: list, items: {type: integer}}}"},
	{"{type: object, properties: {port: int}}", "{port: {type: integer}}"},
	{"{type: integer, default: \"0010\"}", "default: 10"},
	{"{type: integer, default: \"-3\"}", "default: -3"},
	{"{type: integer, defaultValue: 3}", "default: 3"},
	{"{type: integer, min: 3}", "minimum: 3"},
	{"{type: string, allowedValues: [a, b]}", "enum: [a, b]"},
	{"{type: string, allowedPattern: a}", "pattern: a"},
	{"{type: string, optional: true}", "required: false"},
	{"{type: string, optional: \"off\"}", ""},
	{"{type: \"string?\"}", "{type: string, required: false}"},
	{"\n    type: int?\n    description: Some.", "    type: integer\n    required: false\n"},
	{"{type: \"string?\", default: a}", "{type: string, default: a}"},
	{"bool?", "{type: boolean, required: false}"},
	{"{type: \"string[]?\"}", "{type: list, items: {type: string}, required: false}"},
	{"{type: \"[string]\"}", "{type: list, items: {type: string}}"},
	{"3", "{type: integer, default: 3}"},
	{"5m", "{type: duration, default: 5m}"},
	{"{type: string, label: Name}", "description: Name"},
}

// tops are lines at the top level.
var tops = []habitCase{
	{"namespace: company", ""},
	{"on: push", ""},
	{"schedule: \"0 5 * * *\"", ""},
	{"timeout-minutes: 5", "timeout: 5m"},
	{"always:\n  - task: timer.delay\n    with: {duration: 1s}", "finally:\n  -"},
	{"onExit:\n  - task: timer.delay\n    with: {duration: 1s}", "finally:\n  -"},
	{"errors:\n  - task: timer.delay\n    with: {duration: 1s}", "on_failure:\n  -"},
	{"vars:\n  more: {type: string}", ""},
}

// nested are habits in habits: filters of filters, methods of methods, and both below a negation.
func nested() (all []habitCase) {
	functions := []string{"trim", "upper", "lower"}
	for _, f := range functions {
		for _, g := range functions {
			meant := g + "(" + f + "(inputs.name))"
			all = append(all,
				habitCase{"inputs.name | " + f + " | " + g, meant}, habitCase{"inputs.name." + f + "()." + g + "()", meant},
				habitCase{"inputs.name|" + f + "|" + g + ` == "a"`, meant + ` == "a"`}, habitCase{"inputs.name | " + f + " | " + g + " | length", "len(" + meant + ")"},
				habitCase{"not inputs.name." + f + "()." + g + `() == "a"`, meant + ` != "a"`})
		}
	}
	for _, not := range []string{"not ", "!", "NOT "} {
		for _, operator := range []string{"<", "<=", ">", ">="} {
			all = append(all, habitCase{not + "inputs.size " + operator + " 3", "not (inputs.size " + operator + " 3)"})
		}
		for _, operator := range []string{"contains", "matches", "startsWith", "endsWith"} {
			all = append(all, habitCase{not + "inputs.name " + operator + ` "a"`, "not (inputs.name " + operator + ` "a")`})
		}
	}
	return all
}

func allHabits() []struct{ name, source, meant string } {
	var all []struct{ name, source, meant string }
	add := func(kind string, cases []habitCase, format string) {
		for _, c := range cases {
			all = append(all, struct{ name, source, meant string }{kind + ": " + c.written, fmt.Sprintf(format, c.written), c.meant})
		}
	}
	const start = "workflow: habit\n"
	const step = "steps:\n  - id: wait\n    task: timer.delay\n    with: {duration: 1s}\n"
	add("value", values, start+habitInputs+step+"outputs:\n  v: >-\n    ${{ %s }}\n")
	add("nested", nested(), start+habitInputs+step+"outputs:\n  v: >-\n    ${{ %s }}\n")
	add("step", stepKeys, start+habitInputs+step+"  - task: timer.delay\n    %s\n    with: {duration: 1s}\n")
	add("form", forms, start+habitInputs+step+"  - %s\n")
	add("input", inputLines, start+"inputs:\n  more: %s\n"+step)
	add("top", tops, start+"%s\n"+step)
	add("finally", []habitCase{{"failure()", "if: failure != nil"}, {"success()", "if: failure == nil"}}, start+step+"finally:\n  - if: %s\n    task: timer.delay\n    with: {duration: 1s}\n")
	add("condition", []habitCase{{"inputs.who != None", "inputs.who != nil"}, {"inputs.xs.length > 0", "len(inputs.xs) > 0"}, {"contains(inputs.xs, 'a')", "'a' in inputs.xs"}, {"${{ inputs.flag }}", "if: inputs.flag"}}, start+habitInputs+step+"  - if: %s\n    task: timer.delay\n    with: {duration: 1s}\n")
	add("until", []habitCase{
		{`current_instance_state == "stopped"`, `until: result.current_instance_state == "stopped"`},
		{`output.current_instance_state == "stopped"`, `until: result.current_instance_state == "stopped"`},
		{`outputs.current_instance_state == "stopped"`, `until: result.current_instance_state == "stopped"`},
		{`steps.wait.outputs.fired_at == result.current_instance_state`, "steps.wait.fired_at =="},
	}, start+habitInputs+step+"  - task: ec2.get_instance_status\n    with: {credential: aws, instance_id: i-0a1b2c3d4e5f6a7b8}\n    until: %s\n    every: 1m\n    for: 1h\n")
	add("text", []habitCase{{"{{ inputs.name }}", "${{ inputs.name }}"}}, start+habitInputs+step+"outputs: {v: %s}\n")
	return all
}

// TestHabits writes each habit into a small definition and follows the help, as it is written,
// until nothing is left. There is one problem for one cause, and the definition then passes.
func TestHabits(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	all := allHabits()
	if len(all) < 60 {
		t.Errorf("there are only %d habits", len(all))
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			check := func(text []byte) []diag.Problem {
				_, problems := program.Load("habit.yaml", text, registry)
				return problems
			}
			text := []byte(c.source)
			problems := check(text)
			if !diag.HasErrors(problems) {
				t.Fatal("the definition is accepted")
			}
			for round := 0; diag.HasErrors(problems); round++ {
				p := problems[0]
				if count := number(problems, func(q diag.Problem) bool { return q.Range.Start.Line == p.Range.Start.Line && q.IsError() }); count > 1 && !strings.Contains(c.name, "interval") {
					t.Errorf("one cause has %d problems:\n%s", count, render(t, problems, text))
				}
				made, ok := follow(text, p)
				if !ok || round > 3 {
					t.Fatalf("the help cannot be followed:\n%s", render(t, problems, text))
				}
				if p.Fix != nil {
					fixed, _ := p.Fix.Apply(text)
					if number(check(fixed), diag.Problem.IsError) >= number(problems, diag.Problem.IsError) {
						t.Errorf("the fix is not certain:\n%s\n%s", render(t, check(fixed), fixed), fixed)
					}
				}
				text, problems = made, check(made)
			}
			if !strings.Contains(string(text), c.meant) {
				t.Errorf("the help leads to\n%s\nwant it to have %q", text, c.meant)
			}
		})
	}
}

// After many problems a wrong key has no help rather than a false one.
func TestHabitsAreMany(t *testing.T) {
	source := "workflow: many\nsteps:\n" + strings.Repeat("  - {task: timer.delay, with: {duration: 1s}, tmeout: 5m}\n", 220)
	_, problems := program.Load("many.yaml", []byte(source), task.NewRegistry(tasks.Connectors(task.Environment{})...))
	if len(problems) != 220 {
		t.Fatalf("got %d problems, want 220", len(problems))
	}
	for _, p := range problems {
		if strings.Contains(p.Help, "given already") {
			t.Fatalf("line %d: %s", p.Range.Start.Line, p.Help)
		}
	}
}
