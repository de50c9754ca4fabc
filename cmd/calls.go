package cmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// calls finds out from the events of runs which steps are in a call. The zero value is ready for
// use.
type calls struct {
	mu    sync.Mutex
	open  map[callKey]openCall
	names program.KeyNames // of the run's program; nil if it is not known
}

type callKey struct{ run, branch, step string }

// An openCall is the call of a step that has not ended. It may begin after a wait.
type openCall struct {
	task    string
	from    time.Time // when the call begins
	asks    bool      // the step waits for a person's decision
	trouble bool      // the run waits until somebody mends this machine
}

// watch returns a watch that also passes the events on.
func (c *calls) watch(pass engine.Watch) engine.Watch {
	return func(e engine.Event) {
		c.event(e)
		pass(e)
	}
}

func (c *calls) event(e engine.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[callKey]openCall{}
	}
	key := callKey{e.Run, e.Branch, e.Step}
	call, known := c.open[key]
	switch e.Kind {
	case engine.EventStepStarted:
		if e.Task != "" {
			c.open[key] = openCall{task: e.Task, from: e.At}
		}
	case engine.EventStepWaits, engine.EventStepRetries, engine.EventStepInterrupted, engine.EventStepUncertain, engine.EventStepDecided:
		if known {
			call.from, call.asks, call.trouble = e.At.Add(e.Wait), e.Kind == engine.EventStepUncertain, e.For == engine.WaitTrouble
			c.open[key] = call
		}
	case engine.EventStepSucceeded, engine.EventStepFailed, engine.EventStepSkipped:
		delete(c.open, key)
	case engine.EventRunResumed: // the calls that this machine could not make are made again
		for key, call := range c.open {
			if key.run == e.Run {
				call.trouble = false
				c.open[key] = call
			}
		}
	case engine.EventHandlerBegins, engine.EventRunEnded: // what was cancelled in the branch has no end
		maps.DeleteFunc(c.open, func(key callKey, _ openCall) bool {
			return key.run == e.Run && (e.Branch == "" || key.branch == e.Branch || strings.HasPrefix(key.branch, e.Branch+"/"))
		})
	}
}

// now returns the steps that are in a call, such as "boot (ec2.restart_instance)".
func (c *calls) now() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var steps []string
	for key, call := range c.open {
		if !call.from.After(time.Now()) && !call.asks && !call.trouble {
			steps = append(steps, callName(c.names.Of(key.step), call.task))
		}
	}
	slices.SortFunc(steps, cmp.Compare)
	return slices.Compact(steps)
}

// callName returns the name of a step with its task type.
func callName(step, task string) string {
	if step == task {
		return task
	}
	return fmt.Sprintf("%s (%s)", step, task)
}

// interruptNote returns what to print after an interrupt: what the command does, and which calls it
// waits for.
func (c *calls) interruptNote(action string) string {
	if steps := c.now(); len(steps) > 0 {
		action += "; waiting for the answer to " + strings.Join(steps, ", ")
	}
	return action + "; interrupt again to end at once"
}
