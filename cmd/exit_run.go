package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"errand/engine"
	"errand/engine/diag"
)

// A refusalWording is what the command line adds to a refusal: the exit code, and what to do
// instead.
type refusalWording struct {
	code int
	hint func(r *engine.Refusal) string
}

// refusals lists the wording of each refusal.
var refusals = map[engine.RefusalCode]refusalWording{
	engine.RefusedNotFound:   {ExitNotFound, always("errand runs list shows the runs")},
	engine.RefusedConflict:   {ExitNotFound, about("errand runs show RUN tells about it; --again asks for another run all the same")},
	engine.RefusedHeld:       {ExitLocked, about("errand runs show RUN tells how far it is")},
	engine.RefusedBusy:       {ExitLocked, about("errand runs show RUN tells how far it is")},
	engine.RefusedMoved:      {ExitLocked, always("try again")},
	engine.RefusedEnded:      {ExitNotFound, about("errand runs show RUN tells what it did")},
	engine.RefusedNotEnded:   {ExitNotFound, about("errand runs resume RUN")},
	engine.RefusedSucceeded:  {ExitNotFound, always("errand run --again asks for a new run")},
	engine.RefusedNothing:    {ExitNotFound, about("errand runs show RUN tells how it stands")},
	engine.RefusedNotAsked:   {ExitNotFound, howToAnswer},
	engine.RefusedDecided:    {ExitNotFound, about("errand runs show RUN tells who decided what")},
	engine.RefusedLate:       {ExitNotFound, about("errand runs resume RUN goes on as the workflow says for that case")},
	engine.RefusedVerdict:    {ExitNotFound, howToAnswer},
	engine.RefusedRequester:  {ExitNotFound, whoMayDecide},
	engine.RefusedPerson:     {ExitNotFound, whoMayDecide},
	engine.RefusedStep:       {ExitNotFound, reachedSteps},
	engine.RefusedUndone:     {ExitNotFound, func(r *engine.Refusal) string { return "go on from it: --from " + r.Step }},
	engine.RefusedDefinition: {ExitNotFound, always("what comes before the step --from must be as it was; --from can name an earlier step")},
	engine.RefusedEvent:      {ExitNotFound, about("errand runs events RUN -o json lists them with their ids")},
}

// A troubleWording is what the command line adds to a trouble. The hint may be empty: then it says
// how to go on.
type troubleWording struct {
	code int
	hint string
}

// troubles lists the wording of each trouble.
var troubles = map[engine.TroubleCode]troubleWording{
	engine.TroubleStore:   {ExitConfiguration, ""},
	engine.TroubleLocked:  {ExitLocked, ""},
	engine.TroubleGone:    {ExitInternal, "nothing more is done; what was on record is where the folder is now, if anywhere"},
	engine.TroubleVersion: {ExitConfiguration, "use that errand, or another --home; nothing was changed"},
	engine.TroubleForeign: {ExitConfiguration, "name another folder with --home; nothing was changed"},
	engine.TroubleDamaged: {ExitInternal, "other runs are not affected"},
}

// runExit words an error of a runner: what is wrong, and what to do. run is the run that the command
// is about; it may be empty.
func runExit(err error, run string) error {
	if exit, ok := errors.AsType[*Exit](err); ok {
		return exit
	}
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		wording, known := refusals[refusal.Code]
		if !known { // another runner may have codes of its own
			wording = refusalWording{ExitInternal, always("")}
		}
		return &Exit{Code: wording.code, Message: refusal.Error(), Hint: wording.hint(refusal)}
	}
	goOn := "what was on record is not lost"
	if run != "" {
		goOn += "; errand runs resume " + run + " goes on with the run"
	}
	if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
		wording := troubles[trouble.Code]
		return &Exit{Code: wording.code, Message: trouble.Error(), Hint: cmp.Or(wording.hint, goOn)}
	}
	return &Exit{Code: ExitInternal, Message: err.Error(), Hint: goOn}
}

// always makes a hint that is the same for each run.
func always(hint string) func(*engine.Refusal) string {
	return func(*engine.Refusal) string { return hint }
}

// about makes a hint in which RUN stands for the run.
func about(hint string) func(*engine.Refusal) string {
	return func(r *engine.Refusal) string { return strings.ReplaceAll(hint, "RUN", r.Run) }
}

// howToAnswer says how to decide about the question of a refusal.
func howToAnswer(r *engine.Refusal) string { return howToDecide(r.Run, *r.Question) }

func whoMayDecide(r *engine.Refusal) string {
	return "it is for " + strings.Join(r.Question.By, ", ")
}

func reachedSteps(r *engine.Refusal) string {
	return cmp.Or(diag.DidYouMean(r.Step, r.Steps), "the steps that were reached: "+strings.Join(r.Steps, ", "))
}

// howToDecide returns the command that answers a question.
func howToDecide(run string, q engine.Question) string {
	if q.Failure == nil {
		return fmt.Sprintf("errand runs approve %s %s --approve|--reject", run, q.Step)
	}
	return fmt.Sprintf("errand runs resolve %s %s --done|--retry|--fail", run, q.Step)
}
