package cmd

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/schema"
	"errand/engine/task"
)

// A finding is the result of one check.
type finding struct {
	What    string `json:"what"`
	OK      bool   `json:"ok"`
	Warning bool   `json:"warning,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	code    int
}

// examineOpened checks an open home, its journal and the clock.
func examineOpened(ctx context.Context, o *opened) []finding {
	found := []finding{homeMode(o.Folder)}
	err := o.Check(ctx)
	if ctx.Err() != nil {
		return append(found, finding{What: "journal", OK: true, Warning: true, Message: "it was not read to its end, because that takes long", Hint: "errand doctor"})
	}
	if err != nil {
		f := errorFinding("journal", runExit(err, ""))
		f.Hint = "stop all processes that use the home, copy the home, then recover the journal: sqlite3 journal.db .recover"
		return append(found, f)
	}
	if o.vocabulary != nil {
		return append(found, examineElsewhere(ctx, o)...)
	}
	runs, err := o.List(ctx, engine.Query{})
	if err != nil {
		return append(found, errorFinding("journal", runExit(err, "")))
	}
	open, uncertain, idle := 0, 0, 0
	var newest time.Time
	for _, run := range runs {
		switch {
		case run.Status == engine.Uncertain:
			uncertain++
		case run.Ended.IsZero() && run.Due.IsZero() && run.Process == "":
			idle++
		case run.Ended.IsZero():
			open++
		}
		if run.Started.After(newest) {
			newest = run.Started
		}
	}
	found = append(found, finding{
		What: "journal", OK: true,
		Message: fmt.Sprintf("intact; %d runs: %d open, %d uncertain, %d stopped or waiting for a person", len(runs), open, uncertain, idle),
	})
	found = append(found, examineOrigin(ctx, o))
	if uncertain > 0 {
		found = append(found, uncertainRuns(uncertain))
	}
	return append(found, clock(newest))
}

// examineSystem returns what the edition finds about the system that keeps the runs.
func (t *terminal) examineSystem(ctx context.Context, at *home.Home) (found []finding) {
	if t.vocabulary == nil || t.vocabulary.Examine == nil {
		return nil
	}
	for _, f := range t.vocabulary.Examine(ctx, at) {
		found = append(found, finding{f.What, f.OK, f.Warning, f.Message, f.Hint, f.Code})
	}
	return found
}

// examineElsewhere checks the open runs of a home whose journal does not have them. There may be any
// number of those that have ended.
func examineElsewhere(ctx context.Context, o *opened) []finding {
	found := []finding{{What: "journal", OK: true, Message: "intact; it has the tokens, the sessions, the pauses and the audit log"}}
	open, err := o.List(ctx, engine.Query{Open: true, Brief: true})
	if err != nil {
		return append(found, errorFinding("runs", runExit(err, "")))
	}
	uncertain, asking := 0, 0
	for _, run := range open {
		switch {
		case run.Status == engine.Uncertain:
			uncertain++
		case slices.ContainsFunc(run.Waits, func(w engine.Wait) bool { return w.For == engine.WaitPerson }):
			asking++
		}
	}
	found = append(found, finding{What: "runs", OK: true, Message: fmt.Sprintf("%d open, %d of them uncertain, %d waiting for a person", len(open), uncertain, asking)})
	if uncertain > 0 {
		found = append(found, uncertainRuns(uncertain))
	}
	return found
}

// uncertainRuns is the finding that runs are uncertain.
func uncertainRuns(n int) finding {
	return finding{What: "runs", Message: fmt.Sprintf("%d are uncertain", n), Hint: "errand runs list --status uncertain", code: ExitUncertain}
}

// homeMode reports whether other users can read or change the home. The journal holds the inputs and
// the outputs of runs.
func homeMode(folder string) finding {
	const what = "home"
	info, err := os.Stat(folder)
	if err != nil {
		return errorFinding(what, err)
	}
	mode := info.Mode().Perm()
	f := finding{What: what, Message: fmt.Sprintf("%s has mode %04o", folder, mode), Hint: "chmod 700 " + word(folder), code: ExitConfiguration}
	switch {
	case runtime.GOOS == "windows" || mode&0o077 == 0:
		return finding{What: what, OK: true, Message: folder}
	case mode&0o022 != 0:
		f.Message += ", so other users can put other files in the place of its journal and its credentials"
	default:
		f.OK, f.Warning = true, true
		f.Message += ", so other users can see which files it has"
	}
	return f
}

// examineOrigin reports whether the home is a copy, and whether Errand would notice a copy of it.
func examineOrigin(ctx context.Context, o *opened) finding {
	const what = "mark"
	if adopter, ok := o.Runner.(engine.Adopter); ok {
		is, err := adopter.IsCopy(ctx)
		if err != nil {
			return errorFinding(what, runExit(err, ""))
		}
		if is {
			return finding{What: what, Message: "the home is a copy of another one", Hint: howToAdopt, code: ExitUncertain}
		}
	}
	if !o.NoticesCopies() {
		return finding{
			What: what, OK: true,
			Message: "an older journal is noticed; a copy of the whole folder is not, because the file system does not say when a file was created",
		}
	}
	return finding{What: what, OK: true, Message: "copies of the home are noticed"}
}

// clock compares the clock with the journal, because a clock that is behind delays all waiting
// runs.
func clock(newest time.Time) finding {
	now := time.Now()
	if newest.After(now.Add(time.Minute)) {
		return finding{
			What: "clock", Message: fmt.Sprintf("the clock shows %s, but the newest run began at %s", shortTime(now), shortTime(newest)),
			Hint: "set the clock, for example with NTP; a clock that is behind delays waiting runs", code: ExitConfiguration,
		}
	}
	return finding{What: "clock", OK: true, Message: shortTime(now)}
}

// Differences of clocks. AWS refuses a request that was signed more than five minutes before or
// after its own time.
const (
	clockIsOff   = time.Minute
	clockIsWrong = 5 * time.Minute
)

// compareClocks returns a finding if the clock is ahead of a system's clock, or behind it, by more
// than clockIsOff.
func compareClocks(system string, ahead time.Duration) []finding {
	off := ahead.Abs().Round(time.Second)
	if off <= clockIsOff {
		return nil
	}
	side := "ahead of"
	if ahead < 0 {
		side = "behind"
	}
	return []finding{{
		What: "clock", OK: off <= clockIsWrong, Warning: true,
		Message: fmt.Sprintf("this machine's clock is %s %s the clock of %s", schema.FormatDuration(off), side, system),
		Hint:    "set the clock, for example with NTP; AWS refuses requests if it is off by more than five minutes", code: ExitConfiguration,
	}}
}

// examineCredentials tests every stored credential. For each connector without one, it tests what
// the environment provides.
func examineCredentials(ctx context.Context, s *credential.Store, registry *task.Registry) []finding {
	entries, err := s.List(ctx)
	if err != nil {
		return []finding{errorFinding("credentials", credentialExit(err))}
	}
	var found []finding
	if len(entries) > 0 {
		if _, err := s.Find(ctx, entries[0].Connector, entries[0].Name); err != nil {
			return []finding{errorFinding("key", credentialExit(err))}
		}
		found = append(found, finding{What: "key", OK: true, Message: "the key opens the credentials"})
	}
	stored := map[string]bool{}
	for _, e := range entries {
		stored[e.Connector+"/"+e.Name] = true
		if connector, ok := registry.Connector(e.Connector); ok {
			found = append(found, examine(ctx, connector, e.Name, "edit")...)
		}
	}
	for _, connector := range registry.Connectors() {
		if connector.IsUsedBySteps() && !stored[connector.Name+"/"+task.DefaultCredential] {
			found = append(found, examine(ctx, connector, task.DefaultCredential, "add")...)
		}
	}
	return found
}

// examine tests one credential. The test also shows whether the system can be reached. mend is the
// command that changes the credential: edit, or add if it is not stored.
func examine(ctx context.Context, connector task.Connector, name, mend string) []finding {
	what := fmt.Sprintf("%s, credential %s", connector.Name, name)
	ctx, systems := task.WatchClock(ctx)
	good, checks := home.Try(ctx, connector, name)
	var found []finding
	if ahead, known := systems.Ahead(); known {
		found = append(found, compareClocks(connector.Title, ahead)...)
	}
	if good {
		found = append(found, finding{What: what, OK: true, Message: fmt.Sprintf("tested; %d parameters are valid", len(checks))})
	}
	for _, check := range checks {
		if !check.OK || check.Warning {
			found = append(found, finding{
				What: what, OK: check.OK, Warning: check.Warning, Message: check.String(),
				Hint: "errand credentials " + mend + " " + connector.Name + " " + word(name), code: checkCode(check),
			})
		}
	}
	return found
}

// errorFinding returns the finding for an error.
func errorFinding(what string, err error) finding {
	f := finding{What: what, Message: err.Error(), code: ExitInternal}
	if exit, ok := err.(*Exit); ok { //nolint:errorlint // made here
		f.Message, f.Hint, f.code = exit.Message, exit.Hint, exit.Code
	}
	return f
}
