package runnertest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"errand/engine/generator"
	"errand/engine/schema"
	"errand/engine/task"
)

// A world is what generated definitions act on. What a call returns depends only on its input, so
// that two runs of a definition ask for the same.
type world struct {
	registry *task.Registry

	mu      sync.Mutex
	effects []effect
	called  []string // the steps of all calls that are not pure, each once
	fails   string   // the step whose next call fails
	isHit   bool     // it has failed
}

// An effect is one that took place.
type effect struct{ call task.Call }

type worldIn struct {
	Text   string `json:"text" doc:"Any text."`
	Number int    `json:"number" doc:"Any number."`
}

type worldOut struct {
	Value  string `json:"value" doc:"The text, in capitals."`
	Number int    `json:"number" doc:"The number."`
}

type waitIn struct {
	Duration schema.Span `json:"duration" required:"true" doc:"How long to wait."`
}

func newWorld() *world {
	w := &world{}
	types := []task.Type{
		task.Define("world.wait", "Waits.", task.Pure, func(_ context.Context, c task.Call, in waitIn) (struct{}, error) {
			if left := c.Started.Add(time.Duration(in.Duration)).Sub(c.Now); left > 0 {
				return struct{}{}, &task.Again{After: left}
			}
			return struct{}{}, nil
		}),
		task.Define("world.pure", "Computes.", task.Pure, func(_ context.Context, _ task.Call, in worldIn) (worldOut, error) { return in.out(), nil }),
	}
	for _, e := range []task.Effect{task.Reads, task.Converges, task.Keyed, task.Evident, task.Once} {
		types = append(types, task.Define("world."+string(e), "Acts.", e, func(_ context.Context, c task.Call, in worldIn) (worldOut, error) {
			return in.out(), w.act(c, e)
		}))
	}
	restart := task.Define("world.restart", "Acts, and reads what came of it.", task.Once, func(_ context.Context, c task.Call, in worldIn) (worldOut, error) {
		return in.out(), w.restart(c)
	})
	restart.Settles = true
	w.registry = task.NewRegistry(task.Connector{Name: "world", Title: "World", Description: "Is acted on.", Types: append(types, restart)})
	return w
}

func (in worldIn) out() worldOut {
	return worldOut{Value: strings.ToUpper(in.Text), Number: in.Number}
}

// language returns what generated definitions may call, and how long they may wait.
func (w *world) language(waits ...string) generator.Language {
	l := generator.Language{Pieces: []string{"", "a ", "of "}, Steps: 14, Length: 6}
	for _, name := range w.registry.Names() {
		t, _ := w.registry.Lookup(name)
		l.Tasks = append(l.Tasks, generator.Task{
			Name: t.Name, Weight: 1, Input: t.Input, Output: t.Output, Settles: t.Settles,
			Given: map[string][]string{"duration": waits},
		})
	}
	return l
}

// disturb makes the next call of a step fail.
func (w *world) disturb(step string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails, w.isHit = step, false
}

func (w *world) hit() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.isHit
}

// steps returns the steps of all calls, each once.
func (w *world) steps() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.called)
}

// refuses reports whether a call fails. The caller holds the mutex.
func (w *world) refuses(c task.Call) error {
	if !slices.Contains(w.called, c.Step) {
		w.called = append(w.called, c.Step)
	}
	if w.fails != c.Step {
		return nil
	}
	w.fails, w.isHit = "", true
	return &task.Failure{Code: "Refused", Message: "not like this", Status: 400}
}

// act carries out a call with an effect, once for each key.
func (w *world) act(c task.Call, e task.Effect) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.refuses(c); err != nil || e == task.Reads {
		return err
	}
	known := func(before effect) bool { return before.call.Step == c.Step && before.call.Key() == c.Key() }
	if looks := e == task.Keyed || c.Recover && e != task.Once; looks && slices.ContainsFunc(w.effects, known) {
		return nil
	}
	w.effects = append(w.effects, effect{c})
	return nil
}

// restart acts, and then only reads. What fails is the read.
func (w *world) restart(c task.Call) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !c.Settled {
		w.effects = append(w.effects, effect{c})
		return &task.Again{Settled: true, Note: "n", Output: task.NothingKnown}
	}
	return w.refuses(c)
}
