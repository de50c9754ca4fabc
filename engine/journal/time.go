package journal

import (
	"math"
	"time"
)

// The earliest and the latest time that a run's record can hold, in the years 1677 and 2262.
var (
	earliest = time.Unix(0, math.MinInt64).UTC()
	latest   = time.Unix(0, math.MaxInt64).UTC()
)

// atOnce is the Wake of a run that is to be cancelled. It is before every clock.
var atOnce = time.Unix(0, 0).UTC()

// storable returns the nearest time that fits into nanoseconds since 1970, in UTC. The zero time,
// which means none, stays as it is.
func storable(t time.Time) time.Time {
	switch {
	case t.IsZero():
		return time.Time{}
	case t.Before(earliest):
		return earliest
	case t.After(latest):
		return latest
	}
	return t.Round(0).UTC()
}

// instant returns a time as the database stores it.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return storable(t).UnixNano()
}

// fromInstant returns the time that the database stores.
func fromInstant(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.Unix(0, *n).UTC()
}
