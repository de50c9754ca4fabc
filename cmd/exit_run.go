package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"errand/engine"
	"errand/engine/diag"
)

// A refusalWording is what the command line adds to a refusal: the exit code and a hint.
type refusalWording struct {
	code int
	hint func(r *engine.Refusal) string
}

// refusals lists the wording of each refusal.
var refusals = map[engine.RefusalCode]refusalWording{
	engine.RefusedNotFound:    {ExitNotFound, fixedHint("errand runs list shows the runs")},
	engine.RefusedConflict:    {ExitNotFound, otherInputs},
	engine.RefusedHeld:        {ExitLocked, runHint("errand runs show RUN shows how far the run is")},
	engine.RefusedBusy:        {ExitLocked, runHint("errand runs show RUN shows how far the run is")},
	engine.RefusedMoved:       {ExitLocked, fixedHint("try again")},
	engine.RefusedEnded:       {ExitNotFound, runHint("errand runs show RUN shows what the run did")},
	engine.RefusedNotEnded:    {ExitNotFound, runHint("errand runs resume RUN")},
	engine.RefusedSucceeded:   {ExitNotFound, fixedHint("errand run --help explains --again, which starts a new run")},
	engine.RefusedNothing:     {ExitNotFound, runHint("errand runs show RUN shows its status")},
	engine.RefusedNotAsked:    {ExitNotFound, howToAnswer},
	engine.RefusedDecided:     {ExitNotFound, runHint("errand runs show RUN shows the decision")},
	engine.RefusedLate:        {ExitNotFound, runHint("errand runs resume RUN continues the run as the workflow defines for an expired approval")},
	engine.RefusedVerdict:     {ExitNotFound, howToAnswer},
	engine.RefusedRequester:   {ExitNotFound, whoElseMayDecide},
	engine.RefusedPerson:      {ExitNotFound, whoMayDecide},
	engine.RefusedStep:        {ExitNotFound, reachedSteps},
	engine.RefusedFail:        {ExitNotFound, earlierSteps},
	engine.RefusedDefinition:  {ExitNotFound, fixedHint("the steps before --from must be unchanged; --from can name an earlier step")},
	engine.RefusedCopy:        {ExitUncertain, fixedHint(howToAdopt)},
	engine.RefusedIsolated:    {ExitUncertain, runHint("if no other home works on it, errand runs adopt RUN; errand runs adopt --all adopts all")},
	engine.RefusedNotIsolated: {ExitNotFound, runHint("errand runs show RUN shows what it waits for")},
	engine.RefusedElsewhere:   {ExitNotFound, fixedHint("read the worklogs of the request; --again starts a new run all the same")},
	engine.RefusedKey:         {ExitNotFound, fixedHint("errand show WORKFLOW shows the key; change the inputs that it reads")},
	engine.RefusedUnread:      {ExitUncertain, fixedHint("try again; --again starts a new run without looking")},
	engine.RefusedFull:        {ExitLocked, fixedHint("nothing was put on record; try again later; errand runs list --status waiting shows what waits")},
	engine.RefusedPruned:      {ExitNotFound, fixedHint("errand run --help explains --again, which starts a new run")},
	engine.RefusedLarge:       {ExitNotFound, smallerRun},
	engine.RefusedEvent:       {ExitNotFound, runHint("errand runs events RUN -o json lists the events with their ids")},
}

// A troubleWording is what the command line adds to a trouble. If the hint is empty, runExit adds
// how to continue.
type troubleWording struct {
	code int
	hint string
}

// troubles lists the wording of each trouble.
var troubles = map[engine.TroubleCode]troubleWording{
	engine.TroubleStore:   {ExitOutput, ""},
	engine.TroubleClosed:  {ExitConfiguration, "check the folder, which --home or ERRAND_HOME names, and its disk"},
	engine.TroubleLocked:  {ExitLocked, ""},
	engine.TroubleGone:    {ExitOutput, "the process does nothing more; if the folder was moved, its records moved with it"},
	engine.TroubleVersion: {ExitConfiguration, "use the newer errand, or another --home; nothing was changed"},
	engine.TroubleForeign: {ExitConfiguration, "name another folder with --home; nothing was changed"},
	engine.TroubleDamaged: {ExitInternal, "other runs are not affected"},

	engine.TroubleUnreachable: {ExitUnreachable, "check the address, and whether the server runs"},
	engine.TroubleSettings:    {ExitConfiguration, "check the flags of the connection, Temporal's variables and its profile file"},

	engine.TroubleCredential: {ExitCredentials, ""},
	engine.TroubleMachine:    {ExitOutput, ""},
}

// wordingOf returns the wording of a trouble.
func wordingOf(code engine.TroubleCode) troubleWording {
	if wording, known := troubles[code]; known {
		return wording
	}
	return troubleWording{ExitInternal, ""} // another runner may have codes of its own
}

// runExit converts an error of a runner to an Exit with a message and a hint. run is the run that
// the command is about; it may be empty.
func runExit(err error, run string) error {
	if exit, ok := errors.AsType[*Exit](err); ok {
		return exit
	}
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		wording, known := refusals[refusal.Code]
		if !known { // another runner may have codes of its own
			wording = refusalWording{ExitInternal, fixedHint("")}
		}
		return &refusalExit{&Exit{Code: wording.code, Message: refusal.Error(), Hint: wording.hint(refusal)}, refusal}
	}
	goOn := "errand runs list shows the runs that are on record"
	if run != "" {
		goOn = "errand runs resume " + run + " continues the run from what is on record"
	}
	if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
		wording := wordingOf(trouble.Code)
		return &Exit{Code: wording.code, Message: trouble.Error(), Hint: cmp.Or(trouble.Hint, wording.hint, goOn)}
	}
	return &Exit{Code: ExitInternal, Message: err.Error(), Hint: goOn}
}

// A refusalExit is the Exit for a refusal. It has the refusal too, because a command may go on
// after it.
type refusalExit struct {
	*Exit
	refusal *engine.Refusal
}

// Unwrap returns the Exit and the refusal.
func (r *refusalExit) Unwrap() []error { return []error{r.Exit, r.refusal} }

// smallerRun returns the hint for a run that is too large to begin or to go on.
func smallerRun(r *engine.Refusal) string {
	if r.Status == "" {
		return "nothing was put on record; pass large values by name or address"
	}
	return "errand run --help explains --again, which starts a new run"
}

// fixedHint returns a hint that is the same for every run.
func fixedHint(hint string) func(*engine.Refusal) string {
	return func(*engine.Refusal) string { return hint }
}

// runHint returns a hint in which RUN is replaced by the id of the run.
func runHint(hint string) func(*engine.Refusal) string {
	return func(r *engine.Refusal) string { return strings.ReplaceAll(hint, "RUN", r.Run) }
}

// otherInputs returns what to do about a run with other inputs. One that was pruned cannot be shown.
func otherInputs(r *engine.Refusal) string {
	if len(r.Inputs) == 0 {
		return "errand run --help explains --again, which starts a new run"
	}
	return "errand runs show " + r.Run + " shows the run; --again starts another one"
}

// howToAnswer returns the command that answers the question of a refusal.
func howToAnswer(r *engine.Refusal) string { return howToDecide(r.Run, *r.Question) }

func whoMayDecide(r *engine.Refusal) string {
	return "only these can decide: " + strings.Join(r.Question.By, ", ")
}

func whoElseMayDecide(r *engine.Refusal) string {
	return "somebody else of these can decide: " + strings.Join(r.Question.By, ", ")
}

// mostSteps is how many steps a hint lists.
const mostSteps = 30

func reachedSteps(r *engine.Refusal) string {
	return cmp.Or(diag.DidYouMean(r.Step, r.Steps), earlierSteps(r))
}

// earlierSteps returns the steps that --from can name.
func earlierSteps(r *engine.Refusal) string {
	if len(r.Steps) == 0 {
		return "the run reached no step; errand run --help explains --again, which starts a new run"
	}
	shown := r.Steps[:min(len(r.Steps), mostSteps)]
	hint := "--from can name " + strings.Join(shown, ", ")
	if more := len(r.Steps) - len(shown); more > 0 {
		hint += fmt.Sprintf(" and %d more", more)
	}
	return hint
}

// howToDecide returns the command that answers a question.
func howToDecide(run string, q engine.Question) string {
	if q.Failure == nil {
		return fmt.Sprintf("errand runs approve %s %s --approve or --reject", run, word(q.Step))
	}
	return fmt.Sprintf("errand runs resolve %s %s --done, --retry or --fail", run, word(q.Step))
}
