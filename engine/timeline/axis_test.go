package timeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// An axis keeps the order of times, uses its whole width, and breaks only what dwarfs the rest.
func TestAxis(t *testing.T) {
	for _, test := range []struct {
		name   string
		pieces []time.Duration
		breaks []bool
	}{
		{"one time", nil, []bool{false}},
		{"one piece", []time.Duration{time.Hour}, []bool{false}},
		{"similar pieces", []time.Duration{time.Hour, 20 * time.Minute, 2 * time.Hour}, []bool{false, false, false}},
		{"three days between seconds", []time.Duration{time.Second, 72 * time.Hour, 2 * time.Second}, []bool{false, true, false}},
		{"hours and days between seconds", []time.Duration{time.Second, 72 * time.Hour, 2 * time.Second, time.Hour, time.Second}, []bool{false, true, false, true, false}},
		{"a short wait between moments", []time.Duration{time.Millisecond, time.Minute, time.Millisecond}, []bool{false, false, false}},
		{"many similar waits", slices.Repeat([]time.Duration{time.Second, time.Hour}, 20), slices.Repeat([]bool{false}, 40)},
	} {
		at := []time.Time{start}
		for _, d := range test.pieces {
			at = append(at, at[len(at)-1].Add(d))
		}
		a := newAxis(at, plotLeft, plotRight)
		if !slices.Equal(a.breaks, test.breaks) {
			t.Errorf("%s: the breaks are %v, want %v", test.name, a.breaks, test.breaks)
		}
		checkAxis(t, a)
	}
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 2))
		at := []time.Time{start}
		for range random.IntN(40) {
			at = append(at, start.Add(time.Duration(random.Int64N(1<<(10+random.IntN(50))))))
		}
		checkAxis(t, newAxis(at, plotLeft, plotRight))
	}
}

func checkAxis(t *testing.T, a axis) {
	t.Helper()
	if a.x[0] != plotLeft || a.x[len(a.x)-1] != plotRight {
		t.Fatalf("the axis goes from %v to %v", a.x[0], a.x[len(a.x)-1])
	}
	for i := 1; i < len(a.x); i++ {
		half := a.place(a.at[i-1].Add(a.at[i].Sub(a.at[i-1]) / 2))
		if a.x[i]-a.x[i-1] < 1 || half < a.x[i-1] || half > a.x[i] {
			t.Fatalf("%v is at %v, and %v is at %v", a.at[i-1], a.x[i-1], a.at[i], a.x[i])
		}
	}
	free := 0.0
	for _, k := range a.ticks(pictureWidth) {
		if k.timeX < free || k.timeX+width(k.time) > pictureWidth {
			t.Fatalf("the label %q is at %v", k.time, k.timeX)
		}
		free = k.timeX + width(k.time)
	}
}

func TestDurationsInWords(t *testing.T) {
	for _, test := range []struct {
		d           time.Duration
		full, round string
	}{
		{0, "0 ms", "0 ms"},
		{1500 * time.Microsecond, "1 ms", "1 ms"},
		{1999 * time.Millisecond, "1.9 s", "1.9 s"},
		{59 * time.Second, "59 s", "59 s"},
		{39*time.Minute + 58*time.Second, "39 min 58 s", "40 min"},
		{time.Hour, "1 h", "1 h"},
		{23*time.Hour + 59*time.Minute, "23 h 59 min", "1 day"},
		{24 * time.Hour, "1 day", "1 day"},
		{75 * time.Hour, "3 days 3 h", "3 days"},
	} {
		if full, round := inWords(test.d), inRoundWords(test.d); full != test.full || round != test.round {
			t.Errorf("%v is %q and %q, want %q and %q", test.d, full, round, test.full, test.round)
		}
	}
}
