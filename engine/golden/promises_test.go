package golden_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"errand/engine/golden"
	"errand/engine/task"
)

type (
	desk struct{} // no input
	memo struct {
		Number int `json:"number" doc:"The number of the ticket."`
	}
)

// promises are connectors that keep the promise of their task types or break it.
var promises = []promise{
	{"keyed, with the key", task.Keyed, func(s *tickets, c task.Call) int { return s.open(c.Key()) }, false},
	{"keyed, without the key", task.Keyed, func(s *tickets, _ task.Call) int { return s.open("") }, true},
	{"evident, and looks", task.Evident, func(s *tickets, c task.Call) int {
		if n := s.keys[c.Reference()]; c.Recover && n > 0 {
			return n
		}
		return s.open(c.Reference())
	}, false},
	{"evident, and does not look", task.Evident, func(s *tickets, _ task.Call) int { return s.open("") }, true},
	{"converges, and counts its calls", task.Converges, func(s *tickets, _ task.Call) int { s.calls++; return s.calls }, true},
	{"once", task.Once, func(s *tickets, _ task.Call) int { return s.open("") }, false},
}

// A promise is a connector with one task type, whose effect says what it promises.
type promise struct {
	name   string
	effect task.Effect
	open   func(s *tickets, c task.Call) int
	broken bool
}

// bench runs cases with the connector. Each run has a new system.
func (p promise) bench() golden.Bench {
	return golden.Bench{Connectors: func(task.Environment) []task.Connector {
		s := &tickets{keys: map[string]int{}}
		return []task.Connector{{Name: "desk", Title: "Desk", Description: "Tickets with numbers.", Types: []task.Type{
			task.Define("desk.open", "Opens a ticket.", p.effect, func(_ context.Context, call task.Call, _ desk) (memo, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				return memo{Number: p.open(s, call)}, nil
			}),
		}}}
	}}
}

// CrashEverywhere finds a connector that breaks a promise of its task types, and no other.
func TestCrashesFindBrokenPromises(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			k, err := golden.Parse("two.txtar", []byte(twoTickets))
			if err != nil {
				t.Fatal(err)
			}
			all, err := p.bench().CrashEverywhere(t.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			if found := len(all.Wrong) > 0; found != p.broken {
				t.Errorf("%d of %d crashes are reported as wrong: %s", len(all.Wrong), all.Points, strings.Join(all.Wrong, "\n"))
			}
			if doubts := all.Doubts > 0; doubts != (p.effect == task.Once) {
				t.Errorf("a person is asked after %d crashes", all.Doubts)
			}
		})
	}
}

const twoTickets = `Two tickets are opened, and told.

-- case.yaml --
workflow: two
-- world.yaml --
{}
-- two.yaml --
workflow: two
steps:
  - {id: first, task: desk.open}
  - {id: second, task: desk.open}
outputs:
  told: ${{ steps.first.number }} and ${{ steps.second.number }}
`

// tickets is a system that numbers the tickets that are opened in it.
type tickets struct {
	mu            sync.Mutex
	opened, calls int
	keys          map[string]int
}

func (s *tickets) open(key string) int {
	if n := s.keys[key]; key != "" && n > 0 {
		return n
	}
	s.opened++
	s.keys[key] = s.opened
	return s.opened
}

// CrashEverywhere also finds a task that is declared as reading and answers differently each time.
func TestCrashesFindReadsThatAct(t *testing.T) {
	b := golden.Bench{Connectors: func(task.Environment) []task.Connector {
		var mu sync.Mutex
		looked := map[string]int{}
		return []task.Connector{{Name: "desk", Title: "Desk", Description: "Tells how often it was asked.", Types: []task.Type{
			task.Define("desk.open", "Looks.", task.Reads, func(_ context.Context, call task.Call, _ desk) (memo, error) {
				mu.Lock()
				defer mu.Unlock()
				looked[call.Step]++
				return memo{Number: looked[call.Step]}, nil
			}),
		}}}
	}}
	k, err := golden.Parse("two.txtar", []byte(twoTickets))
	if err != nil {
		t.Fatal(err)
	}
	all, err := b.CrashEverywhere(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Wrong) == 0 {
		t.Error(fmt.Sprint("nothing is found in ", all.Points, " crashes"))
	}
}
