package timer

import (
	"context"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones, for machines that have none

	"errand/engine/schema"
	"errand/engine/task"
)

type untilInput struct {
	At   string `json:"at" title:"At" required:"true" doc:"A time of day, such as 18:00, or a date and a time, such as 2026-12-24 18:00. A date and a time may have their own offset, as in 2026-12-24T18:00:00Z (RFC 3339)."`
	Zone string `json:"zone" title:"Zone" default:"UTC" doc:"The time zone, such as Europe/Berlin. It does not count for a time with its own offset."`
	Days []day  `json:"days" title:"Days" doc:"The days of the week on which a time of day counts, from mon to sun; all if unset."`
}

// The forms of At: a time of day with or without a date, and a date and time with an offset.
const (
	clockForm    = `^([0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?([01][0-9]|2[0-3])(:[0-5][0-9]){1,2}$`
	offsetForm   = `^[0-9]{4}-[0-9]{2}-[0-9]{2}( |T)([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,9})?(Z|(\+|-)([01][0-9]|2[0-3]):[0-5][0-9])$`
	expectedTime = "a time such as 18:00, 2026-12-24 18:00 or 2026-12-24T18:00:00Z"
)

// A day is a day of the week in short.
type day string

// Shape returns the type.
func (day) Shape() schema.Type {
	t := schema.Of(schema.String)
	for _, d := range week {
		t.Enum = append(t.Enum, string(d))
	}
	return t
}

var week = []day{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// dayOf returns the day of the week of a date.
func dayOf(date time.Time) day { return week[(int(date.Weekday())+6)%len(week)] }

type untilOutput struct {
	FiredAt string `json:"fired_at" title:"Fired At" doc:"The time that was waited for, in UTC (RFC 3339), even if the run continued later."`
}

func (o untilOutput) Summary() string { return "it was " + o.FiredAt }

func until() task.Type {
	t := task.Define("timer.until",
		"Waits until a time of day, or until a date and time. A time of day is the next one after the step starts, on one of the days. "+
			"A date and time that has passed is over at once. Where clocks change, a time that occurs twice counts when it occurs first, "+
			"and a time that is skipped counts when the clocks skip it.", task.Pure,
		func(_ context.Context, call task.Call, in untilInput) (untilOutput, error) {
			due := in.due(call.Started)
			if left := due.Sub(call.Now); left > 0 {
				return untilOutput{}, &task.Again{After: left}
			}
			return untilOutput{FiredAt: due.UTC().Format(time.RFC3339)}, nil
		}).WithRules(
		task.Form(expectedTime, clockForm+"|"+offsetForm, "at"),
		task.Judged("zone is a time zone that exists.", untilInput.checkZone, "zone"),
		task.Judged("at names a date that exists.", untilInput.checkAt, "at"),
		task.Judged("days are for a time of day only.", untilInput.checkDays, "days", "at"),
	)
	t.Waits = true
	return t
}

// date returns the date in At, if it has one, and the time of day with seconds.
func (in untilInput) date() (date, clock string, dated bool) {
	date, clock, dated = strings.Cut(strings.Replace(in.At, "T", " ", 1), " ")
	if !dated {
		date, clock = "", date
	}
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	return date, clock, dated
}

// exact returns the time in At, if it has an offset.
func (in untilInput) exact() (at time.Time, ok bool) {
	at, err := time.Parse(time.RFC3339, strings.Replace(in.At, " ", "T", 1))
	return at, err == nil
}

func (in untilInput) checkAt() *task.Breach {
	date, _, dated := in.date()
	if _, err := time.Parse(time.DateOnly, date); dated && err != nil {
		return &task.Breach{Parameter: "at", Reason: "is " + schema.Show(in.At) + "; there is no such date"}
	}
	return nil
}

func (in untilInput) checkDays() *task.Breach {
	if _, _, dated := in.date(); dated && len(in.Days) > 0 {
		return &task.Breach{Parameter: "days", Reason: "belong to a time of day, but at has a date"}
	}
	return nil
}

func (in untilInput) checkZone() *task.Breach {
	if in.zone() == nil {
		return &task.Breach{Parameter: "zone", Reason: "is " + schema.Show(in.Zone) + "; there is no such time zone; write it like Europe/Berlin"}
	}
	return nil
}

// due returns the time that a step waits for that starts at a time.
func (in untilInput) due(started time.Time) time.Time {
	if at, exact := in.exact(); exact {
		return at
	}
	zone := in.zone()
	date, clock, dated := in.date()
	hour, _ := time.Parse(time.TimeOnly, clock) // the rules have made sure of both
	if !dated {
		return in.next(started.In(zone), hour.Sub(hour.Truncate(24*time.Hour)), zone)
	}
	midnight, _ := time.Parse(time.DateOnly, date)
	return moment(midnight.Add(hour.Sub(hour.Truncate(24*time.Hour))), zone)
}

// zone returns the time zone, or nil if it does not exist.
func (in untilInput) zone() *time.Location {
	name := in.Zone
	if name == "" {
		name = "UTC"
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // the zone of a machine is not that of the run
		return nil
	}
	return zone
}

// next returns the first time of day that is not before a time. It begins with the day before: if a
// whole day is skipped, the times of that day count on the next one.
func (in untilInput) next(from time.Time, clock time.Duration, zone *time.Location) time.Time {
	year, month, date := from.Date()
	for days := -1; ; days++ { // ends: every day of the week is among the next seven
		midnight := time.Date(year, month, date+days, 0, 0, 0, 0, time.UTC)
		if len(in.Days) > 0 && !slices.Contains(in.Days, dayOf(midnight)) {
			continue
		}
		if due := moment(midnight.Add(clock), zone); !due.Before(from) {
			return due
		}
	}
}

// moment returns the first time at which the clocks of a zone show a date and time, which is given
// in UTC. If they never show it, it returns the time at which they skip it.
func moment(shown time.Time, zone *time.Location) time.Time {
	_, before := shown.Add(-24 * time.Hour).In(zone).Zone()
	_, after := shown.Add(24 * time.Hour).In(zone).Zone()
	old := shown.Add(-time.Duration(before) * time.Second)
	for _, at := range []time.Time{shown.Add(-time.Duration(max(before, after)) * time.Second), shown.Add(-time.Duration(min(before, after)) * time.Second)} {
		if _, offset := at.In(zone).Zone(); at.Add(time.Duration(offset) * time.Second).Equal(shown) {
			return at
		}
	}
	skipped, _ := old.In(zone).ZoneBounds() // by the old offset it would be after the change
	return skipped
}
