// Package alert tells another system, by signed messages, that a run needs a person: that it waits
// for a decision, or that a step of it is uncertain. The messages are signed as Standard Webhooks has
// it.
//
// Each question is told once. After a crash in the wrong moment a message is sent again, with the
// same id, by which its receiver knows it. A question that is decided before it is told is not told.
//
// In reading order: alert.go (what is told, and when), send.go (one message).
package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// Runs is what a Sender needs of a runner.
type Runs interface {
	engine.Reader
	engine.Intaker // keeps which questions were told
}

// A Sender tells one receiver about the runs of a home. It must not be copied after first use.
type Sender struct {
	Name        string // of the credential of webhook, with the secret and the URL
	Runs        Runs
	Environment task.Environment
	Every       time.Duration // how often the runs are read; 0 means 5 s
	Told        func(Message) // receives each message that the receiver has accepted; may be nil
	Outage      func(error)   // receives the first error of a series, and nil when it is over; may be nil
}

const defaultEvery = 5 * time.Second

// Work tells what needs a person, until ctx ends. After a failure it tries again, later and later.
func (s *Sender) Work(ctx context.Context) {
	every := s.Every
	if every <= 0 {
		every = defaultEvery
	}
	failures := 0
	for ctx.Err() == nil {
		err := s.pass(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && failures > 0:
			s.outage(nil)
			failures = 0
		case err != nil:
			if failures++; failures == 1 {
				s.outage(err)
			}
		}
		task.Wait(ctx, task.Pause(every, failures, err))
	}
}

func (s *Sender) outage(err error) {
	if s.Outage != nil {
		s.Outage(err)
	}
}

// pass tells each open question that was not told. On record are the questions that were told and are
// still open, so the record never grows beyond what waits for persons.
func (s *Sender) pass(ctx context.Context) error {
	if a, ok := s.Runs.(engine.Adopter); ok { // the runs of a copy are those of another home
		if copied, err := a.IsCopy(ctx); err != nil || copied {
			return err
		}
	}
	told, err := s.told(ctx)
	if err != nil {
		return err
	}
	questions, err := s.open(ctx)
	if err != nil {
		return err
	}
	var kept []string
	var news []Message
	for _, m := range questions {
		if slices.Contains(told, m.ID) {
			kept = append(kept, m.ID)
		} else {
			news = append(news, m)
		}
	}
	if len(kept) != len(told) {
		if err := s.record(ctx, kept); err != nil {
			return err
		}
	}
	var failed error
	for _, m := range news {
		if m, asked, err := s.examine(ctx, m); err != nil || !asked {
			failed = errors.Join(failed, err)
			continue
		} else if err := s.send(ctx, m); err != nil {
			if failed = errors.Join(failed, err); !isAnswer(err) {
				return failed // the others would fail as well
			}
			continue
		} else if s.Told != nil {
			s.Told(m)
		}
		kept = append(kept, m.ID)
		if err := s.record(ctx, kept); err != nil { // before the next one is sent
			return err
		}
	}
	return failed
}

// open returns the questions that wait for a person, the oldest run first, without their kinds.
func (s *Sender) open(ctx context.Context) ([]Message, error) {
	waiting, err := s.Runs.List(ctx, engine.Query{Open: true, WaitsFor: engine.WaitPerson})
	var questions []Message
	for _, v := range slices.Backward(waiting) {
		for _, w := range v.Waits {
			if w.For == engine.WaitPerson {
				questions = append(questions, Message{ID: idOf(v.Run, w), Run: v.Run, Request: v.Request, Workflow: v.Workflow, Step: w.Step, Since: w.Since})
			}
		}
	}
	return questions, err
}

// idOf identifies a question. Another question of the same step begins at another time.
func idOf(run string, w engine.Wait) string {
	sum := sha256.Sum256([]byte(run + "\n" + w.Step + "\n" + w.Since.UTC().Format(time.RFC3339Nano)))
	return "msg_" + hex.EncodeToString(sum[:12])
}

// examine returns a message with the kind of its question. asked is false if the question is not open
// any more.
func (s *Sender) examine(ctx context.Context, m Message) (full Message, asked bool, err error) {
	v, err := s.Runs.Read(ctx, m.Run)
	if err != nil {
		return m, false, err
	}
	for _, q := range v.Questions {
		if q.Step == m.Step {
			m.Kind = Approval
			if q.Failure != nil {
				m.Kind = Uncertain
			}
			return m, true, nil
		}
	}
	return m, false, v.Trouble
}

// source is the name under which the questions that were told are on record.
func (s *Sender) source() string { return "alert " + s.Name }

// told returns the questions that were told.
func (s *Sender) told(ctx context.Context) (ids []string, err error) {
	stored, err := s.Runs.Cursor(ctx, s.source())
	if err != nil || stored == "" {
		return nil, err
	}
	return ids, json.Unmarshal([]byte(stored), &ids)
}

// record keeps which questions were told.
func (s *Sender) record(ctx context.Context, ids []string) error {
	data, err := json.Marshal(append([]string{}, ids...))
	if err != nil {
		return err
	}
	_, err = s.Runs.Take(ctx, engine.Taking{Source: s.source(), Cursor: string(data)})
	return err
}
