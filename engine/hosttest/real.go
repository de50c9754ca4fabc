package hosttest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// RunInRealTime runs the cases of the suite that take no longer than a time against a host whose
// clock cannot be moved. They run side by side. Everything but the times must be equal: each branch has
// the same events in the same order, and the result is the same. It returns how many cases there are.
func RunInRealTime(t *testing.T, most time.Duration, host func(Setup) Host) (cases int) {
	for _, file := range files(t) {
		c := load(t, file)
		if c.takes(t) > most {
			continue
		}
		cases++
		t.Run(caseName(file), func(t *testing.T) {
			t.Parallel()
			made, result := c.run(t, host)
			if got, want := timeless(made), timeless(string(part(c.archive, "trace"))); got != want {
				t.Errorf("by branch, the events are\n%s\nwant\n%s", got, want)
			}
			if got, want := withoutTimes(result), withoutTimes(string(part(c.archive, "result.json"))); got != want {
				t.Errorf("the result is\n%s\nwant\n%s", got, want)
			}
		})
	}
	return cases
}

// takes returns how long the run of the case takes.
func (c document) takes(t *testing.T) (long time.Duration) {
	t.Helper()
	for line := range strings.Lines(string(part(c.archive, "trace"))) {
		at, _, _ := strings.Cut(strings.TrimPrefix(line, "+"), " ")
		d, err := time.ParseDuration(at)
		if err != nil {
			t.Fatal(err)
		}
		long = max(long, d)
	}
	return long
}

// timeless returns the events of a trace without their times, those of each branch together.
func timeless(trace string) string {
	var branches []string
	events := map[string]string{}
	for line := range strings.Lines(trace) {
		_, event, _ := strings.Cut(line, " ")
		branch := ""
		if strings.HasPrefix(event, "[") {
			branch, _, _ = strings.Cut(event, " ")
		}
		if events[branch] == "" {
			branches = append(branches, branch)
		}
		events[branch] += lengths.ReplaceAllString(event, " wait …")
	}
	slices.Sort(branches)
	var b strings.Builder
	for _, branch := range branches {
		b.WriteString(events[branch])
	}
	return b.String()
}

// lengths are those of waits: what is left of a limit depends on the time that calls took.
var lengths = regexp.MustCompile(` wait \d[^ \n]*`)

var instants = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*"`)

func withoutTimes(result string) string { return instants.ReplaceAllString(result, `"…"`) }
