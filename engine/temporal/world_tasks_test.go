package temporal

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// A visitor has the task types that act on a world, in the process of a worker.
type visitor struct {
	url      string
	evidence time.Duration // the delay of evidence
	client   http.Client
}

type visitIn struct {
	Text   string `json:"text" doc:"Any text."`
	Refuse bool   `json:"refuse" doc:"Whether the task fails."`

	// Gate names a point at which the first call of the step waits: before its request, while it is
	// under way, or after it.
	Before string `json:"before" doc:"A gate."`
	During string `json:"during" doc:"A gate."`
	After  string `json:"after" doc:"A gate."`
}

type visitOut struct {
	Value  string `json:"value" doc:"What was done."`
	Number int    `json:"number" doc:"A number."`
}

type pauseIn struct {
	Duration schema.Span `json:"duration" required:"true" doc:"How long to wait."`
}

// registry returns the task types. Without is one that is left out; it may be empty.
func (v *visitor) registry(without string) *task.Registry {
	types := []task.Type{
		task.Define("world.pause", "Waits.", task.Pure, func(_ context.Context, c task.Call, in pauseIn) (struct{}, error) {
			if left := c.Started.Add(time.Duration(in.Duration)).Sub(c.Now); left > 0 {
				return struct{}{}, &task.Again{After: left}
			}
			return struct{}{}, nil
		}),
		task.Define("world.reads", "Reads.", task.Reads, v.look),
		task.Define("world.converges", "Brings about a state.", task.Converges, v.converge),
		task.Define("world.keyed", "Makes.", task.Keyed, v.act),
		task.Define("world.evident", "Adds.", task.Evident, v.add),
		task.Define("world.once", "Acts.", task.Once, v.act),
	}
	kept := types[:0]
	for _, t := range types {
		if t.Name != without {
			kept = append(kept, t)
		}
	}
	return task.NewRegistry(
		task.Connector{Name: "world", Title: "World", Description: "Is acted on.", Types: kept},
		task.Connector{Name: "busy", Title: "Busy", Description: "Is acted on too often.", Types: []task.Type{task.Define("busy.keyed", "Makes.", task.Keyed, v.act)}},
	)
}

// send asks the world for something.
func (v *visitor) send(ctx context.Context, path string, body any) (a worldAnswer, err error) {
	ctx, sent := task.Watch(ctx)
	text, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	asked, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+path, bytes.NewReader(text))
	if err != nil {
		return a, err
	}
	answer, err := v.client.Do(asked)
	if err != nil {
		return a, sent.Failure("the world", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		return a, sent.Failure("the world", err)
	}
	switch answer.StatusCode {
	case http.StatusOK:
		if len(text) > 0 {
			err = json.Unmarshal(text, &a)
		}
		return a, err
	case http.StatusTooManyRequests:
		return a, &task.Failure{Code: "Throttled", Message: "too many requests", Status: answer.StatusCode, Transient: true, Throttled: true}
	case http.StatusConflict, http.StatusServiceUnavailable:
		return a, &task.Failure{Code: "Busy", Message: "not now", Status: answer.StatusCode, Transient: true}
	}
	return a, &task.Failure{Code: strconv.Itoa(answer.StatusCode), Message: "refused", Status: answer.StatusCode}
}

// wait waits at a gate, whatever becomes of the call.
func (v *visitor) wait(c task.Call, gate string) {
	if gate != "" {
		_, _ = v.send(context.Background(), "/gate/"+gate, c)
	}
}

func (v *visitor) act(ctx context.Context, c task.Call, in visitIn) (visitOut, error) {
	if in.Refuse {
		return visitOut{}, &task.Failure{Code: "Refused", Message: "not like this", Status: 400}
	}
	v.wait(c, in.Before)
	a, err := v.send(ctx, "/request", request{Want: wantsEffect, Call: c})
	if err != nil && in.Before != "" {
		_, _ = v.send(context.Background(), "/gave-up", struct{}{})
	}
	v.wait(c, in.After)
	return visitOut{Value: a.Value, Number: a.Number}, err
}

func (v *visitor) look(ctx context.Context, c task.Call, _ visitIn) (visitOut, error) {
	a, err := v.send(ctx, "/request", request{Want: wantsLook, Call: c})
	return visitOut{Value: a.Value, Number: a.Number}, err
}

// add adds something that can be looked for.
func (v *visitor) add(ctx context.Context, c task.Call, in visitIn) (visitOut, error) {
	if !c.Recover {
		return v.act(ctx, c, in)
	}
	return task.LookFor(c, v.evidence, func() (visitOut, bool, error) {
		a, err := v.send(ctx, "/request", request{Want: wantsLook, Call: c})
		return visitOut{Value: a.Value, Number: a.Number}, a.Found, err
	})
}

// converge brings about a state. It looks before the first request, and again if an earlier attempt
// may have taken effect.
func (v *visitor) converge(ctx context.Context, c task.Call, in visitIn) (visitOut, error) {
	if in.Refuse {
		return v.act(ctx, c, in)
	}
	if c.Note != "absent" || c.Recover {
		a, err := v.send(ctx, "/request", request{Want: wantsLook, Call: c})
		switch {
		case err != nil:
			return visitOut{}, task.AsUnknown(err)
		case a.Found:
			return visitOut{Value: a.Value, Number: a.Number}, nil
		case c.Note == "":
			return visitOut{}, &task.Again{Note: "absent"}
		}
	}
	if _, err := v.act(ctx, c, in); err != nil {
		return visitOut{}, err
	}
	return visitOut{}, &task.Again{After: 100 * time.Millisecond, Note: "under way"}
}
