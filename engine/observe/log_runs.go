package observe

import (
	"context"
	"log/slog"

	"errand/engine"
	"errand/engine/schema"
)

// LogRuns returns an observer that logs what runs do: at the level info what a person who looks after
// the service wants to know, from warn on what may need one, and at debug the steps.
func LogRuns(log *slog.Logger) Observer {
	return func(o Observed) {
		level, message := wordsOf(o.Event)
		if o.Event.Again || message == "" || !log.Enabled(context.Background(), level) {
			return
		}
		log.LogAttrs(context.Background(), level, message, attributesOf(o)...)
	}
}

// wordsOf returns how an event is logged; "" means not at all.
func wordsOf(e engine.Event) (slog.Level, string) {
	switch e.Kind {
	case engine.EventRunStarted:
		return slog.LevelInfo, "a run started"
	case engine.EventRunEnded:
		if e.Status == engine.Failed {
			return slog.LevelWarn, "a run failed"
		}
		return slog.LevelInfo, "a run ended"
	case engine.EventRunResumed:
		return slog.LevelInfo, "a run goes on"
	case engine.EventRunStopped:
		return slog.LevelInfo, "a run was stopped"
	case engine.EventRunRetried:
		return slog.LevelInfo, "a run is retried"
	case engine.EventRunAdopted:
		return slog.LevelInfo, "a run was adopted"
	case engine.EventStepUncertain:
		return slog.LevelError, "a step is uncertain, and a person must say what became of it"
	case engine.EventStepAsks:
		return slog.LevelInfo, "a step waits for a person"
	case engine.EventStepDecided:
		return slog.LevelInfo, "a step was decided"
	case engine.EventStepRetries:
		return slog.LevelWarn, "a step is tried again"
	case engine.EventStepInterrupted:
		return slog.LevelWarn, "a step was interrupted"
	case engine.EventStepFailed:
		return slog.LevelWarn, "a step failed"
	case engine.EventStepWaits:
		if e.For == engine.WaitTrouble {
			return slog.LevelError, "a step waits for a person to mend this machine"
		}
		return slog.LevelDebug, "a step waits"
	case engine.EventStepStarted:
		return slog.LevelDebug, "a step started"
	case engine.EventStepSucceeded:
		return slog.LevelDebug, "a step succeeded"
	}
	return slog.LevelDebug, ""
}

// attributesOf returns what is logged about an event. Inputs and outputs are not: they may be
// confidential, and the run has them.
func attributesOf(o Observed) []slog.Attr {
	e := o.Event
	all := []slog.Attr{slog.String("run", e.Run)}
	add := func(key, value string) {
		if value != "" {
			all = append(all, slog.String(key, value))
		}
	}
	add("workflow", o.Run.Workflow)
	add("request", o.Run.Request)
	add("step", e.Step)
	add("task", e.Task)
	add("status", string(e.Status))
	if e.Attempt > 0 {
		all = append(all, slog.Int("attempt", e.Attempt))
	}
	if e.Wait > 0 {
		add("wait", schema.FormatDuration(e.Wait))
	}
	add("for", string(e.For))
	add("verdict", string(e.Verdict))
	add("by", e.By.Name)
	add("process", e.Process)
	if e.Before != nil {
		add("before", e.Before.String())
	}
	if e.Failure != nil {
		add("failed_step", e.Cause)
		add("code", e.Failure.Code)
		add("error", e.Failure.Message)
	}
	return all
}
