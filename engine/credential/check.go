package credential

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"

	"errand/engine/diag"
	"errand/engine/task"
)

// maxValue is the greatest length of a value in bytes: more than any key, certificate or table
// needs.
const maxValue = 64 << 10

var nameForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`) })

// check returns an *InvalidError with everything that is wrong with a credential: with its name,
// with the given values, and with the merged values that are to be stored. merged has no empty
// values.
func check(c task.Connector, name string, given, merged task.Values) error {
	var all []Problem
	report := func(parameter, message, hint string) {
		if !slices.ContainsFunc(all, func(p Problem) bool { return p.Parameter == parameter && parameter != "" }) {
			all = append(all, Problem{parameter, message, hint})
		}
	}
	if len(c.Credential) == 0 {
		return invalidError([]Problem{{"", fmt.Sprintf("the connector %q needs no credential", c.Name), ""}})
	}
	if !nameForm().MatchString(name) {
		report("", fmt.Sprintf("%q is not a valid name for a credential", name), "a name has at most 64 letters, digits and ._@-, and begins with a letter or a digit")
	}
	var known []string
	for _, p := range c.Credential {
		known = append(known, p.Name)
	}
	for _, parameter := range slices.Sorted(maps.Keys(given)) {
		value := given.Reveal(parameter)
		switch {
		case !slices.Contains(known, parameter):
			report(parameter, fmt.Sprintf("%s has no parameter %q", c.Name, parameter), diag.DidYouMean(parameter, known))
		case len(value) > maxValue:
			report(parameter, parameter+" is longer than 64 KiB", "")
		case !utf8.ValidString(value):
			report(parameter, parameter+" is not valid UTF-8", "")
		}
	}
	for _, p := range c.Credential {
		_, touched := given[p.Name]
		switch {
		case !p.Required || p.Default != "" || !merged[p.Name].IsZero():
		case touched:
			report(p.Name, p.Name+" is required, but empty", "")
		default:
			report(p.Name, p.Name+" is missing", "")
		}
	}
	if c.Fit != nil {
		for _, wrong := range c.Fit(merged) {
			report(wrong.Parameter, wrong.String(), "")
		}
	}
	return invalidError(all)
}
