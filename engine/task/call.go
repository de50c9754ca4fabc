// Package task is the contract between the engine and the task types that act on other systems. A
// task type is ordinary Go: an input struct, an output struct and a function. Define makes a Type
// from them. The Type's schema, documentation and checks come from the tags of the structs.
//
// A task never sleeps, never retries and never reads a clock. It makes at most a few requests and
// returns its output, an Again ("not done yet, call me once more") or a Failure. The engine does
// all waiting, because it can make the waiting durable.
//
// In reading order: call.go (what a task receives), reply.go (what it returns) with detail.go (what
// operators need), known.go (the outputs of a task that is not done yet), effect.go (whether a call can be
// repeated), evidence.go (the looks of a type that leaves evidence), define.go (a type from two structs
// and a function), rule.go (which inputs a type refuses) with rule_schema.go, change.go and permission.go
// (what a plan says about a call), connector.go (types with a common credential), desk.go (the tickets of
// a service desk), pause.go (when a system is asked again), secret.go (the values of a credential),
// text.go (texts for people), registry.go (all types), sent.go (whether a request was sent before it
// failed), and what is common to answers of HTTP: answer.go (their size, and web pages), status.go,
// charset.go, retry_after.go, clock.go.
package task

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"time"

	"errand/engine/pattern"
)

// A Call asks a task type to act once. It is plain data: it can be stored and sent to another
// process.
type Call struct {
	// Run is the run's id, Step the step's key in the definition, such as "start" or
	// "on_failure[0]", and Type the task type, such as "ec2.start_instance".
	Run  string `json:"run"`
	Step string `json:"step"`
	Type string `json:"type"`

	// Credential is the name of a stored credential, never its values.
	Credential string `json:"credential,omitempty"`

	// Input is an object. It has the same bytes in every attempt.
	Input json.RawMessage `json:"input"`

	// Attempt counts from 1 and increases with each retry.
	Attempt int `json:"attempt"`

	// Started is when the step was first called. Now is the run's clock; a task must not read
	// another. Deadline is when the step's time ends, or zero: a limit of the step, or of something
	// around it, such as the run. Limited says that the step itself has a time-out; a task that
	// waits without one stops waiting by itself.
	Started  time.Time `json:"started"`
	Now      time.Time `json:"now"`
	Deadline time.Time `json:"deadline,omitzero"`
	Limited  bool      `json:"limited,omitempty"`

	// Note is the Note of the step's last Again.
	Note string `json:"note,omitempty"`

	// Recover says that an earlier attempt may have taken effect: the task must look before it
	// sends. A call of an Evident type then only looks: see LookFor.
	Recover bool `json:"recover,omitempty"`

	// Sent is when that attempt was put on record. It is zero if that is not known, and only set
	// for Evident types.
	Sent time.Time `json:"sent,omitzero"`

	// Settled says that the effect certainly took place: the task must only read the outputs.
	Settled bool `json:"settled,omitempty"`

	// Round increases when a person retries an ended run from a step that had no effect.
	Round int `json:"round,omitempty"`
}

// Key returns an idempotency token for the step of the run: 52 characters of a-z and 2-7. It is the
// same in every attempt.
func (c Call) Key() string {
	sum := sha256.Sum256([]byte(c.Run + "\x00" + c.place()))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// Reference returns a name of the step for people, such as "[errand kq3v…/worklog]". It marks the
// evidence of the step's effect in other systems.
func (c Call) Reference() string { return "[errand " + c.Run + "/" + c.place() + "]" }

// references matches references, also in a text whose blanks a store has changed.
var references = pattern.New(`\[errand[\s\x{a0}]+([^\s/\[\]]+)/`)

// RunsIn returns the runs whose references stand in a text.
func RunsIn(text string) (runs []string) {
	for _, found := range references.Regexp().FindAllStringSubmatch(html.UnescapeString(text), -1) {
		runs = append(runs, found[1])
	}
	return runs
}

// place returns the step's key, with the round if it is not 0: "close", "close#1".
func (c Call) place() string {
	if c.Round == 0 {
		return c.Step
	}
	return c.Step + "#" + strconv.Itoa(c.Round)
}
