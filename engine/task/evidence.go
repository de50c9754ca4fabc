package task

import "time"

// EvidenceDelay is how long a system may take by default until it shows what a request did. A
// request whose sender has given up, or has died, may still be carried out meanwhile. The delay is
// longer than the time-out of any request.
const EvidenceDelay = 90 * time.Second

// looked is the note of a call after the first look, which found nothing.
const looked = "looked once"

// LookFor answers a call of an Evident type that has Recover. Such a call sends nothing: it finds
// out whether the attempt at Call.Sent took effect. look reports whether there is evidence, and
// returns the step's output if there is.
//
// LookFor looks when delay has passed since the attempt, and once more a sixth of the delay later.
// Only if neither look finds anything, the Again that it returns is Absent. A failure of a look
// leaves the outcome unknown.
func LookFor[Out any](c Call, delay time.Duration, look func() (out Out, found bool, err error)) (Out, error) {
	var none Out
	if early := c.Sent.Add(delay).Sub(c.Now); early > 0 && !c.Sent.IsZero() {
		return none, &Again{After: early, Note: c.Note}
	}
	out, found, err := look()
	switch {
	case err != nil:
		return none, AsUnknown(err)
	case found:
		return out, nil
	case c.Note != looked:
		return none, &Again{After: delay / 6, Note: looked}
	}
	return none, &Again{Absent: true}
}
