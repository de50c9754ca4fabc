package metrics

import (
	"errand/engine"
	"errand/engine/observe"
)

// The outcomes of an attempt.
const (
	attemptSucceeded = "succeeded"
	attemptRetried   = "retried" // it failed, and the engine tries again
	attemptFailed    = "failed"
	attemptUnknown   = "unknown" // it may have taken effect
)

// Observe is an observe.Observer: it counts what happens in runs. What an earlier process has
// counted is left out.
func (m *Metrics) Observe(o observe.Observed) {
	e := o.Event
	if e.Again {
		return
	}
	switch e.Kind {
	case engine.EventRunStarted:
		m.started.Inc()
	case engine.EventRunEnded:
		m.ended.WithLabelValues(m.labels.workflow(o.Run.Workflow), string(e.Status)).Inc()
		if !o.Run.Began.IsZero() {
			m.duration.Observe(e.At.Sub(o.Run.Began).Seconds())
		}
	default:
		if outcome := outcomeOf(e); outcome != "" && e.Task != "" {
			m.attempts.WithLabelValues(m.labels.task(e.Task), outcome).Inc()
		}
	}
}

// outcomeOf returns the outcome of the attempt that an event ends, or "".
func outcomeOf(e engine.Event) string {
	switch e.Kind {
	case engine.EventStepSucceeded:
		return attemptSucceeded
	case engine.EventStepFailed:
		return attemptFailed
	case engine.EventStepUncertain:
		return attemptUnknown
	case engine.EventStepRetries:
		switch {
		case e.Attempt == 0: // a look that failed is no attempt
			return ""
		case e.Failure != nil && e.Failure.Unknown:
			return attemptUnknown
		}
		return attemptRetried
	}
	return ""
}
