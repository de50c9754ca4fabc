package schema

import (
	"strings"
	"time"
)

const durationWords = `^(([0-9]+(\.[0-9]+)?) *([a-zA-Z]+)[ ,]*)+$`

const durationWord = `([0-9]+(?:\.[0-9]+)?) *([a-zA-Z]+)`

const isoDuration = `^PT?([0-9.]+[A-Z]T?)+$`

const clockDuration = `^([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])$`

// units are the words for units that other tools and people use.
var units = map[string]string{
	"ms": "ms", "millisecond": "ms", "milliseconds": "ms", "msec": "ms",
	"s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
	"m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
	"d": "d", "day": "d", "days": "d",
}

// DurationOfWords returns the duration that a text such as "5 minutes", "1 hour 30 min", "00:05:00" or the
// "PT5M" of ISO 8601 means, in the form that ParseDuration reads. It returns "" if the meaning is
// not certain.
func DurationOfWords(text string) string {
	text = strings.TrimSpace(text)
	if expressionOf(isoDuration).MatchString(text) && !strings.ContainsAny(text, "YW") {
		date, clock, _ := strings.Cut(text[1:], "T")
		if strings.Contains(date, "M") { // months
			return ""
		}
		text = strings.ToLower(date + clock)
	}
	if parts := expressionOf(clockDuration).FindStringSubmatch(text); parts != nil {
		text = ""
		for i, unit := range []string{"h", "m", "s"} {
			if number := strings.TrimLeft(parts[i+1], "0"); number != "" {
				text += number + unit
			}
		}
	}
	if !expressionOf(durationWords).MatchString(text) {
		return ""
	}
	var b strings.Builder
	for _, part := range expressionOf(durationWord).FindAllStringSubmatch(text, -1) {
		unit := units[strings.ToLower(part[2])]
		if unit == "" || part[2] == "M" {
			return ""
		}
		b.WriteString(part[1] + unit)
	}
	if d, err := ParseDuration(b.String()); err != nil || d <= time.Duration(0) {
		return ""
	}
	return b.String()
}
