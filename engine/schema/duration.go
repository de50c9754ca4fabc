package schema

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// DurationPattern is the regular expression that every duration matches, except "0".
const DurationPattern = `^([0-9]+(\.[0-9]+)?(d|h|m|s|ms))+$`

// DurationExamples shows how to write a duration, for a message.
const DurationExamples = "300ms, 90s, 2m, 1h30m or 2d"

const (
	durationPart    = `[0-9.]+[a-z]+`
	longestDuration = time.Duration(1<<63 - 1)
)

// ParseDuration parses a sum of numbers with the units d, h, m, s and ms, such as "300ms", "90s",
// "1h30m" and "2d". A day has 24 hours. The result is never negative.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if !expressionOf(DurationPattern).MatchString(text) {
		return 0, errors.New("is not a duration; write a number with a unit, such as " + DurationExamples)
	}
	sum := time.Duration(0)
	for _, part := range expressionOf(durationPart).FindAllString(text, -1) {
		times := time.Duration(1)
		if days, ok := strings.CutSuffix(part, "d"); ok {
			part, times = days+"h", 24
		}
		d, err := time.ParseDuration(part)
		if err != nil || d > (longestDuration-sum)/times {
			return 0, fmt.Errorf("is too long for a duration; at most %s is allowed", FormatDuration(longestDuration))
		}
		sum += d * times
	}
	return sum, nil
}

// FormatDuration returns a duration in its canonical form, which ParseDuration parses: "2m",
// "1h30m", "1m30s", "1.5s", "300ms", "48h". Microseconds and nanoseconds are a fraction of a
// millisecond. A negative duration begins with a minus. Days are hours: the form is part of the
// calls on record, so it must not change.
func FormatDuration(d time.Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d == -1<<63:
		return "-" + FormatDuration(longestDuration)
	case d < 0:
		return "-" + FormatDuration(-d)
	case d < time.Second:
		return trimFraction(fmt.Sprintf("%.6f", float64(d)/float64(time.Millisecond))) + "ms"
	}
	var b strings.Builder
	if h := d / time.Hour; h > 0 {
		fmt.Fprintf(&b, "%dh", h)
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		fmt.Fprintf(&b, "%dm", m)
	}
	if rest := d % time.Minute; rest > 0 {
		b.WriteString(trimFraction(fmt.Sprintf("%d.%09d", rest/time.Second, rest%time.Second)) + "s")
	}
	return b.String()
}

func trimFraction(s string) string { return strings.TrimRight(strings.TrimRight(s, "0"), ".") }
