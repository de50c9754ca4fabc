package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/task"
)

// hostile are texts that would do harm if a page took them for markup, or showed them as they are.
var hostile = map[string]string{
	"script":       `<script>alert(1)</script>`,
	"image":        `"><img src=x onerror=alert(1)>`,
	"apostrophe":   `'><svg onload=alert(1)>`,
	"attribute":    `" autofocus onfocus="alert(1)" x="`,
	"end of title": `</title></style></textarea></svg><script>alert(1)</script>`,
	"comment":      `<!-- --><!--`,
	"CDATA":        `]]><x/><![CDATA[`,
	"template":     `{{.}}{{template "page"}}${{ inputs.text }}`,
	"address":      `javascript:alert(1)//https://evil.example`,
	"path":         `../../audit?x=1#y`,
	"bidi":         "a\u202eb\u2066c\u2069\u200f\u061cd",
	"NUL":          "a\x00b\x1b[31mc\x7fd\u0085e\r\nf",
	"not UTF-8":    "a\xff\xfe\xc3(b",
	"separators":   "a\u2028b\u2029c\ufeffd",
	"entities":     `&lt;script&gt;&#x3c;script>&amp;`,
	"long":         strings.Repeat("<b>&\"'x ", 8<<10),
	"one word":     strings.Repeat("é", 32<<10),
	"many lines":   strings.Repeat("\n<i>", 16<<10),
}

// innocent returns a text of the same length and the same words without any special character.
func innocent(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' {
			return r
		}
		return 'x'
	}, text)
}

// hostileRuns starts runs that have a text wherever they can, and returns their ids: one that asks, one that
// failed after a decision, one that succeeded and one that is uncertain.
func (b *bench) hostileRuns(name, text, mark string) (runs []string) {
	b.Helper()
	quoted, err := json.Marshal(definable(text))
	if err != nil {
		b.Fatal(err)
	}
	for _, end := range []string{"asks", "fails", "succeeds", "is uncertain"} {
		last := map[string]string{"asks": "", "fails": "refuse it", "succeeds": "", "is uncertain": "lose it"}[end]
		workflow := fmt.Sprintf("w%s-%x-%d", mark, name, len(runs))
		b.define(`
workflow: ` + workflow + `
title: ` + string(quoted) + `
description: ` + string(quoted) + `
inputs:
  text: {type: string, description: ` + string(quoted) + `}
steps:
  - {id: act, name: ` + string(quoted) + `, task: probe.acts, with: {text: '${{ inputs.text }}'}}
  - {id: ok, name: ` + string(quoted) + `, approval: {ask: '${{ inputs.text }}', by: [robin]}}
  - {id: last, name: ` + string(quoted) + `, task: probe.acts, with: {text: '` + last + `'}}
outputs:
  said: ${{ steps.act.text }}
  result_message: ${{ steps.act.text }}
`)
		p, _ := b.shelf.Workflow(workflow)
		run := fmt.Sprintf("%s%x%d", mark, name, len(runs))
		order := engine.Order{Run: run, Request: short(text, 300) + fmt.Sprint(len(runs), mark), StartedBy: text, Requesters: []string{text}, Owners: []string{"desk"}, Inputs: map[string]any{"text": text}, Program: p}
		if _, err := b.runner.Accept(b.Context(), order); err != nil {
			b.Fatal(err)
		}
		b.settled(run, engine.Waiting)
		runs = append(runs, run)
		if end == "asks" {
			continue
		}
		if err := b.runner.Decide(b.Context(), run, "ok", engine.Decision{Verdict: engine.VerdictApprove, Comment: text, By: engine.Person{Name: "robin", EnteredBy: "clerk " + text}}); err != nil {
			b.Fatal(err)
		}
		b.settled(run, map[string]engine.Status{"fails": engine.Failed, "succeeds": engine.Succeeded, "is uncertain": engine.Uncertain}[end])
	}
	return runs
}

// definable returns what of a text a definition may have in its title and in the names of its steps.
func definable(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(short(text, 150), "?"), "${{", "{{")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || isBidi(r) || r == '\ufeff' {
			return '?'
		}
		return r
	}, text)
}

func short(text string, n int) string { return text[:min(n, len(text))] }

// pagesOf returns the addresses of pages that show runs.
func (b *bench) pagesOf(runs []string) (addresses []string) {
	b.Helper()
	addresses = []string{"/", "/runs"}
	for _, run := range runs {
		v, err := b.runner.Read(b.Context(), run)
		if err != nil {
			b.Fatal(err)
		}
		at := "/runs/" + run
		addresses = append(addresses, at, at+"/retry", at+"/cancel", at+"/questions/ok", at+"/questions/last", "/requests/"+url.PathEscape(v.Request), "/runs?request="+url.QueryEscape(v.Request), "/runs?status="+url.QueryEscape(v.Request))
	}
	return addresses
}

// Texts from outside are texts on every page: they make no element and no attribute, they change no
// direction but their own, and they are cut.
func TestHostileTexts(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, setting{})
			said := text
			b.answer = func(c task.Call) error {
				switch {
				case strings.Contains(string(c.Input), "lose it"):
					return &task.Failure{Code: task.CodeNoReply, Message: said, Transient: true, Unknown: true}
				case strings.Contains(string(c.Input), "refuse it"):
					return &task.Failure{Code: "Refused", Message: said, Status: 400, Details: []task.Detail{{Name: said, Value: said}}}
				}
				return nil
			}
			visitors := []*visitor{
				b.signedIn(b.token(access.Token{Name: "robin", Person: "robin", Roles: []access.Role{access.Operator, access.Approver}})),
				b.signedIn(b.token(access.Token{Name: "x", Person: strings.ToValidUTF8(short(text, 300), "?"), Roles: []access.Role{access.Operator}})),
			}
			known := map[string]bool{"a[href]": true}
			said = innocent(text)
			for _, address := range b.pagesOf(b.hostileRuns(name, said, "a")) {
				for element := range parse(t, "an innocent page: "+address, visitors[0].get(address).text).elements {
					known[element] = true
				}
			}
			said = text
			runs := b.hostileRuns(name, text, "b")
			for i, address := range b.pagesOf(runs) {
				if i == 10 { // the pages of another run differ for the second visitor in nothing
					visitors = visitors[:1]
				}
				for _, v := range visitors {
					a := v.get(address)
					if a.status >= 500 || a.status == http.StatusBadRequest || len(a.text) > 1<<20 {
						t.Errorf("%.200s answers %d with %d bytes", address, a.status, len(a.text))
						continue
					}
					m := parse(t, fmt.Sprintf("%.200s", address), a.text)
					for element := range m.elements {
						if !known[element] {
							t.Errorf("%.200s has the element %s", address, element)
						}
					}
					if len([]rune(m.title)) > 250 || strings.ContainsFunc(m.title, unicode.IsControl) {
						t.Errorf("%.200s has the title %q", address, m.title)
					}
				}
			}
			b.checkWholes(visitors[0], runs, text)
		})
	}
}

// checkWholes fails unless each run shows all of a long text, as plain text, behind the links of its page.
func (b *bench) checkWholes(v *visitor, runs []string, text string) {
	b.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		b.Fatal(err)
	}
	var decoded string
	if err := json.Unmarshal(encoded, &decoded); err != nil { // as a store keeps it
		b.Fatal(err)
	}
	for _, run := range runs {
		whole := map[string]bool{}
		for _, address := range []string{"/runs/" + run, "/runs/" + run + "/questions/ok", "/runs/" + run + "/questions/last", "/runs/" + run + "/retry", "/runs/" + run + "/cancel"} {
			m := parse(b, address, v.get(address).text)
			if len(m.cut) > 0 && !slices.Contains(m.links, "/runs/"+run+"/whole/run") {
				b.Errorf("%s cuts texts without a link to all of them: %s", address, m.cut)
			}
			for _, link := range m.links {
				if strings.Contains(link, "/whole/") {
					whole[link] = true
				}
			}
		}
		all := 0
		for link := range whole {
			a := v.get(link)
			if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || strings.ContainsFunc(a.text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
				b.Errorf("%s answers %d with %s", link, a.status, a.header.Get("Content-Type"))
			}
			if strings.Contains(a.text, printed(decoded)) || strings.Contains(unescaped(a.text), decoded) {
				all++
			}
		}
		if len(text) > 4096 && (all < 3 || all < len(whole)) {
			b.Errorf("of %d links on the pages of %s, %d show the whole text: %v", len(whole), run, all, whole)
		}
	}
}

// printed returns a text as a page shows it.
func printed(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// unescaped returns the texts of a JSON value, one after the other.
func unescaped(encoded string) string {
	var value any
	if json.Unmarshal([]byte(encoded), &value) != nil {
		return ""
	}
	var b strings.Builder
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case string:
			fmt.Fprintln(&b, v)
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for _, member := range v {
				walk(member)
			}
		}
	}
	walk(value)
	return b.String()
}
