package cmd

import (
	"encoding/xml"
	"os"
	"strings"

	"errand/engine/golden"
)

// A testJSON is what errand test -o json prints.
type testJSON struct {
	Version   int             `json:"version"` // 1
	Cases     []testCaseJSON  `json:"cases"`
	Coverage  []coverageJSON  `json:"coverage,omitempty"`
	Mutations []mutationsJSON `json:"mutations,omitempty"`
}

// A mutationsJSON says which changes to a definition its cases notice.
type mutationsJSON struct {
	Workflow  string         `json:"workflow"`
	File      string         `json:"file"`
	Noticed   int            `json:"noticed"`
	Refused   int            `json:"refused"` // by the check
	Unnoticed []mutationJSON `json:"unnoticed"`
}

type mutationJSON struct {
	Line   int    `json:"line"`
	Change string `json:"change"` // in words
}

func (t *suite) mutationsJSON() []mutationsJSON {
	var all []mutationsJSON
	for _, m := range t.changes {
		made := mutationsJSON{m.Workflow, m.File, m.Noticed, m.Refused, []mutationJSON{}}
		for _, s := range m.Survived {
			made.Unnoticed = append(made.Unnoticed, mutationJSON{s.Line, s.What})
		}
		all = append(all, made)
	}
	return all
}

type testCaseJSON struct {
	File     string   `json:"file"`
	Workflow string   `json:"workflow"`
	Name     string   `json:"name"`
	Passed   bool     `json:"passed"`
	Wrong    []string `json:"wrong"`
	Trace    string   `json:"trace,omitempty"` // with --verbose
}

func (t *suite) printJSON() error {
	report := testJSON{Version: 1, Cases: []testCaseJSON{}}
	for _, v := range t.verdicts {
		one := testCaseJSON{File: v.Case.File, Workflow: v.Case.Workflow, Name: v.Case.Name(), Passed: v.Passed(), Wrong: wrong(v)}
		if t.verbose {
			one.Trace = v.Outcome.Trace
		}
		report.Cases = append(report.Cases, one)
	}
	report.Mutations = t.mutationsJSON()
	if t.coverage {
		report.Coverage = t.coverageJSON()
	}
	return t.writeJSON(report)
}

func wrong(v golden.Verdict) []string {
	if v.Err != nil {
		return []string{v.Err.Error()}
	}
	return append([]string{}, v.Wrong...)
}

// The report for build servers has the format of JUnit, with one suite for each workflow.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	File    string     `xml:"file,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (t *suite) writeJUnit(file string) error {
	var report junitSuites
	at := map[string]int{}
	for _, v := range t.verdicts {
		i, ok := at[v.Case.Workflow]
		if !ok {
			i = len(report.Suites)
			at[v.Case.Workflow] = i
			report.Suites = append(report.Suites, junitSuite{Name: v.Case.Workflow})
		}
		s := &report.Suites[i]
		k := junitCase{Class: v.Case.Workflow, Name: v.Case.Name(), File: v.Case.File}
		if !v.Passed() {
			texts := wrong(v)
			first, _, _ := strings.Cut(texts[0], "\n")
			said := &junitText{Message: first, Text: strings.Join(texts, "\n")}
			if v.Err != nil {
				k.Error = said
				s.Errors++
			} else {
				k.Failure = said
				s.Failures++
			}
		}
		s.Tests++
		s.Cases = append(s.Cases, k)
	}
	data, err := xml.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append([]byte(xml.Header), append(data, '\n')...), 0o644); err != nil {
		return usage("cannot write the report: %v", err)
	}
	return nil
}
