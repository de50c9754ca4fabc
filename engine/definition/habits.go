package definition

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// A habit is a key that people write because they know it from another tool.
type habit struct {
	in      string   // the mapping that it is written in: inStep, inDefinition and so on
	written []string // the keys
	meant   string   // the key that is meant; "" if there is none
	// The entry that is meant. $v stands for the value that is written. If it is empty, only the key
	// is replaced.
	entry string
	kind  valueKind // the value that entry needs
	help  string    // what to do if no entry can be written
	// If the value is such a collection, only the key has another name.
	renames yaml.Kind
}

// A valueKind says which values of a habit can be rewritten.
type valueKind int

const (
	anyScalar    valueKind = iota
	wholeNumber            // such as 30
	retries                // a number of attempts after the first
	flag                   // true in any spelling, or false for no effect
	timeSpan               // a duration, or a number of seconds
	taskName               // a task type
	workflowRef            // the name of a workflow; the row is only for such values
	declarations           // a mapping of names to mappings
	alone                  // a timeSpan; the row is only for a step without a form, `with` or `until`
)

const (
	inStep, inDefinition, inInput, inRetry, inCase, inConcurrency = "a step", "a definition", "an input", "retry", "a case", "concurrency"
	inApproval, inIntake, inRule                                  = ApprovalForm, "an intake file", "a rule"

	inOrder  = "remove it: steps run in the order in which they are written"
	useTask  = "write task: with a task type, such as ec2.start_instance; a step runs no commands"
	useLoop  = "write for_each: with the list, as: with a name for the item, and the step below steps:"
	started  = "remove it: a person or a program starts the workflow"
	noEffect = "remove it: it has no meaning here"
)

// habits is the table of keys from GitHub Actions, Argo Workflows, Kestra, AWS Systems Manager and
// Ansible.
var habits = []habit{
	{inStep, []string{"when", "condition", "runIf", "only_if"}, "if", "if: $v", anyScalar, "write if: with an expression", 0},
	{inStep, []string{"continue-on-error", "continueOnError", "continue_on_error", "ignore_errors", "ignoreErrors", "allowFailure", "allow_failure"}, "on_failure", "on_failure: continue", flag, "write on_failure: continue", 0},
	{inStep, []string{"continueOn", "failed_when", "failFast"}, "on_failure", "", anyScalar, "write on_failure: continue, or on_failure: with a list of steps", 0},
	{inStep, []string{"rescue", "catch", "onError", "on_error", "errors"}, "on_failure", "", anyScalar, "write on_failure: with a list of steps", yaml.SequenceNode},
	{inStep, []string{"concurrency", "concurrency_group"}, "", "", anyScalar, "write concurrency: at the start of the file, for the whole run; a loop has limit:", 0},
	{inStep, []string{"always", "ensure"}, "", "", anyScalar, "write these steps under finally:, at the end of the file", 0},
	{inStep, []string{"needs", "depends", "dependsOn", "depends_on", "dependencies", "nextStep", "next", "isEnd"}, "", "", anyScalar, inOrder, 0},
	{inStep, []string{"call"}, SubworkflowForm, SubworkflowForm + ": $v", workflowRef, "write workflow: with the name of a workflow", 0},
	{inStep, []string{"uses", "type", "module", "call"}, TaskForm, TaskForm + ": $v", taskName, useTask, 0},
	{inStep, []string{"action", "function"}, TaskForm, TaskForm + ": $v", taskName, useTask, 0},
	{inStep, []string{"run", "shell", "script", "command", "commands", "cmd", "container", "image", "template", "templateRef"}, TaskForm, "", anyScalar, useTask, 0},
	{inStep, []string{"env", "args", "arguments", "params", "parameters", "vars", "variables", "inputs", "properties"}, "with", "", anyScalar, "write with: with the parameters", yaml.MappingNode},
	{inStep, []string{"with_items", "withItems", "withParam", "loop", "items", "matrix", "strategy", "with_list"}, "", "", anyScalar, useLoop, 0},
	{inStep, []string{"register"}, "id", "id: $v", anyScalar, "write id: with a name", 0},
	{inStep, []string{"retries", "max_retries", "maxRetries"}, "retry", "retry: {attempts: $v}", retries, "write retry: with attempts, backoff and for", 0},
	{inStep, []string{"maxAttempts", "max_attempts"}, "retry", "retry: {attempts: $v}", wholeNumber, "write retry: with attempts, backoff and for", 0},
	{inStep, []string{"retryStrategy", "retry_strategy", "retryPolicy"}, "retry", "", anyScalar, "write retry: with attempts, backoff and for", yaml.MappingNode},
	{inStep, []string{"timeout-minutes", "timeoutMinutes", "timeout_minutes", "timeout_in_minutes"}, "timeout", "timeout: $vm", wholeNumber, "write timeout: with a duration, such as 10m", 0},
	{inStep, []string{"timeoutSeconds", "timeout_seconds", "activeDeadlineSeconds", "async"}, "timeout", "timeout: $vs", wholeNumber, "write timeout: with a duration, such as 90s", 0},
	{inStep, []string{"sleep", "wait", "pause", "delay"}, TaskForm, "task: timer.delay\nwith: {duration: $v}", alone, "write task: timer.delay, and with: {duration: 1m}", 0},
	{inStep, []string{"delay", "interval", "poll"}, "every", "every: $v", timeSpan, "write every: with a duration, such as 15s", 0},
	{inStep, []string{"block", "tasks", "do", "then", "try", "body"}, GroupForm, "", anyScalar, "write steps: with a list of steps", yaml.SequenceNode},
	{inStep, []string{"assert", "throw"}, FailForm, "", anyScalar, "write fail: with a message, and if: with the condition", 0},
	{inStep, []string{"sleep", "wait", "pause", "wait_for"}, TaskForm, "", anyScalar, "write task: timer.delay, and with: {duration: 1m}", 0},
	{inStep, []string{"title", "label", "displayName", "stepName", "description"}, "name", "name: $v", anyScalar, "write name: with a text", 0},
	{inStep, []string{"tags", "labels", "become", "no_log", "notify", "delegate_to", "runs-on", "working-directory"}, "", "", anyScalar, noEffect, 0},

	{inCase, []string{"case", "when", "condition", "expression"}, "if", "if: $v", anyScalar, "write if: with an expression", 0},
	{inCase, []string{"then", "do", "tasks", "run"}, "steps", "", anyScalar, "write steps: with a list of steps", yaml.SequenceNode},

	{inDefinition, []string{"name", "id"}, "workflow", "workflow: $v", anyScalar, "write workflow: with a name", 0},
	{inDefinition, []string{"jobs", "tasks", "stages", "mainSteps", "templates", "flow"}, "steps", "", anyScalar, "write steps: with a list of steps, each with task:", yaml.SequenceNode},
	{inDefinition, []string{"mutex", "lock", "synchronization", "semaphore", "resource_group", "singleton", "concurrency_group"}, "concurrency", "concurrency: {key: $v}", anyScalar, "write concurrency: with a key, such as {key: database}", 0},
	{inDefinition, []string{"on", "trigger", "triggers", "schedule", "cron"}, "", "", anyScalar, started, 0},
	{inDefinition, []string{"parameters", "params", "vars", "variables", "arguments"}, "inputs", "", declarations, "write inputs: with names, and a type below each", yaml.MappingNode},
	{inDefinition, []string{"errors", "onError", "on_error", "rescue"}, "on_failure", "", anyScalar, "write on_failure: with a list of steps", yaml.SequenceNode},
	{inDefinition, []string{"always", "onExit", "post", "afterExecution"}, "finally", "", anyScalar, "write finally: with a list of steps", yaml.SequenceNode},
	{inDefinition, []string{"timeout-minutes", "timeoutMinutes"}, "timeout", "timeout: $vm", wholeNumber, "write timeout: with a duration, such as 10m", 0},
	{inDefinition, []string{"timeoutSeconds", "activeDeadlineSeconds"}, "timeout", "timeout: $vs", wholeNumber, "write timeout: with a duration, such as 90s", 0},
	{inDefinition, []string{"assumeRole", "secrets"}, "credentials", "", anyScalar, "write credentials: with a connector and the name of a stored credential", yaml.MappingNode},
	{inDefinition, []string{"apiVersion", "kind", "metadata", "schemaVersion", "namespace", "hosts", "permissions", "labels", "version", "revision", "runs-on", "gather_facts"}, "", "", anyScalar, noEffect, 0},

	{inConcurrency, []string{"group", "name", "id", "lock", "mutex"}, "key", "key: $v", anyScalar, "write key: with a text", 0},
	{inConcurrency, []string{"limit", "cancel-in-progress", "cancel_in_progress", "behavior", "queue"}, "", "", anyScalar, "remove it: one run works at a time, and the others wait in the order of arrival", 0},

	{inApproval, []string{"message", "question", "prompt", "text", "title", "description"}, "ask", "ask: $v", anyScalar, "write ask: with the question", 0},
	{inApproval, []string{"approvers", "approver", "deciders", "users", "user", "roles", "role", "groups", "reviewers", "assignees", "from"}, "by", "by: [$v]", anyScalar, "write by: with a list of roles or users, such as [operations]", yaml.SequenceNode},
	{inApproval, []string{"timeout", "expires", "expires_in", "deadline", "duration", "wait"}, "within", "within: $v", timeSpan, "write within: with a duration, such as 24h", 0},
	{inApproval, []string{"timeout-minutes", "timeoutMinutes", "timeout_minutes"}, "within", "within: $vm", wholeNumber, "write within: with a duration, such as 30m", 0},
	{inApproval, []string{"timeoutSeconds", "timeout_seconds"}, "within", "within: $vs", wholeNumber, "write within: with a duration, such as 90s", 0},
	{inApproval, []string{"default", "on_timeout", "onTimeout", "timeout_action"}, "otherwise", "otherwise: $v", anyScalar, "write otherwise: with reject, approve or fail", 0},
	{inApproval, []string{"self_approval", "allow_self_approval", "allowSelfApproval"}, "allow_requester", "allow_requester: true", flag, "write allow_requester: true", 0},

	{inInput, []string{"defaultValue", "value"}, "default", "default: $v", anyScalar, "write default: with a value", 0},
	{inInput, []string{"options", "choices", "allowedValues", "allowed", "values"}, "enum", "", anyScalar, "write enum: with a list of the allowed values", yaml.SequenceNode},
	{inInput, []string{"min", "minValue"}, "minimum", "minimum: $v", anyScalar, "write minimum: with a number", 0},
	{inInput, []string{"max", "maxValue"}, "maximum", "maximum: $v", anyScalar, "write maximum: with a number", 0},
	{inInput, []string{"regex", "allowedPattern", "validator"}, "pattern", "pattern: $v", anyScalar, "write pattern: with a regular expression", 0},
	{inInput, []string{"displayName", "label", "title", "help", "doc"}, "description", "description: $v", anyScalar, "write description: with a text", 0},
	{inInput, []string{"optional", "nullable"}, "required", "required: false", flag, "write required: false", 0},
	{inInput, []string{"itemType"}, "items", "items: {type: $v}", anyScalar, "write items: {type: string}", 0},

	{inRetry, []string{"limit", "retries", "maxRetries", "max_retries"}, "attempts", "attempts: $v", retries, "write attempts: with a number; the first attempt counts", 0},
	{inRetry, []string{"max", "maxAttempt", "maxAttempts", "max_attempts", "times", "count"}, "attempts", "attempts: $v", wholeNumber, "write attempts: with a number", 0},
	{inRetry, []string{"interval", "delay", "wait", "pause"}, "backoff", "backoff: $v", timeSpan, "write backoff: with a duration, such as 2s..2m", 0},
	{inRetry, []string{"maxDuration", "timeout", "duration"}, "for", "for: $v", timeSpan, "write for: with a duration, such as 10m", 0},
	{inIntake, []string{"name", "type", "webhook", "desk"}, "source", "source: $v", anyScalar, "write source: with ism or the name of a webhook", 0},
	{inIntake, []string{"interval", "poll", "polling", "schedule"}, "every", "every: $v", timeSpan, "write every: with a duration, such as 30s", 0},
	{inIntake, []string{"workflow", "if", "with", "request"}, "", "", anyScalar, "write it inside a rule, below rules:", 0},
	{inIntake, []string{"triggers", "on", "workflows", "routes"}, "rules", "", anyScalar, "write rules: with a list of rules, each with name: and workflow:", yaml.SequenceNode},

	{inRule, []string{"when", "condition", "match", "filter"}, "if", "if: $v", anyScalar, "write if: with an expression", 0},
	{inRule, []string{"inputs", "params", "parameters", "args", "arguments"}, "with", "", anyScalar, "write with: with the inputs of the workflow", yaml.MappingNode},
	{inRule, []string{"run", "start", "flow", "do", "then", "action"}, "workflow", "workflow: $v", anyScalar, "write workflow: with the name of the workflow that the rule starts", 0},
	{inRule, []string{"id", "title", "rule"}, "name", "name: $v", anyScalar, "write name: with a name", 0},
	{inRule, []string{"ticket", "request_id", "key"}, "request", "", anyScalar, "write request: with the id of the service request", 0},

	{inRetry, []string{"type", "retryPolicy", "exponential", "behavior", "warningOnRetry"}, "", "", anyScalar, "remove it: the time between two attempts grows by itself", 0},
}

var digits = pattern.New(`^[0-9]+$`)

// reportHabit reports an unknown key that is a habit. It returns whether it did.
func (m *mapping) reportHabit(what string, key Text, value *yaml.Node, known []string) bool {
	i := slices.IndexFunc(habits, func(h habit) bool {
		return h.in == what && slices.Contains(h.written, key.Value) && m.suits(h, value)
	})
	if i < 0 {
		return false
	}
	h := habits[i]
	if slices.Contains(m.guesses, TaskForm) && what == inStep && h.entry == "" {
		return true // it belongs to the step of another tool, which is reported
	}
	if h.meant != "" && !slices.Contains(known, h.meant) {
		return false
	}
	if h.meant != "" && m.means(h.meant) {
		help := m.onlyOnce(h.meant)
		switch {
		case h.meant == "if":
			help = "write one if:, and join the conditions with &&"
		case h.renames != 0 && follow(value).Kind == h.renames:
			help = "write one " + h.meant + ":, and join the two"
		}
		m.r.report(ruleUnknownKey, key.Range, help, "%s has no key %s", what, schema.Show(key.Value))
		return true
	}
	p := m.r.report(ruleUnknownKey, key.Range, h.help, "%s has no key %s", what, schema.Show(key.Value))
	flagged, certain := flagOf(value)
	if off := h.kind == flag && certain && !flagged; h.meant != "" && !off {
		m.guesses = append(m.guesses, h.meant)
	}
	text, end, ok := m.r.written(value)
	if inner, after, braces := m.r.inBraces(value); braces && h.meant == "if" {
		text, end, ok = bare(inner), after, true
	}
	switch {
	case h.kind == flag && certain && !flagged:
		p.Help = "remove it"
	case h.kind == flag && !certain:
		p.Help = "remove it, or " + h.help + "; it cannot depend on a value"
	case h.kind == declarations && m.r.undeclared(value) != "":
		p.Help += ", such as " + m.r.undeclared(value)
	case h.renames != 0 && follow(value).Kind == h.renames, !ok && value.Kind == yaml.ScalarNode && !isEmpty(value) && h.entry == h.meant+": $v" && h.kind == anyScalar:
		p.Help = "write " + h.meant + ": instead"
		p.Fix = &diag.Fix{Title: "write " + h.meant, Range: key.Range, Text: h.meant}
	case h.entry == "" || !ok:
	case h.kind == taskName && !taskType.MatchString(text):
	case (h.kind == wholeNumber || h.kind == retries) && !digits.MatchString(text):
	case (h.kind == wholeNumber || h.kind == timeSpan || h.kind == alone) && strings.Trim(text, "0") == "": // never a valid duration
	default:
		if h.meant == "if" {
			if write, braces := withoutBraces(strings.TrimSpace(follow(value).Value), true); braces {
				text = bare(write)
			}
		}
		if n, err := strconv.Atoi(text); err == nil && h.kind == retries {
			text = strconv.Itoa(n + 1)
		}
		if (h.kind == timeSpan || h.kind == alone) && digits.MatchString(text) {
			text += "s"
		}
		entry := strings.ReplaceAll(h.entry, "$v", text)
		p.Help = "write " + entry
		if first, second, two := strings.Cut(entry, "\n"); two {
			p.Help = "use " + first + ", and " + second
			entry = first + m.r.nextKey(key.Range.Start) + second
		}
		p.Fix = &diag.Fix{Title: p.Help, Range: diag.Range{File: key.Range.File, Start: key.Range.Start, End: m.r.position(end)}, Text: entry}
	}
	return true
}

// suits reports whether a habit is one for this value and the other keys of the mapping.
func (m *mapping) suits(h habit, value *yaml.Node) bool {
	switch h.kind {
	case workflowRef:
		return follow(value).Kind == yaml.ScalarNode && workflowName.MatchString(follow(value).Value)
	case alone:
		text, _, ok := m.r.written(value)
		_, err := schema.ParseDuration(text)
		return ok && (err == nil || digits.MatchString(text)) && !m.has("until") && !m.has("with") && !slices.ContainsFunc(m.keys, func(k Text) bool { return isForm(k.Value) })
	}
	return true
}

// nextKey returns what separates a key at a position from the next key of its mapping.
func (r *reader) nextKey(at diag.Position) string {
	text, _ := r.line(at.Line)
	if before := string([]rune(text)[:at.Column-1]); !strings.Contains(before, "{") {
		return "\n" + strings.Repeat(" ", at.Column-1)
	}
	return ", "
}

func isHabit(what, key string) bool {
	return slices.ContainsFunc(habits, func(h habit) bool { return h.in == what && slices.Contains(h.written, key) })
}

// holdsForm reports whether a value is a mapping with the key of a form, such as a step.
func holdsForm(n *yaml.Node) bool {
	if n = follow(n); n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(n.Content); i += 2 {
		if isForm(n.Content[i].Value) {
			return true
		}
	}
	return false
}

// written returns a scalar as it is written on its line, and its end.
func (r *reader) written(n *yaml.Node) (text string, end int, ok bool) {
	if n.Kind != yaml.ScalarNode || isEmpty(n) || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return "", 0, false
	}
	_, end = r.textOf(n)
	text = r.text[r.start(n):end]
	return text, end, !strings.Contains(text, "\n")
}

// flagOf reads a boolean as any tool writes it. ok is false if the value is not clearly true or false,
// such as an expression.
func flagOf(n *yaml.Node) (flag, ok bool) {
	switch n = follow(n); strings.ToLower(n.Value) {
	case "true", "yes", "on", "y", "1":
		return true, n.Kind == yaml.ScalarNode
	case "false", "no", "off", "n", "0":
		return false, n.Kind == yaml.ScalarNode
	}
	return false, false
}
