// Package task is the contract between the engine and the task types that act on other systems. A task type is ordinary Go: an
// input struct, an output struct and a function; Define makes a Type of them, whose schema, documentation and check come from the
// structs' tags.
//
// A task never sleeps, never retries and never reads a clock: it makes at most a few requests, and returns its output, Again
// ("not done yet, call me once more"), or a Failure. All waiting is the engine's, so that it can be made durable.
//
// In reading order: call.go (what a task is given), reply.go (what it answers), effect.go (what a repeat does), define.go (a type
// from two structs and a function), change.go and permission.go (what is told of a call before a run), connector.go (types with a
// common credential), secret.go (the values of one), registry.go (all of them), sent.go (whether a request had left when it failed).
package task

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// A Call asks a task type to act once. It is plain data: it can be stored, and sent to another process.
type Call struct {
	Run        string          `json:"run"`                  // the run's id
	Step       string          `json:"step"`                 // the step's key in the definition, such as "start" or "on_failure[0]"
	Type       string          `json:"type"`                 // such as "ec2.start_instance"
	Credential string          `json:"credential,omitempty"` // a stored credential's name, never its values
	Input      json.RawMessage `json:"input"`                // an object; the same bytes in every attempt
	Attempt    int             `json:"attempt"`              // counts from 1; goes up when a failure is tried again
	Started    time.Time       `json:"started"`              // when the step was first called
	Now        time.Time       `json:"now"`                  // the run's clock; a task reads no other
	Deadline   time.Time       `json:"deadline,omitzero"`    // when the step's time is up
	Note       string          `json:"note,omitempty"`       // what the last Again of this step left
	Recover    bool            `json:"recover,omitempty"`    // an earlier attempt may have taken effect: look before sending
	Settled    bool            `json:"settled,omitempty"`    // the effect took place, for certain: read what is to be returned, and act no more
	Round      int             `json:"round,omitempty"`      // goes up when a person has an ended run done again from a step that had no effect
}

// Key is an idempotency token for the step of the run: 52 characters of a-z and 2-7, the same in every attempt.
func (c Call) Key() string {
	sum := sha256.Sum256([]byte(c.Run + "\x00" + c.place()))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// Reference names the step of the run for people and for finding evidence of it, such as "[errand kq3v…/worklog]".
func (c Call) Reference() string { return "[errand " + c.Run + "/" + c.place() + "]" }

// place is the step, with the round where it is not the first: "close", "close#1".
func (c Call) place() string {
	if c.Round == 0 {
		return c.Step
	}
	return c.Step + "#" + strconv.Itoa(c.Round)
}
