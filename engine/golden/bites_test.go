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
		Number int `json:"number" doc:"The ticket's."`
	}
)

// A connector that does not keep what its task types promise is found out by crashes, and one that does is not.
func TestCrashesFindBrokenPromises(t *testing.T) {
	for _, c := range []struct {
		name   string
		effect task.Effect
		open   func(s *tickets, c task.Call) int
		bites  bool
	}{
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
	} {
		t.Run(c.name, func(t *testing.T) {
			b := golden.Bench{Connectors: func(task.Environment) []task.Connector {
				s := &tickets{keys: map[string]int{}} // the system, which is as new for each run
				return []task.Connector{{Name: "desk", Title: "Desk", Description: "Tickets with numbers.", Types: []task.Type{
					task.Define("desk.open", "Opens a ticket.", c.effect, func(_ context.Context, call task.Call, _ desk) (memo, error) {
						s.mu.Lock()
						defer s.mu.Unlock()
						return memo{Number: c.open(s, call)}, nil
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
			if bites := len(all.Wrong) > 0; bites != c.bites {
				t.Errorf("%d of %d crashes are told as wrong: %s", len(all.Wrong), all.Points, strings.Join(all.Wrong, "\n"))
			}
			if doubts := all.Doubts > 0; doubts != (c.effect == task.Once) {
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

// Tickets are a system that numbers what is opened in it.
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

// A task that says it only reads, and answers otherwise each time, is found, too.
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
