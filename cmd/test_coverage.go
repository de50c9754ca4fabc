package cmd

import (
	"fmt"
	"strings"

	"errand/engine/golden"
)

// coverages returns the coverage of each definition, in the order of their first cases.
func (t *suite) coverages() []*golden.Coverage {
	var all []*golden.Coverage
	of := map[string]*golden.Coverage{}
	for _, v := range t.verdicts {
		if v.Err != nil {
			continue
		}
		p := v.Outcome.Program
		if of[p.File] == nil {
			of[p.File] = golden.NewCoverage(p)
			all = append(all, of[p.File])
		}
		of[p.File].Add(v.Outcome.Events)
	}
	return all
}

// printCoverage prints the share of points that are reached, and each point that is not reached
// with its line.
func (t *suite) printCoverage() {
	to := t.stdout
	for _, c := range t.coverages() {
		counts := make([]string, 0, len(golden.PointKinds))
		for _, kind := range golden.PointKinds {
			if reached, all := c.Count(kind); all > 0 {
				counts = append(counts, fmt.Sprintf("%s %d of %d", kind, reached, all))
			}
		}
		fmt.Fprintf(to, "\ncoverage of %s: %s\n", c.Workflow, strings.Join(counts, ", "))
		for _, p := range c.Points {
			if !p.Reached {
				fmt.Fprintf(to, "  %s:%d: %s: %s\n", c.File, p.Line, p.Step, p.Missing)
			}
		}
	}
}

// A coverageJSON is the coverage of one definition in errand test -o json --coverage.
type coverageJSON struct {
	Workflow string               `json:"workflow"`
	File     string               `json:"file"`
	Kinds    map[string]countJSON `json:"kinds"` // steps, branches, failures, unknown
	Missing  []missingJSON        `json:"missing"`
}

type countJSON struct {
	Reached int `json:"reached"`
	All     int `json:"all"`
}

type missingJSON struct {
	Kind string `json:"kind"`
	Step string `json:"step"`
	Line int    `json:"line"`
	What string `json:"what"`
}

func (t *suite) coverageJSON() []coverageJSON {
	report := []coverageJSON{}
	for _, c := range t.coverages() {
		r := coverageJSON{Workflow: c.Workflow, File: c.File, Kinds: map[string]countJSON{}, Missing: []missingJSON{}}
		for _, kind := range golden.PointKinds {
			reached, all := c.Count(kind)
			r.Kinds[string(kind)] = countJSON{reached, all}
		}
		for _, p := range c.Points {
			if !p.Reached {
				r.Missing = append(r.Missing, missingJSON{string(p.Kind), string(p.Step), p.Line, p.Missing})
			}
		}
		report = append(report, r)
	}
	return report
}
