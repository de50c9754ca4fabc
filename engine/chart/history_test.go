package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
)

// A day starts at its first moment, however long it is and whatever the clocks do at midnight.
func TestDays(t *testing.T) {
	cases := []struct {
		name, zone, date string
		start            string
		hours            float64
	}{
		{"no change", "Europe/Berlin", "2026-03-28", "2026-03-28T00:00:00+01:00", 24},
		{"clocks go forward", "Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00", 23},
		{"the day after", "Europe/Berlin", "2026-03-30", "2026-03-30T00:00:00+02:00", 24},
		{"clocks go back", "Europe/Berlin", "2026-10-25", "2026-10-25T00:00:00+02:00", 25},
		{"midnight is left out", "America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", 23},
		{"the hour before midnight comes twice", "America/Sao_Paulo", "2018-02-17", "2018-02-17T00:00:00-02:00", 25},
		{"the hour after midnight comes twice", "America/Havana", "2025-11-02", "2025-11-02T00:00:00-04:00", 25},
		{"the minutes around midnight are left out", "America/Toronto", "1919-03-31", "1919-03-31T00:30:00-04:00", 23.5},
		{"a date that does not exist", "Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0},
		{"before 1970", "UTC", "1969-12-31", "1969-12-31T00:00:00Z", 24},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			z := zone(t, c.zone)
			d := dateOf(at(t, c.date+"T12:00:00Z"))
			if d.String() != c.date {
				t.Fatalf("the date is %s", d)
			}
			start, next := d.start(z), (d + 1).start(z)
			if got := start.Format(time.RFC3339); got != c.start {
				t.Errorf("it starts at %s, not %s", got, c.start)
			}
			if got := next.Sub(start).Hours(); got != c.hours {
				t.Errorf("it has %g hours, not %g", got, c.hours)
			}
			if c.hours > 0 && (dateOf(start) != d || dateOf(start.Add(-1)) != d-1) {
				t.Errorf("the moments at and before the start are on %s and %s", dateOf(start), dateOf(start.Add(-1)))
			}
		})
	}
}

// A run counts on the day on which it started, in the time zone of the history.
func TestHistoryCountsOnTheDayOfTheStart(t *testing.T) {
	cases := []struct {
		name    string
		started string
		want    string // "" if the run is outside
	}{
		{"exactly at midnight", "2026-10-25T00:00:00+02:00", "2026-10-25"},
		{"just before midnight", "2026-10-24T23:59:59.999999999+02:00", "2026-10-24"},
		{"in another time zone", "2026-10-24T22:30:00Z", "2026-10-25"},
		{"in the first of the hours that come twice", "2026-10-25T02:30:00+02:00", "2026-10-25"},
		{"in the second one", "2026-10-25T02:30:00+01:00", "2026-10-25"},
		{"in the last second of the long day", "2026-10-25T22:59:59Z", "2026-10-25"},
		{"at the first moment", "2026-10-24T00:00:00+02:00", "2026-10-24"},
		{"before the first moment", "2026-10-23T23:59:59+02:00", ""},
		{"at the last moment", "2026-10-26T23:59:59+01:00", "2026-10-26"},
		{"after the last moment", "2026-10-27T00:00:00+01:00", ""},
		{"years before", "0001-01-01T00:00:00Z", ""},
		{"years after", "9999-12-31T00:00:00Z", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// The day of a moment in the middle of it
			h := NewHistory([]engine.View{run("w", engine.Failed, at(t, c.started))}, berlin(t, "2026-10-24 15:00:00"), 3, zone(t, "Europe/Berlin"))
			if c.want == "" {
				if len(h.Workflows) != 0 || h.Total.Runs != 0 {
					t.Errorf("there are %d workflows with %s", len(h.Workflows), h.Total.Words())
				}
				return
			}
			days := h.Workflows[0].Days
			if len(days) != 3 || days[0].Date != "2026-10-24" || days[2].Date != "2026-10-26" {
				t.Fatalf("the days are %v", days)
			}
			for _, day := range days {
				want := 0
				if day.Date == c.want {
					want = 1
				}
				if day.Runs != want || day.Counts[Failed] != want {
					t.Errorf("%s", day.Words())
				}
			}
		})
	}
}

// What a pruned run still has is enough.
func TestHistoryOfPrunedRuns(t *testing.T) {
	var v engine.View
	v.Workflow, v.Status, v.Started, v.Pruned = "w", engine.Failed, at(t, "2026-10-25T12:00:00Z"), at(t, "2026-12-25T12:00:00Z")
	h := NewHistory([]engine.View{v}, v.Started, 1, nil)
	if got := h.Workflows[0].Days[0].Words(); got != "2026-10-25: 1 run, failed" {
		t.Errorf("%s", got)
	}
}

func TestHistoryHasAtLeastOneDayAndAtMostMostDays(t *testing.T) {
	from := at(t, "2026-10-25T12:00:00Z")
	for days, want := range map[int]int{-1: 1, 0: 1, 1: 1, MostDays: MostDays, MostDays + 1: MostDays, 1 << 40: MostDays} {
		h := NewHistory([]engine.View{run("w", engine.Succeeded, from)}, from, days, nil)
		if got := len(h.Workflows[0].Days); got != want {
			t.Errorf("%d days make %d, not %d", days, got, want)
		}
	}
}

// An Adder can go on after it made a history, which does not change.
func TestAdderGoesOn(t *testing.T) {
	from := at(t, "2026-10-25T12:00:00Z")
	a := NewAdder(from, 1, nil)
	a.Add(run("w", engine.Succeeded, from))
	before := a.History()
	a.Add(run("w", engine.Failed, from))
	a.Add(run("v", engine.Uncertain, from))
	if got := before.Total.Words() + "; " + before.Workflows[0].Days[0].Words(); got != "1 run, succeeded; 2026-10-25: 1 run, succeeded" {
		t.Errorf("the first history has %s", got)
	}
	h := a.History()
	if h.Workflows[0].Workflow != "v" || h.Workflows[1].Words() != "2 runs, 1 failed" || h.Total.Words() != "3 runs, 1 uncertain, 1 failed" {
		t.Errorf("the second history has %s: %v", h.Total.Words(), h.Workflows)
	}
}

// A picture of too many workflows has those that need attention, in the order of their names, and
// says what it leaves out.
func TestHistoryOfManyWorkflows(t *testing.T) {
	from := at(t, "2026-08-01T00:00:00Z")
	var runs []engine.View
	for i := range 5000 {
		workflow := i % 150
		status := engine.Succeeded
		if workflow >= 140 || workflow == 3 {
			status = engine.Failed
		}
		runs = append(runs, run(fmt.Sprintf("w%03d", workflow), status, from.Add(time.Duration(i)*25*time.Minute)))
	}
	runs = append(runs, run("w149", engine.Uncertain, from), run("w097", engine.Succeeded, from), run("w098", engine.Succeeded, from))
	h := NewHistory(runs, from, MostDays, nil)
	if len(h.Workflows) != 150 || h.Total.Runs != 5003 {
		t.Fatalf("there are %d workflows with %d runs", len(h.Workflows), h.Total.Runs)
	}
	made := h.SVG()
	checkSVG(t, made)
	names := lines(made, `class="name"`)
	if len(names) != 100 {
		t.Fatalf("there are %d rows, not 100", len(names))
	}
	if !slices.IsSorted(func() (shown []string) {
		for _, line := range names {
			shown = append(shown, line[strings.Index(line, "<title>"):])
		}
		return shown
	}()) {
		t.Error("the rows are not in the order of their names")
	}
	for name, want := range map[string]bool{"w003": true, "w000": true, "w098": true, "w140": true, "w149": true, "w139": false} {
		if got := strings.Contains(strings.Join(names, "\n"), ">"+name+"<"); got != want {
			t.Errorf("%s is drawn: %t", name, got)
		}
	}
	if notes := lines(made, `class="note"`); len(notes) != 1 || !strings.Contains(notes[0], "not drawn: 50 more workflows with 1650 runs, all succeeded") {
		t.Errorf("the note is %s", notes)
	}
	if got := lines(made, "<desc>"); !strings.Contains(got[0], "Not drawn: 50 more workflows") {
		t.Errorf("the description is %s", got)
	}
	if limit := 1500 << 10; len(made) > limit {
		t.Errorf("the picture has %d bytes, more than %d", len(made), limit)
	}
}

// Only days with runs are links, and only to addresses of the web.
func TestHistoryLinks(t *testing.T) {
	from := at(t, "2026-10-25T12:00:00Z")
	h := NewHistory([]engine.View{run("w", engine.Succeeded, from)}, from, 2, nil)
	if made := string(h.SVG()); strings.Contains(made, "<a ") || !strings.Contains(made, `role="img"`) {
		t.Errorf("there is a link without addresses:\n%s", made)
	}
	cases := []struct{ address, want string }{
		{"/runs?workflow=w&day=2026-10-25", "/runs?workflow=w&amp;day=2026-10-25"},
		{"https://errand.example.org/", "https://errand.example.org/"},
		{`/runs/"><script>`, "/runs/%22%3E%3Cscript%3E"},
		{"", ""},
		{"javascript:alert(1)", ""},
		{"JAVASCRIPT:alert(1)", ""},
		{" javascript:alert(1)", ""},
		{"java\nscript:alert(1)", ""},
		{"data:text/html,x", ""},
	}
	for _, c := range cases {
		t.Run(c.address, func(t *testing.T) {
			asked := []string{}
			h.Href = func(workflow string, day time.Time) string {
				asked = append(asked, workflow+" "+day.Format(time.RFC3339))
				return c.address
			}
			made := h.SVG()
			checkSVG(t, made)
			if !slices.Equal(asked, []string{"w 2026-10-25T00:00:00Z"}) {
				t.Errorf("it asked for %s", asked)
			}
			want := []string{`<a href="` + c.want + `">`}
			if c.want == "" {
				want = nil
			}
			if got := lines(made, "<a "); !slices.Equal(got, want) {
				t.Errorf("the links are %s, not %s", got, want)
			}
			if !strings.Contains(string(made), `role="group"`) {
				t.Error("an image must not contain links")
			}
		})
	}
}

// A month has a label if there is room, and the first label says the year.
func TestMonths(t *testing.T) {
	cases := []struct {
		from string
		days int
		want string
	}{
		{"2026-10-12", 30, "Oct 2026, Nov"},
		{"2026-10-31", 10, "Nov 2026"},
		{"2026-10-31", 1, "Oct 2026"},
		{"2026-10-28", 5, "Oct 2026, Nov"},
		{"2026-12-01", 92, "Dec 2026, Jan 2027, Feb, Mar"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.from, c.days), func(t *testing.T) {
			from := at(t, c.from+"T00:00:00Z")
			labels, right := NewHistory(nil, from, c.days, nil).months(100)
			var texts []string
			end := 0
			for _, m := range labels {
				if m.text != "" {
					if m.x < end {
						t.Errorf("%s begins at %d, where another label is", m.text, m.x)
					}
					end = m.x + width(m.text)
					texts = append(texts, m.text)
				}
			}
			if got := strings.Join(texts, ", "); got != c.want {
				t.Errorf("%s, not %s", got, c.want)
			}
			if right < end {
				t.Errorf("the last label ends at %d, after %d", end, right)
			}
		})
	}
}

// BenchmarkAdd adds 100,000 runs of 50 workflows.
func BenchmarkAdd(b *testing.B) {
	from := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	berlin := zone(b, "Europe/Berlin")
	runs := make([]engine.View, 100_000)
	for i := range runs {
		runs[i] = run(fmt.Sprintf("workflow-%d", i%50), engine.Succeeded, from.Add(time.Duration(i)*79*time.Second))
	}
	b.ReportAllocs()
	for b.Loop() {
		a := NewAdder(from, MostDays, berlin)
		for _, v := range runs {
			a.Add(v)
		}
	}
}
