package timeline

import "time"

// A tick is a labelled time of an axis.
type tick struct {
	x            float64
	date, time   string // date is "" if it is that of the tick before
	dateX, timeX float64
}

// steps are the distances of ticks.
var steps = []time.Duration{
	10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 28 * 24 * time.Hour, 91 * 24 * time.Hour, 365 * 24 * time.Hour,
}

const (
	tickRoom = 84.0 // from a tick to the next one, at least
	tickGap  = 8.0  // between two labels
	tickPad  = 3.0  // between a line and its label
)

// ticks returns the ticks of an axis: the beginning of each stretch without breaks, and round times
// in it. Their labels stand at the right of their lines, or at the left if there is no room, and do
// not overlap.
func (a axis) ticks(right float64) []tick {
	var all []tick
	date, free, freeDate := "", a.x[0], a.x[0]
	// at returns the place of a label and whether it fits there
	at := func(x, free float64, text string) (float64, bool) {
		w := width(text)
		if x += tickPad; x+w > right {
			x -= 2*tickPad + w
		}
		return x, x >= free
	}
	add := func(t time.Time, layout string) {
		t = t.UTC()
		k := tick{x: a.place(t), time: t.Format(layout)}
		day, fits := t.Format(time.DateOnly), true
		if day != date {
			k.date = day
			if date == "" {
				k.date += " UTC"
			}
			k.dateX, fits = at(k.x, freeDate, k.date)
		}
		x, timeFits := at(k.x, free, k.time)
		if k.timeX = x; !fits || !timeFits || k.x < free {
			return
		}
		free = max(k.x, k.timeX+width(k.time)+tickGap)
		if k.date != "" {
			date, freeDate = day, max(k.x, k.dateX+width(k.date)+tickGap)
		}
		all = append(all, k)
	}
	if a.breaks[0] {
		add(a.at[0], time.TimeOnly)
	}
	for i := 0; i < len(a.breaks); i++ {
		if a.breaks[i] {
			if i+1 == len(a.breaks) || a.breaks[i+1] {
				add(a.at[i+1], time.TimeOnly)
			}
			continue
		}
		first := i
		for i+1 < len(a.breaks) && !a.breaks[i+1] {
			i++
		}
		a.stretch(first, i+1, add)
	}
	return all
}

// stretch adds the ticks of the pieces between two instants.
func (a axis) stretch(first, last int, add func(t time.Time, layout string)) {
	from, to := a.at[first], a.at[last]
	long := to.Sub(from)
	exact, round := time.TimeOnly, time.TimeOnly
	step := steps[len(steps)-1]
	for _, s := range steps {
		if float64(s)/float64(long)*(a.x[last]-a.x[first]) >= tickRoom {
			step = s
			break
		}
	}
	switch {
	case step < time.Second:
		exact, round = "15:04:05.000", "15:04:05.000"
	case step >= time.Minute:
		round = "15:04"
	}
	add(from, exact)
	if float64(long)/float64(step) > (a.x[last]-a.x[first])/tickRoom+2 {
		return // longer than the longest step is for
	}
	for t := from.Truncate(step).Add(step); t.Before(to); t = t.Add(step) {
		add(t, round)
	}
}
