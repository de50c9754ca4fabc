package task

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"errand/engine/pattern"
	"errand/engine/schema"
)

// A Rule says which inputs a type refuses although each value fits its parameter. The check applies
// the rules to what a definition writes as a constant, and Run to every input. Plans, the JSON
// Schema and the documentation show them.
//
// A parameter is given unless its value is null, "", [] or {}.
//
// A value that a rule refuses was allowed before the type had the rule. So rules are no part of
// the parameters' types: a run on record renders such a value as it did, and the call refuses it.
type Rule struct {
	Kind       RuleKind
	Parameters []string // what it is about, in the order of the documentation

	Reason   string // of AnyOf and Excludes: why, such as "there is nothing to format"
	Expected string // of Form: what is expected, such as "name=value"
	Pattern  string // of Form: a regular expression (RE2) that is not anchored
	Limit    int    // of AtMost and Shortens, in bytes
	Doc      string // of Judged: a sentence for people

	// StandIns are of Judged: what stands for an unknown text or part of a text, at its beginning and
	// elsewhere. The check adds a number, so that no two are equal. If the rule refuses parameters with
	// stand-ins, it refuses them whatever the unknown texts are.
	StandIns [2]string

	form  *pattern.Pattern // Pattern, compiled by its first use
	judge func(input json.RawMessage) *Breach
}

// A RuleKind is what a rule demands.
type RuleKind string

// The kinds of rules.
const (
	AnyOfKind    RuleKind = "any of"   // at least one of the parameters is given
	ExcludesKind RuleKind = "excludes" // if the first parameter is given, none of the others is
	FormKind     RuleKind = "form"     // each of the parameters, if it is a text, matches Pattern
	AtMostKind   RuleKind = "at most"  // each of the parameters, if it is a text, has at most Limit bytes
	ShortensKind RuleKind = "shortens" // nothing is refused: a text that is longer than Limit is shortened to it
	JudgedKind   RuleKind = "judged"   // a function of the type accepts the parameters
)

// A Breach is why an input is refused. The reason follows the parameter's name: "is empty".
type Breach struct{ Parameter, Reason string }

func (b *Breach) failure() *Failure {
	return &Failure{Code: CodeInput, Message: strings.TrimPrefix(b.Parameter+" "+b.Reason, " ")}
}

// AnyOf demands that at least one of the parameters is given. A parameter that is required unless
// another one is given is such a pair.
func AnyOf(reason string, parameters ...string) Rule {
	return Rule{Kind: AnyOfKind, Reason: reason, Parameters: parameters}
}

// Excludes demands that none of the others is given beside a parameter.
func Excludes(reason, parameter string, others ...string) Rule {
	return Rule{Kind: ExcludesKind, Reason: reason, Parameters: append([]string{parameter}, others...)}
}

// Form demands that the texts of parameters match a regular expression, an empty text included.
func Form(expected, source string, parameters ...string) Rule {
	return Rule{Kind: FormKind, Expected: expected, Pattern: source, form: pattern.New(source), Parameters: parameters}
}

// AtMost limits the texts of parameters, in bytes.
func AtMost(limit int, parameters ...string) Rule {
	return Rule{Kind: AtMostKind, Limit: limit, Parameters: parameters}
}

// Shortens says that the type shortens texts of parameters to a limit, in bytes. The check warns of
// a constant that is longer.
func Shortens(limit int, parameters ...string) Rule {
	return Rule{Kind: ShortensKind, Limit: limit, Parameters: parameters}
}

// Judged demands that a function accepts the values of parameters: it returns nil. The function
// receives no other parameters. doc is a sentence for people.
func Judged[In any](doc string, judge func(In) *Breach, parameters ...string) Rule {
	return Rule{Kind: JudgedKind, Doc: doc, Parameters: parameters, judge: func(input json.RawMessage) *Breach {
		var in In
		if json.Unmarshal(input, &in) != nil {
			return nil // Run reports it
		}
		return judge(in)
	}}
}

// WithStandIns returns the rule with StandIns.
func (r Rule) WithStandIns(first, other string) Rule {
	r.StandIns = [2]string{first, other}
	return r
}

// RefusesPieces returns why the rule refuses every text that begins with the first piece, ends with the
// last, and has unknown texts between them. It returns "" if the rule may accept one.
func (r Rule) RefusesPieces(pieces []string) string {
	switch known := len(strings.Join(pieces, "")); {
	case r.Kind == AtMostKind && known > r.Limit:
		return fmt.Sprintf("has %d bytes at least; expected at most %d", known, r.Limit)
	case r.Kind == FormKind && !pattern.MayMatch(r.Pattern, pieces):
		return "expected " + r.Expected
	}
	return ""
}

// WithRules returns the type with rules. It panics if a rule names something that is not a
// parameter.
func (t Type) WithRules(rules ...Rule) Type {
	for _, r := range rules {
		for _, name := range r.Parameters {
			f, known := t.Input.Field(name)
			switch {
			case !known:
				panic("task: " + t.Name + " has no parameter " + name + ", which a rule names")
			case r.Kind == FormKind && f.Type.Pattern != "" || r.Kind == AtMostKind && f.Type.MaxLength != 0:
				panic("task: " + t.Name + ": the type of " + name + " says what a rule says")
			case f.Default != nil && (r.Kind == AnyOfKind || r.Kind == ExcludesKind):
				panic("task: " + t.Name + ": " + name + " has a default, so it is always given")
			}
		}
	}
	t.Rules = slices.Clone(rules)
	return t
}

// Refuse returns the failure for an input that breaks a rule, or nil.
func (t Type) Refuse(input json.RawMessage) *Failure {
	if len(t.Rules) == 0 {
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(input, &values); err == nil {
		return t.RefuseKnown(values, nil)
	}
	return nil // Run reports an input that is no object
}

// RefuseKnown is Refuse for an input of which some parameters are unknown: values has the others. A
// rule that relates parameters is left out if it names an unknown one.
func (t Type) RefuseKnown(values map[string]json.RawMessage, unknown []string) *Failure {
	isUnknown := func(name string) bool { return slices.Contains(unknown, name) }
	for _, r := range t.Rules {
		if r.Kind != FormKind && r.Kind != AtMostKind && slices.ContainsFunc(r.Parameters, isUnknown) {
			continue
		}
		if b := r.Breach(values); b != nil {
			return b.failure()
		}
	}
	return nil
}

// Breach returns why the rule refuses values, or nil. A parameter that is absent is not given.
func (r Rule) Breach(values map[string]json.RawMessage) *Breach {
	isGiven := func(name string) bool { return !IsNothing(values[name]) }
	switch r.Kind {
	case AnyOfKind:
		if !slices.ContainsFunc(r.Parameters, isGiven) {
			return &Breach{Reason: r.Reason + "; give " + List("or", r.Parameters)}
		}
	case ExcludesKind:
		if others := r.Parameters[1:]; isGiven(r.Parameters[0]) && slices.ContainsFunc(others, isGiven) {
			return &Breach{Reason: r.Reason + "; it cannot be combined with " + List("or", others)}
		}
	case FormKind, AtMostKind:
		for _, name := range r.Parameters {
			var text string
			if raw := values[name]; len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
				continue
			}
			switch {
			case r.Kind == AtMostKind && len(text) > r.Limit:
				return &Breach{name, fmt.Sprintf("has %d bytes; expected at most %d", len(text), r.Limit)}
			case r.Kind == FormKind && !r.form.MatchString(text):
				return &Breach{name, "is " + schema.Show(text) + "; expected " + r.Expected}
			}
		}
	case JudgedKind:
		own := map[string]json.RawMessage{}
		for _, name := range r.Parameters {
			if value, has := values[name]; has {
				own[name] = value
			}
		}
		input, err := json.Marshal(own)
		if err != nil {
			return nil // not JSON: Run reports it
		}
		return r.judge(input)
	}
	return nil
}

// IsNothing reports whether a parameter with a value, in canonical JSON, counts as not given.
func IsNothing(value json.RawMessage) bool {
	switch string(value) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// Sentence returns the rule for people, or "" if it is about each parameter alone: then the
// parameter's description says it.
func (r Rule) Sentence() string {
	switch r.Kind {
	case AnyOfKind:
		return "At least one of " + List("and", r.Parameters) + " is required."
	case ExcludesKind:
		return "If " + r.Parameters[0] + " is given, " + List("and", r.Parameters[1:]) + " must not be given."
	case ShortensKind:
		return fmt.Sprintf("A longer text than %d KiB is shortened, and says so: %s.", r.Limit>>10, List("and", r.Parameters))
	}
	return r.Doc
}

// Sentences returns the rules for people that the descriptions of the parameters do not say.
func (t Type) Sentences() []string {
	list := []string{}
	for _, r := range t.Rules {
		if s := r.Sentence(); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// List joins names: "a, b or c".
func List(word string, names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
