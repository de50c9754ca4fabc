package definition

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

const durationForms = "a duration such as " + schema.DurationExamples

// duration reads a literal with units that is greater than zero. what is the quoted key.
func (r *reader) duration(n *yaml.Node, what string) *Duration {
	if n == nil {
		return nil
	}
	t, kind, _, ok := r.durationText(n, what)
	if !ok || !r.withoutExpression(t, what) {
		return nil
	}
	if kind == schema.Integer || kind == schema.Number {
		r.report(ruleDuration, t.Range, fmt.Sprintf("write %ss, or use another unit: ms, m, h or d", t.Value), "%s is a number without a unit", t.Value)
		return nil
	}
	if kind != schema.String {
		r.reportWrongType(n, what, durationForms, "")
		return nil
	}
	return r.parseDuration(t, 0, len(t.Value))
}

// durationText is like scalar, but does not report 12:30 as ambiguous: where a duration is
// expected, it is simply not a duration.
func (r *reader) durationText(n *yaml.Node, what string) (Text, schema.Kind, any, bool) {
	target := follow(n)
	if target.Kind == yaml.ScalarNode && !r.reported[target] && plain(target.Style) && sexagesimal.MatchString(target.Value) {
		t, _ := r.textOf(target)
		return t, schema.String, t.Value, true
	}
	return r.scalar(n, what, durationForms)
}

func (r *reader) parseDuration(t Text, from, to int) *Duration {
	text, at := t.Value[from:to], t.Span(from, to)
	d, err := schema.ParseDuration(text)
	switch {
	case err != nil:
		p := r.report(ruleDuration, at, "", "%s %s", schema.Show(text), err)
		if digits.MatchString(text) {
			p.Help = "write " + text + "s, or use another unit: ms, m, h or d"
		} else if write := schema.DurationOfWords(text); write != "" {
			p.Help, p.Fix = "write "+write, &diag.Fix{Title: "write " + write, Range: at, Text: write}
		}
		return nil
	case d <= 0:
		r.report(ruleDuration, at, "write a longer duration, or remove the key", "%s is not longer than zero", schema.Show(text))
		return nil
	}
	return &Duration{Value: d, Range: at}
}

// defaults reads the settings for all steps that do not set their own.
func (r *reader) defaults(n *yaml.Node) (p Policy) {
	if n == nil {
		return p
	}
	m, ok := r.mapping(n, `"defaults"`, "a mapping with timeout and retry")
	if !ok {
		return p
	}
	m.keepKnown("defaults", []string{"timeout", "retry"})
	return Policy{Timeout: r.duration(m.get("timeout"), `"timeout"`), Retry: r.retry(m.get("retry"))}
}

func (r *reader) retry(n *yaml.Node) *Retry {
	if n == nil {
		return nil
	}
	const want = "a mapping such as {attempts: 5, backoff: 2s..2m, for: 10m}"
	if target := follow(n); target.Kind == yaml.ScalarNode && !r.reported[target] && digits.MatchString(target.Value) && target.Value[0] != '0' {
		write := "{attempts: " + target.Value + "}"
		r.reportWrongType(n, `"retry"`, want, "write "+write)
		return nil
	}
	m, ok := r.mapping(n, `"retry"`, want)
	if !ok {
		return nil
	}
	retry := &Retry{Range: m.first}
	m.keepKnown("retry", []string{"attempts", "backoff", "for"})
	if len(m.keys) == 0 && len(m.guesses) == 0 && len(follow(n).Content) == 0 {
		r.report(ruleRetry, m.first, "write attempts, backoff or for, or remove the key", `"retry" is empty`)
	}
	retry.Attempts = r.count(m.get("attempts"), `"attempts"`, ruleRetry,
		"write 1 for no further attempt after a failure", `"attempts" is %d; it must be at least 1, because the first attempt counts`)
	retry.Shortest, retry.Longest = r.backoff(m.get("backoff"))
	retry.For = r.duration(m.get("for"), `"for"`)
	return retry
}

// count reads a whole number that is at least 1. none is the message for a smaller number, with %d
// for the number.
func (r *reader) count(n *yaml.Node, what, rule, help, none string) *int {
	if n == nil {
		return nil
	}
	t, kind, value, ok := r.scalar(n, what, "a whole number")
	if !ok || !r.withoutExpression(t, what) {
		return nil
	}
	count, whole := value.(int)
	switch {
	case kind != schema.Integer || !whole:
		r.reportWrongType(n, what, "a whole number", "")
		return nil
	case count < 1:
		r.report(rule, t.Range, help, none, count)
		return nil
	}
	return &count
}

// backoff reads two durations such as 2s..2m, or one duration that is both.
func (r *reader) backoff(n *yaml.Node) (shortest, longest *Duration) {
	if n == nil {
		return nil, nil
	}
	if target := follow(n); target.Kind != yaml.ScalarNode || !strings.Contains(target.Value, "..") {
		d := r.duration(n, `"backoff"`)
		return d, d
	}
	t, ok := r.literal(n, `"backoff"`, "a duration, or two such as 2s..2m")
	if !ok {
		return nil, nil
	}
	i := strings.Index(t.Value, "..")
	shortest, longest = r.parseDuration(t, 0, i), r.parseDuration(t, i+2, len(t.Value))
	if shortest != nil && longest != nil && shortest.Value > longest.Value {
		r.report(ruleRetry, t.Range, "write the shorter duration first: "+t.Value[i+2:]+".."+t.Value[:i], "the back-off starts at %s, which is longer than its maximum, %s", t.Value[:i], t.Value[i+2:])
		return nil, nil
	}
	return shortest, longest
}
