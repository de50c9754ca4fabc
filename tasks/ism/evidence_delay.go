package ism

import (
	"errors"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// shortestSafe is the shortest evidence delay without a warning: twice the time-out of a request.
const shortestSafe = 2 * requestTimeout

// parseEvidenceDelay returns the duration of a text. No text means task.EvidenceDelay.
func parseEvidenceDelay(text string) (time.Duration, error) {
	if text == "" {
		return task.EvidenceDelay, nil
	}
	delay, err := schema.ParseDuration(text)
	if err != nil || delay < 0 {
		return 0, errors.New("is " + schema.Show(text) + ", not a duration; write it like 90s or 2m")
	}
	return delay, nil
}

// checkEvidenceDelay warns of a delay in which a slow request may not have taken effect.
func checkEvidenceDelay(delay time.Duration) []task.Check {
	if delay >= shortestSafe {
		return nil
	}
	return []task.Check{{
		Parameter: evidence, OK: true, Warning: true,
		Message: "is " + schema.FormatDuration(delay) + "; a request that takes effect later than that is sent twice; " +
			schema.FormatDuration(shortestSafe) + " or more is safe",
	}}
}
