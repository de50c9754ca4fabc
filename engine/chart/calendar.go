package chart

import "time"

// A date is a day of the calendar, in no time zone: the number of days since 1970-01-01.
type date int

const secondsADay = 24 * 60 * 60

// dateOf returns the date of a moment in the moment's time zone.
func dateOf(t time.Time) date {
	year, month, day := t.Date()
	seconds := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return date((seconds - (seconds%secondsADay+secondsADay)%secondsADay) / secondsADay)
}

// utc returns the midnight at which the date begins in UTC.
func (d date) utc() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

func (d date) String() string { return d.utc().Format(time.DateOnly) }

// start returns the first moment of the date in a time zone. It is not midnight if the clocks go
// forward at midnight. If they go back to midnight, it is the first of the two midnights. A date that
// a zone left out starts when the next one does.
func (d date) start(zone *time.Location) time.Time {
	year, month, day := d.utc().Date()
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	from, to := t.ZoneBounds()
	switch {
	case dateOf(t) < d: // midnight was left out
		return to
	case t.Hour() != 0 || t.Minute() != 0: // the same; time.Date may return the moment before or after
		return from
	case from.IsZero():
		return t
	}
	_, after := t.Zone()
	_, before := from.Add(-1).Zone()
	if first := t.Add(time.Duration(after-before) * time.Second); first.Before(from) && first.Hour() == 0 && dateOf(first) == d {
		return first
	}
	return t
}
