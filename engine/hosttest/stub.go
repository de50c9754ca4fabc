package hosttest

import (
	"cmp"
	"context"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// stubIn is the input of every stub: a script with one answer for each call. The last one is
// repeated.
//
//	ok            done
//	ok WORD       done, with the output `word`
//	throttled     a transient failure; nothing was done
//	busy 30s      the same, with the wait that the system asks for
//	lost          no answer, and no effect
//	lost WORD     no answer; a look of stub.evident answers WORD: found, refused or busy
//	refused       a final failure
//	blind         a final failure of the look before a repeat: nobody knows what became of the call
//	trouble       this machine could not make the call
//	again 5s      not done yet
//	accepted 5s   the effect took place, and the task is not done yet
//	cancel        done; the run is cancelled meanwhile
//	cancel WORD   the answer WORD; the run is cancelled meanwhile
//	junk          an output that the type does not declare
//	panic         a panic
type stubIn struct {
	Script string         `json:"script" default:"ok" doc:"Answers, with commas between them."`
	Text   string         `json:"text" doc:"Any text; it is returned."`
	Number int            `json:"number" doc:"Any number." min:"0" max:"10"`
	Pause  schema.Span    `json:"pause" doc:"Any duration."`
	Delay  schema.Span    `json:"delay" doc:"The evidence delay of stub.evident."`
	Names  []string       `json:"names" doc:"Any texts."`
	Extra  map[string]any `json:"extra" doc:"Anything."`
}

type stubOut struct {
	Word    string  `json:"word" doc:"The script's word."`
	Text    string  `json:"text" doc:"The given text."`
	Maybe   *string `json:"maybe" doc:"The word, if it is not empty."`
	Recover bool    `json:"recover" doc:"Whether the call had to look for traces of an earlier one."`
	Calls   int     `json:"calls" doc:"How many calls the step has had."`
}

// Summary returns the result message.
func (o stubOut) Summary() string { return strings.TrimSpace("ok " + o.Word) }

// Registry has a stub for each effect: stub.pure, stub.reads, stub.converges, stub.keyed,
// stub.evident, stub.once. A script can call cancel.
func Registry(cancel func()) *task.Registry {
	stub := task.Connector{Name: "stub", Title: "Stubs", Description: "Answers from a script."}
	for _, effect := range []task.Effect{task.Pure, task.Reads, task.Converges, task.Keyed, task.Evident, task.Once} {
		stub.Types = append(stub.Types, task.Define("stub."+string(effect), "Answers from a script.", effect,
			func(ctx context.Context, c task.Call, in stubIn) (stubOut, error) {
				if ctx.Err() != nil { // the host did not give it any time
					return stubOut{}, &task.Failure{Code: task.CodeNoReply, Message: "the time was up before the call", Transient: true, Unknown: true}
				}
				return answer(c, in, cancel)
			}))
	}
	secured := task.Connector{
		Name: "vault", Title: "Vault", Description: "Needs a credential.",
		Credential: []task.Parameter{{Name: "token", Title: "Token", Description: "Any text.", Encrypted: true}},
	}
	secured.Types = append(secured.Types, task.Define("vault.open", "Tells which credential it is called with.", task.Reads,
		func(_ context.Context, c task.Call, _ struct{}) (stubOut, error) {
			return stubOut{Word: c.Credential}, nil
		}))
	return task.NewRegistry(stub, secured)
}

func answer(c task.Call, in stubIn, cancel func()) (stubOut, error) {
	if c.Recover && strings.HasSuffix(c.Type, ".evident") {
		return task.LookFor(c, time.Duration(in.Delay), func() (stubOut, bool, error) { return look(c, in) })
	}
	at := c.Attempt - 1 + len(c.Note) // a note has one character for each "not done yet"
	word, rest := in.word(at)
	out := stubOut{Word: rest, Text: in.Text, Recover: c.Recover, Calls: at + 1}
	if rest != "" {
		out.Maybe = &rest
	}
	wait, _ := time.ParseDuration(rest)
	switch word {
	case "ok":
		return out, nil
	case "cancel":
		cancel()
		in.Script = cmp.Or(rest, "ok")
		return answer(c, in, cancel)
	case "again":
		return out, &task.Again{After: wait, Note: c.Note + "."}
	case "accepted":
		return out, &task.Again{After: wait, Note: c.Note + ".", Settled: true, Output: task.AllKnown(out)}
	case "throttled":
		return out, &task.Failure{Code: "Throttled", Message: "slow down", Status: 503, Transient: true}
	case "busy":
		return out, &task.Failure{Code: "Busy", Message: "come back later", Status: 429, Transient: true, RetryAfter: wait}
	case "lost":
		return out, &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
	case "refused":
		return out, &task.Failure{Code: "Refused", Message: "not like this", Status: 400}
	case "blind":
		return out, &task.Failure{Code: "Blind", Message: "you may not look", Status: 403, Unknown: true}
	case "trouble":
		return out, &task.Failure{Code: task.CodeCredential, Message: "the key is lost", Local: true}
	case "panic":
		panic("the stub was told to")
	}
	return out, &task.Failure{Code: task.CodeInput, Message: "the script says " + word}
}

// word returns answer number at of the script, counted from 0.
func (in stubIn) word(at int) (word, rest string) {
	script := strings.Split(in.Script, ",")
	word, rest, _ = strings.Cut(strings.TrimSpace(script[min(at, len(script)-1)]), " ")
	return word, rest
}

// look looks for the effect of the attempt whose answer the script says.
func look(c task.Call, in stubIn) (out stubOut, found bool, err error) {
	word, rest := in.word(c.Attempt - 1)
	if before, what := in.word(max(0, c.Attempt-2)); before == "lost" {
		word, rest = before, what
	}
	if word == "lost" && rest != "" {
		out, err = answer(task.Call{Attempt: 1}, stubIn{Script: strings.Replace(rest, "found", "ok", 1), Text: in.Text}, nil)
		out.Recover = true
		return out, err == nil, err
	}
	if word != "ok" {
		return out, false, nil
	}
	out, err = answer(task.Call{Attempt: c.Attempt}, in, nil) // the process ended after the effect
	return out, true, err
}
