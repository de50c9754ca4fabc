package schema

import "testing"

func TestDurationOfWords(t *testing.T) {
	cases := []struct{ text, want string }{
		{"5 minutes", "5m"},
		{"1 hour", "1h"},
		{"10sec", "10s"},
		{"1 hour 30 minutes", "1h30m"},
		{"1 hr, 30 min", "1h30m"},
		{"2 Days", "2d"},
		{"1.5 hours", "1.5h"},
		{"PT5M", "5m"},
		{"00:05:00", "5m"},
		{"1:30:05", "1h30m5s"},
		{"00:00:00", ""},
		{"05:30", ""}, // of hours or of minutes
		{"00:75:00", ""},
		{"PT1H30M", "1h30m"},
		{"P1DT2H", "1d2h"},
		{"P1M", ""}, // a month
		{"5M", ""},  // a month or a minute
		{"5 parsecs", ""},
		{"2 weeks", ""},
		{"0 minutes", ""},
		{"minutes", ""},
		{"five minutes", ""},
		{"5", ""},
		{"", ""},
	}
	for _, c := range cases {
		if got := DurationOfWords(c.text); got != c.want {
			t.Errorf("DurationOfWords(%q) is %q, want %q", c.text, got, c.want)
		}
	}
}
