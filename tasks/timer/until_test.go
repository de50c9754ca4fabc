package timer

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestUntil(t *testing.T) {
	const berlin = `,"zone":"Europe/Berlin"`
	cases := []struct{ name, input, started, due string }{
		{"later today, in UTC", `"at":"18:00"`, "2026-03-02T10:00:00Z", "2026-03-02T18:00:00Z"},
		{"with its own offset: UTC", `"at":"2026-03-05T18:00:00Z"` + berlin, "2026-03-02T10:00:00Z", "2026-03-05T18:00:00Z"},
		{"with its own offset, and a blank", `"at":"2026-03-05 18:00:00.000-07:00"`, "2026-03-02T10:00:00Z", "2026-03-06T01:00:00Z"},
		{"with its own offset, in the past", `"at":"2026-03-01T18:00:00+01:00"`, "2026-03-02T10:00:00Z", "2026-03-01T17:00:00Z"},
		{"with seconds", `"at":"18:00:30"`, "2026-03-02T10:00:00Z", "2026-03-02T18:00:30Z"},
		{"now", `"at":"18:00"`, "2026-03-02T18:00:00Z", "2026-03-02T18:00:00Z"},
		{"it has just passed: tomorrow", `"at":"18:00"`, "2026-03-02T18:00:01Z", "2026-03-03T18:00:00Z"},
		{"in winter", `"at":"18:00"` + berlin, "2026-03-02T10:00:00Z", "2026-03-02T17:00:00Z"},
		{"in summer", `"at":"18:00"` + berlin, "2026-07-01T10:00:00Z", "2026-07-01T16:00:00Z"},
		{"today is already tomorrow there", `"at":"08:00","zone":"Pacific/Auckland"`, "2026-06-30T14:00:00Z", "2026-06-30T20:00:00Z"},
		{"on a day of the week: Friday to Monday", `"at":"18:00","days":["mon","tue"]` + berlin, "2026-03-06T17:00:01Z", "2026-03-09T17:00:00Z"},
		{"today is such a day", `"at":"18:00","days":["fri"]` + berlin, "2026-03-06T16:00:00Z", "2026-03-06T17:00:00Z"},
		{"today was such a day: in a week", `"at":"18:00","days":["fri"]` + berlin, "2026-03-06T17:00:01Z", "2026-03-13T17:00:00Z"},
		{"the day of the zone counts, not that of UTC", `"at":"01:00","days":["sat"]` + berlin, "2026-03-06T10:00:00Z", "2026-03-07T00:00:00Z"},
		{"no days are all days", `"at":"18:00","days":[]`, "2026-03-07T10:00:00Z", "2026-03-07T18:00:00Z"},
		{"the day before the clocks go forward", `"at":"18:00"` + berlin, "2026-03-28T17:30:00Z", "2026-03-29T16:00:00Z"},
		{"a time that is skipped", `"at":"02:30"` + berlin, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"after a time that is skipped: the next day", `"at":"02:30"` + berlin, "2026-03-29T01:00:01Z", "2026-03-30T00:30:00Z"},
		{"a time that occurs twice: the first", `"at":"02:30"` + berlin, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"between the two: the next day", `"at":"02:30"` + berlin, "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z"},
		{"a skipped midnight", `"at":"00:00","zone":"Asia/Beirut"`, "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z"},
		{"clocks that change by half an hour", `"at":"02:15","zone":"Australia/Lord_Howe"`, "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z"},
		{"a whole day that is skipped", `"at":"18:00","zone":"Pacific/Apia"`, "2011-12-30T05:00:00Z", "2011-12-30T10:00:00Z"},
		{"a date", `"at":"2026-12-24 18:00"` + berlin, "2026-03-02T10:00:00Z", "2026-12-24T17:00:00Z"},
		{"a date with a T", `"at":"2026-07-24T18:00:00"` + berlin, "2026-03-02T10:00:00Z", "2026-07-24T16:00:00Z"},
		{"a date that has passed", `"at":"2026-01-01 00:00"`, "2026-03-02T10:00:00Z", "2026-01-01T00:00:00Z"},
		{"a date that is skipped in part", `"at":"2026-03-29 02:30"` + berlin, "2026-03-02T10:00:00Z", "2026-03-29T01:00:00Z"},
		{"a date that occurs twice", `"at":"2026-10-25 02:30"` + berlin, "2026-03-02T10:00:00Z", "2026-10-25T00:30:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			started, due := at(t, c.started), at(t, c.due)
			call := task.Call{Input: json.RawMessage("{" + c.input + "}"), Started: started, Now: started}
			if left := due.Sub(started); left > 0 {
				reply := until().Run(t.Context(), call)
				if reply.Again == nil || reply.Again.After != left {
					t.Fatalf("got %+v (%s), want again after %s", reply.Again, reply.Failure, left)
				}
				call.Now = due.Add(-time.Second)
				if reply := until().Run(t.Context(), call); reply.Again == nil || reply.Again.After != time.Second {
					t.Errorf("got %+v a second before it", reply)
				}
				call.Now = due.Add(30 * time.Hour) // late
			}
			var out untilOutput
			reply := until().Run(t.Context(), call)
			if err := json.Unmarshal(reply.Output, &out); err != nil || out.FiredAt != c.due {
				t.Errorf("got %s (%v, %v), want fired_at %s", reply.Output, reply.Failure, err, c.due)
			}
		})
	}
}

// Every time of day comes once a day, and no day is left out, whatever the clocks do.
func TestUntilFiresOnceADay(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut"} {
		for _, clock := range []string{"00:00", "00:30", "02:00", "02:30", "03:00", "23:59"} {
			in := untilInput{At: clock, Zone: zone}
			from := at(t, "2026-01-01T12:00:00Z")
			for n := range 365 {
				due := in.due(from)
				if due.Before(from) || due.Sub(from) > 26*time.Hour {
					t.Fatalf("%s in %s, day %d: %s is due after %s", clock, zone, n, due, from)
				}
				if next := due.Sub(from); n > 0 && next < 22*time.Hour {
					t.Fatalf("%s in %s, day %d: due again after %s", clock, zone, n, next)
				}
				from = due.Add(time.Nanosecond)
			}
		}
	}
}

func TestUntilRefuses(t *testing.T) {
	for input, want := range map[string]string{
		`"at":"6pm"`:                             "expected a time such as 18:00",
		`"at":"2026-02-30 18:00"`:                "there is no such date",
		`"at":"18:00","zone":"Berlin"`:           "there is no such time zone",
		`"at":"18:00","zone":"Local"`:            "there is no such time zone",
		`"at":"18:00","zone":"../etc/passwd"`:    "there is no such time zone",
		`"at":"2026-12-24 18:00","days":["mon"]`: "at has a date",
	} {
		reply := until().Run(t.Context(), task.Call{Input: json.RawMessage("{" + input + "}"), Now: at(t, "2026-03-02T10:00:00Z"), Started: at(t, "2026-03-02T10:00:00Z")})
		if reply.Failure == nil || reply.Failure.Code != task.CodeInput || !strings.Contains(reply.Failure.Message, want) {
			t.Errorf("%s: got %+v, want %q", input, reply.Failure, want)
		}
	}
}

// The check finds a time or a day that no clock shows.
func TestUntilDeclaresItsValues(t *testing.T) {
	for input, good := range map[string]bool{
		`{"at":"18:00","days":["mon","sun"]}`: true, `{"at":"2026-12-24T18:00"}`: true, `{"at":"2026-12-24T18:00:00+01:00"}`: true,
		`{"at":"18:00Z"}`: false, `{"at":"2026-12-24T18:00:00+24:00"}`: false,
		`{"at":"24:00"}`: false, `{"at":"18"}`: false, `{"at":"18:00","days":["monday"]}`: false,
	} {
		_, err := until().Input.Decode([]byte(input))
		if refused := until().Refuse([]byte(input)); (err == nil && refused == nil) != good {
			t.Errorf("%s: %v, %v", input, err, refused)
		}
	}
}
