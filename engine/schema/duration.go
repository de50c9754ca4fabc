package schema

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const durationShape = `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`

// ParseDuration parses a duration with the units h, m, s and ms, from the larger to the smaller and
// each at most once, such as "300ms", "90s", "2m" and "1h30m". The result is never negative.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if !expressionOf(durationShape).MatchString(text) {
		return 0, errors.New("is not a duration; write a number with a unit, such as 300ms, 90s, 2m or 1h30m")
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("is too long for a duration; at most %s is allowed", FormatDuration(1<<63-1))
	}
	return d, nil
}

// FormatDuration returns a duration in its canonical form, which ParseDuration parses: "2m",
// "1h30m", "1m30s", "1.5s", "300ms". Microseconds and nanoseconds are a fraction of a millisecond.
// A negative duration begins with a minus.
func FormatDuration(d time.Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d == -1<<63:
		return "-" + FormatDuration(1<<63-1)
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
