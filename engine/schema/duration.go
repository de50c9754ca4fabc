package schema

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const durationShape = `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`

// ParseDuration reads a duration with units: ms, s, m and h, the larger first and each at most once, such as "300ms", "90s",
// "2m" and "1h30m". It is never negative.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if !expressionOf(durationShape).MatchString(text) {
		return 0, errors.New("is not a duration; write a number with a unit, such as 300ms, 90s, 2m or 1h30m")
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("is not a duration that can be counted: at most %s", FormatDuration(1<<63-1))
	}
	return d, nil
}

// FormatDuration writes a duration in its canonical form, which ParseDuration reads: "2m", "1h30m", "1m30s", "1.5s", "300ms".
// What is below a millisecond is a fraction of one. A negative duration has a minus in front.
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
