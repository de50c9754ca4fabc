package definition

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// An Intake is the syntax tree of an intake file: the rules by which the tickets of one source
// start workflows.
type Intake struct {
	File string

	Name     Text      // of the source: IntakeDesk, or the name of a webhook
	Every    *Duration // nil if it is not written
	Statuses []Text    // nil if they are not written
	Schema   Text      // of a webhook: the file with the JSON Schema of its payload
	Rules    []IntakeRule
	Allows   []Allow // comments that silence warnings
}

// An IntakeRule is one entry of `rules`.
type IntakeRule struct {
	Range    diag.Range // the first key of the rule
	Name     Text
	Workflow Text
	If       *Expression // nil if the rule has none, or an unread one
	UnreadIf bool        // an `if` was written, perhaps under another name, and could not be read
	Request  *Value      // of a webhook: the id of the service request
	With     []Entry
	At       diag.Range // the position of the value of `with`, or of `workflow` if there is no `with`
	Partial  bool       // the parser could not read a part of `with`
}

// IntakeDesk is the source that is the desk itself, whose tickets are asked for. All others are
// webhooks.
const IntakeDesk = "ism"

// shortestEvery is the shortest time between two questions to the desk.
const shortestEvery = time.Second

// IntakeKeys and IntakeRuleKeys are the keys of an intake file and of one of its rules.
var (
	IntakeKeys     = []string{"version", "source", "schema", "every", "statuses", "rules"}
	IntakeRuleKeys = []string{"name", "workflow", "request", "if", "with"}
)

// IsIntake reports whether a file has the name of an intake file: intake.yaml, or one that ends in
// .intake.yaml.
func IsIntake(file string) bool {
	base := filepath.Base(filepath.FromSlash(file))
	for _, ending := range []string{".yaml", ".yml"} {
		if stem, ok := strings.CutSuffix(base, ending); ok {
			return stem == "intake" || strings.HasSuffix(stem, ".intake")
		}
	}
	return false
}

// ParseIntake reads an intake file. It returns all parts that it could understand, and all problems
// in the order of the text. The intake is never nil.
func ParseIntake(file string, source []byte) (*Intake, []diag.Problem) {
	in := &Intake{File: file}
	r := newReader(file, source)
	if root := r.load(source); root != nil {
		r.intake(in, root)
		in.Allows = r.allows(root)
	}
	return in, diag.Sort(r.problems)
}

func (r *reader) intake(in *Intake, root *yaml.Node) {
	m, ok := r.mapping(root, inIntake, "a mapping that starts with version: 1")
	if !ok {
		return
	}
	r.example = `ticket.type == "Service Request"`
	m.keepKnown(inIntake, IntakeKeys)
	if m.require("version", r.span(0, 0), "start the file with version: 1", inIntake) {
		r.intakeVersion(m.get("version"))
	}
	if m.require("source", m.first, "add source: ism, or source: with the name of a webhook", inIntake) {
		in.Name = r.sourceName(m.get("source"))
	}
	in.Every = r.every(m.get("every"))
	in.Statuses = r.statuses(m.get("statuses"))
	in.Schema = r.optional(m, "schema")
	r.bySource(in, m)
	if m.require("rules", m.first, "add rules: with a list of rules, each with name: and workflow:", inIntake) {
		in.Rules = r.intakeRules(m.get("rules"), in)
	}
}

func (r *reader) intakeVersion(n *yaml.Node) {
	t, kind, value, ok := r.scalar(n, `"version"`, "1")
	if ok && (kind != schema.Integer || value != 1) {
		p := r.reportWrongType(n, `"version"`, "1", "write version: 1")
		p.Fix = &diag.Fix{Title: "write 1", Range: t.Range, Text: "1"}
	}
}

func (r *reader) sourceName(n *yaml.Node) Text {
	t, ok := r.literalLike(n, `"source"`, "ism or the name of a webhook", workflowName)
	if !ok {
		return Text{}
	}
	if strings.EqualFold(t.Value, IntakeDesk) && t.Value != IntakeDesk {
		p := r.report(ruleName, t.Range, "write ism", "%s is not a source", schema.Show(t.Value))
		p.Fix = &diag.Fix{Title: "write ism", Range: t.Range, Text: IntakeDesk}
		return Text{}
	}
	if !r.checkShape(t, "a source", workflowName, workflowShape) {
		return Text{}
	}
	return t
}

func (r *reader) every(n *yaml.Node) *Duration {
	d := r.duration(n, `"every"`)
	if d != nil && d.Value < shortestEvery {
		r.report(ruleDuration, d.Range, "write every: 1s, or a longer duration", `"every" is %s; the shortest is %s`, schema.FormatDuration(d.Value), schema.FormatDuration(shortestEvery))
		return nil
	}
	return d
}

func (r *reader) statuses(n *yaml.Node) []Text {
	if n == nil {
		return nil
	}
	const want = "a list of statuses, such as [New]"
	nodes, ok := r.list(n, `"statuses"`, want)
	if ok && len(nodes) == 0 {
		r.report(ruleMissingValue, r.place(n), "write at least one status, such as [New], or remove the key", `"statuses" is empty`)
	}
	var all []Text
	for _, node := range nodes {
		t, ok := r.literal(node, `an item of "statuses"`, "a status")
		switch {
		case !ok:
		case strings.TrimSpace(t.Value) == "":
			r.report(ruleMissingValue, t.Range, "write a status, such as New", `an item of "statuses" is empty`)
		default:
			all = append(all, t)
		}
	}
	return all
}

// bySource reports the keys that a source must have, or must not have.
func (r *reader) bySource(in *Intake, m *mapping) {
	switch in.Name.Value {
	case "": // a problem was reported
	case IntakeDesk:
		if m.has("schema") {
			r.report(ruleMisplaced, m.at("schema"), "remove it; the members of `ticket` are known", `"schema" is for a webhook, not for the source ism`)
		}
	default:
		m.require("schema", in.Name.Range, "add schema: with the name of a file that has the JSON Schema of the payload", "the webhook "+in.Name.Value)
		for _, key := range []string{"every", "statuses"} {
			if m.has(key) {
				r.report(ruleMisplaced, m.at(key), "remove it; a webhook sends its payloads by itself", `"%s" is for the source ism, not for a webhook`, key)
			}
		}
	}
}

func (r *reader) intakeRules(n *yaml.Node, in *Intake) []IntakeRule {
	nodes, ok := r.list(n, `"rules"`, "a list of rules, each with name and workflow")
	if ok && len(nodes) == 0 {
		r.report(ruleMissingValue, r.place(n), "write at least one rule, with name and workflow", `"rules" is empty`)
	}
	rules := make([]IntakeRule, 0, len(nodes))
	first := map[string]Text{}
	for _, node := range nodes {
		rule, ok := r.intakeRule(node, in)
		if !ok {
			continue
		}
		if earlier, twice := first[rule.Name.Value]; twice && rule.Name.Value != "" {
			p := r.report(ruleDuplicateRule, rule.Name.Range, "choose another name for one of the two", "two rules have the name %q", rule.Name.Value)
			p.Notes = []string{fmt.Sprintf("the first is on line %d", earlier.Range.Start.Line)}
		} else {
			first[rule.Name.Value] = rule.Name
		}
		rules = append(rules, rule)
	}
	return rules
}

func (r *reader) intakeRule(n *yaml.Node, in *Intake) (rule IntakeRule, ok bool) {
	m, ok := r.mapping(n, inRule, "a mapping with name and workflow")
	if !ok {
		return rule, false
	}
	rule.Range = m.first
	m.keepKnown(inRule, IntakeRuleKeys)
	if m.require("name", m.first, "add name: with a name; metrics, notes and the audit log have it", "a rule") {
		t, ok := r.literalLike(m.get("name"), `"name"`, "a name", workflowName)
		if ok && r.checkShape(t, "a rule", workflowName, workflowShape) {
			rule.Name = t
		}
	}
	var called Text
	if m.require("workflow", m.first, "add workflow: with the name of the workflow that the rule starts", "a rule") {
		called, ok = r.literalLike(m.get("workflow"), `"workflow"`, "the name of a workflow", workflowName)
		if ok && r.workflowName(called) {
			rule.Workflow = called
		}
	}
	rule.If = r.condition(m.get("if"), `"if"`)
	rule.UnreadIf = rule.If == nil && (m.has("if") || slices.Contains(m.guesses, "if"))
	rule.With, rule.At, rule.Partial = r.arguments(m, "workflow", called)
	r.request(&rule, m, in.Name)
	return rule, true
}

// request reads the id of the service request: a webhook's rule has it, and a ticket has it itself.
func (r *reader) request(rule *IntakeRule, m *mapping, source Text) {
	switch {
	case source.Value == IntakeDesk && m.has("request"):
		r.report(ruleMisplaced, m.at("request"), "remove it; the request of a ticket is the ticket itself", `"request" is for a webhook, not for the source ism`)
	case m.has("request"):
		v := r.value(m.get("request"), `"request"`, false)
		rule.Request = &v
	case source.Value != IntakeDesk && source.Value != "":
		m.require("request", m.first, "add request: with the id of the service request, such as ${{ payload.ticket }}", "a rule of the webhook "+source.Value)
	}
}
