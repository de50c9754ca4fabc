package cmd

import (
	"encoding/xml"
	"os"
	"strings"

	"errand/engine/golden"
)

// A testJSON is what errand test -o json prints.
type testJSON struct {
	Version  int            `json:"version"` // 1
	Cases    []testCaseJSON `json:"cases"`
	Coverage []coverageJSON `json:"coverage,omitempty"`
}

type testCaseJSON struct {
	File     string   `json:"file"`
	Workflow string   `json:"workflow"`
	Name     string   `json:"name"`
	Passed   bool     `json:"passed"`
	Wrong    []string `json:"wrong"`
}

func (t *suite) printJSON() error {
	report := testJSON{Version: 1, Cases: []testCaseJSON{}}
	for _, v := range t.verdicts {
		report.Cases = append(report.Cases, testCaseJSON{v.Case.File, v.Case.Workflow, v.Case.Name(), v.Passed(), wrong(v)})
	}
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
