package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"errand/engine"
)

// commandWords are what pages say about the command line.
type commandWords struct {
	program string // what is typed
	adopts  bool   // it has a command that adopts runs
}

// functions are those of the templates.
func functions(now func() time.Time, w commandWords) template.FuncMap {
	return template.FuncMap{
		"program":  func() string { return w.program },
		"adopts":   func() bool { return w.adopts },
		"outside":  outside,
		"whole":    whole,
		"plain":    plain,
		"when":     func(t time.Time) template.HTML { return when(t, now()) },
		"ago":      func(t time.Time) string { return ago(t, now()) },
		"span":     span,
		"state":    func(s any) state { return stateOf(fmt.Sprint(s)) },
		"runHref":  runHref,
		"askHref":  questionHref,
		"pathPart": url.PathEscape,
		"values":   values,
		"known": func(object any) []value {
			return slices.DeleteFunc(values(object), func(v value) bool { return v.Text == "null" })
		},
		"pretty": pretty,
		"anyCut": func(all []value) bool {
			return slices.ContainsFunc(all, func(v value) bool { return len(v.Text) > longest })
		},
		"add":     func(a, b int) int { return a + b },
		"decided": func(v engine.Verdict) string { return decidedWords[v] },
		"call":    func(run string, s sent) callOf { return callOf{run, s} },
		"evidence": func(run string, steps []stepCalls) evidenceOf {
			return evidenceOf{engine.View{Result: engine.Result{Run: run}}, steps}
		},
		"result": resultOf,
		"svg":    func(b []byte) template.HTML { return template.HTML(b) }, // of our own making
	}
}

// A callOf is a call with its run, for its template.
type callOf struct {
	Run string
	sent
}

// An evidenceOf has the steps of a run, for their template.
type evidenceOf struct {
	Run   engine.View
	Steps []stepCalls
}

// resultOf returns the result message of outputs, or "".
func resultOf(v engine.Values) string {
	message, _ := v["result_message"].(string)
	return message
}

// when returns a time as HTML: absolute with its zone, and how far away it is.
func when(t, now time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s UTC</time> <span class="ago">(%s)</span>`, t.Format(time.RFC3339), t.Format("2006-01-02 15:04:05"), ago(t, now)))
}

// ago says how far away a time is, such as "5 min ago" or "in 2 h".
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return ""
	case d > -time.Second && d < time.Second:
		return "now"
	case d < 0:
		return "in " + round(-d)
	default:
		return round(d) + " ago"
	}
}

// span says how long something took, or has taken so far. An end of zero means that it goes on.
func span(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return round(to.Sub(from))
}

// round is a duration for people: one unit, or two if the first is small.
func round(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func runHref(run string) string { return "/runs/" + url.PathEscape(run) }

func questionHref(run, step string) string {
	return runHref(run) + "/questions/" + url.PathEscape(step)
}

// A value is one member of an object, for a table.
type value struct{ Name, Text string }

// values returns the members of an object in their order. It is empty if the JSON is no object.
func values(object any) []value {
	var data []byte
	switch o := object.(type) {
	case json.RawMessage:
		data = o
	case engine.Values:
		data, _ = o.MarshalJSON() // it has no errors
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	var all []value
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return all
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return all
		}
		all = append(all, value{fmt.Sprint(name), textOf(raw)})
	}
	return all
}

// textOf returns JSON as people read it: a text without its quotes.
func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && len(raw) > 0 && raw[0] == '"' {
		return s
	}
	return pretty(raw)
}

// pretty returns JSON with line breaks if it is long.
func pretty(raw json.RawMessage) string {
	if len(raw) < 100 {
		return string(raw)
	}
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
