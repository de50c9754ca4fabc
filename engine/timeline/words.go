package timeline

import (
	"fmt"
	"strings"
	"time"

	"errand/engine"
)

// A phrasing words the spans of a run.
type phrasing struct {
	days bool   // times have a date
	key  string // the run's concurrency key
}

// of returns the words of a span.
func (p phrasing) of(s *span) string {
	text := p.beginning(s)
	if s.end == "" {
		return text
	}
	switch s.Kind {
	case Attempt:
		if s.Outcome != "" {
			return text + " " + s.end
		}
	case Group:
		if s.what == "" {
			return s.end
		}
	}
	return text + "; " + s.end
}

// beginning returns the words of a span without what came of it.
func (p phrasing) beginning(s *span) string {
	ends := !s.Until.IsZero() && s.Open
	switch s.Kind {
	case Attempt:
		return p.attempt(s)
	case Poll:
		text := colon(looks(s.Looks), s.what)
		if ends {
			text += "; looks again at " + p.time(s.Until)
		}
		return text
	case Wait:
		if s.what != "" {
			return verb(s, "waits", "waited") + " " + s.what + until(ends, " until "+p.time(s.Until))
		}
		between := " until "
		if !s.Open && !s.To.Equal(s.Until) {
			between = ", and not just until "
			if s.To.Before(s.Until) {
				between = " of the time until "
			}
		}
		return verb(s, "waits", "waited "+p.duration(s)) + until(!s.Until.IsZero(), between+p.time(s.Until))
	case RetryWait:
		return verb(s, "waits", "waited "+p.duration(s)) + until(ends, " until "+p.time(s.Until)) + fmt.Sprintf(" before attempt %d", s.Attempt)
	case EvidenceWait:
		return verb(s, "looks", "looked") + fmt.Sprintf(" whether attempt %d took effect", s.Attempt) + until(ends, "; the next look is at "+p.time(s.Until))
	case Question:
		return p.question(s)
	case Turn:
		text := verb(s, "waits", "waited "+p.duration(s)) + " for its turn"
		if p.key != "" {
			text += fmt.Sprintf(" with the concurrency key %q", p.key)
		}
		return text + until(s.what != "", "; "+s.what)
	case Trouble:
		return colon(verb(s, "waits", "waited")+" until this machine is mended", s.what)
	}
	switch {
	case s.end == "" && s.what == "":
		return verb(s, "goes on", "went on")
	case s.end == "":
		return s.what + verb(s, "; goes on", "")
	}
	return s.what
}

func (p phrasing) attempt(s *span) string {
	text := fmt.Sprintf("attempt %d", s.Attempt)
	switch {
	case s.Open:
		return text + " has not ended"
	case s.Outcome == CutOff:
		return text + " was cut off: the process ended during it"
	case s.end == "":
		return text + " was not done yet"
	case s.Outcome == Cancelled:
		return text + " was"
	}
	return text
}

func (p phrasing) question(s *span) string {
	limit := ""
	if !s.Until.IsZero() {
		limit = " until " + p.time(s.Until) + " at the latest"
	}
	if s.what == "" {
		return verb(s, "waits", "waited") + " for a person to say whether the step took effect" + limit
	}
	return verb(s, "asks", "asked") + " “" + s.what + "” and " + verb(s, "waits", "waited") + " for approval" + limit
}

// verb returns the first text if a span is open, and the second otherwise.
func verb(s *span, now, then string) string {
	if s.Open {
		return now
	}
	return then
}

// until returns a text if something holds.
func until(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}

// time returns a time in words.
func (p phrasing) time(t time.Time) string {
	layout := "15:04:05"
	if p.days {
		layout = "2006-01-02 15:04:05"
	}
	return t.UTC().Format(layout) + " UTC"
}

func (p phrasing) duration(s *span) string { return inWords(s.To.Sub(s.From)) }

func looks(n int) string {
	if n <= 1 {
		return "looked once"
	}
	return fmt.Sprintf("looked %d times", n)
}

// inWords returns a duration with the one or two units that matter, such as "3 days 4 h".
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day:
		text := fmt.Sprintf("%d days", d/day)
		if d < 2*day {
			text = "1 day"
		}
		return text + more(d%day/time.Hour, " h")
	case d >= time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour) + more(d%time.Hour/time.Minute, " min")
	case d >= time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute) + more(d%time.Minute/time.Second, " s")
	case d >= 10*time.Second:
		return fmt.Sprintf("%d s", d/time.Second)
	case d >= time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Truncate(time.Second/10).Seconds()), ".0") + " s"
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}

// inRoundWords returns a duration with one unit.
func inRoundWords(d time.Duration) string {
	for _, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		if d >= unit {
			return inWords(d.Round(unit))
		}
	}
	return inWords(d)
}

func more(n time.Duration, unit string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %d%s", n, unit)
}

// verdict returns what a person decided, or that nobody did.
func (r *row) verdict(e engine.Event) string {
	by := e.By.String()
	text := engine.Decision{Verdict: e.Verdict, By: e.By}.String()
	switch e.Verdict {
	case engine.VerdictApprove:
		text = "approved by " + by
	case engine.VerdictReject:
		text = "rejected by " + by
	case engine.VerdictExpired:
		text = "nobody decided in time"
	case engine.VerdictDone:
		text = by + " says that it did"
	case engine.VerdictRetry:
		text = by + " says that it did not, so it is tried again"
	case engine.VerdictFail:
		text = by + " says that it has failed"
	}
	for _, d := range r.b.result(r.Key).Decisions {
		if d.Verdict == e.Verdict && d.At.Equal(e.At) && d.Comment != "" {
			text += ": " + d.Comment
		}
	}
	return text
}

// wholeText returns what the whole run waits for.
func wholeText(w engine.Wait) string {
	switch w.For {
	case engine.WaitTurn:
		if w.Run != "" {
			return w.Run + " has the turn"
		}
		return ""
	case engine.WaitTrouble:
		return w.Reason
	case engine.WaitAdoption:
		return "for a person who adopts the run in this home"
	case engine.WaitProcess:
		return "for a process that carries the run on"
	case engine.WaitPerson:
		return "for a person who resumes the run"
	}
	return colon("for "+string(w.For), w.Reason)
}
