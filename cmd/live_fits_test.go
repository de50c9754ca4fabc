package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

// TestLiveFitsTheWindow shows the run of every case of the hosts on small and large windows. After
// each event, the terminal has one frame, which is no longer and no wider than the window, and every
// step has its place in it. The frame after the last event shows nothing at work, if the run ended.
func TestLiveFitsTheWindow(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
		ctx, cancel := context.WithCancel(s.Context)
		return hosttest.Host{
			Run: func(r engine.Request, p *program.Program) (engine.Result, error) {
				clock := virtual.NewClock(time.Now().UTC())
				var shown []*shownLive
				for _, size := range [][2]int{{30, 6}, {60, 20}, {120, 40}} {
					shown = append(shown, newShownLive(s.T, p, r, clock, size[0], size[1]))
				}
				h := &virtual.Host{Context: ctx, Clock: clock, Registry: s.Registry, Answer: s.Answer, Watch: func(e engine.Event) {
					s.Watch(e)
					for _, l := range shown {
						l.event(e)
					}
				}}
				result, err := engine.Run(h, r, p)
				if _, trouble := errors.AsType[*engine.Trouble](err); trouble || errors.Is(err, engine.ErrUndecided) {
					return result, nil
				}
				for _, l := range shown {
					l.end()
				}
				return result, err
			},
			Cancel: cancel,
		}
	})
}

// A shownLive is a live on a terminal.
type shownLive struct {
	t      *testing.T
	screen *Screen
	live   *live
}

const above = "$ errand run case"

func newShownLive(t *testing.T, p *program.Program, r engine.Request, clock *virtual.Clock, width, height int) *shownLive {
	s := &shownLive{t: t, screen: NewScreen(width, height)}
	fmt.Fprintln(s.screen, above)
	s.live = newLive(liveFrame{w: s.screen, size: s.screen.size, color: true}, p, r, clock.Now)
	return s
}

func (s *shownLive) event(e engine.Event) {
	s.live.event(e)
	s.live.draw()
	if n := len(s.live.frame.drawn); n >= s.screen.height {
		s.t.Errorf("%d lines on %d after %s", n, s.screen.height, e)
	}
	s.check(e.String())
	if e.Step == "" {
		return
	}
	if r := s.live.tree.steps[e.Step]; r == nil || r.step == nil || s.live.focus != r && e.Kind != engine.EventHandlerBegins {
		s.t.Errorf("no row for %s", e)
	}
}

// check expects one frame on the terminal, below what was there before.
func (s *shownLive) check(after string) {
	lines := s.screen.Lines()
	if want := 1 + len(s.live.frame.drawn); len(lines) != want || lines[0] != above || strings.Count(strings.Join(lines, "\n"), "  run testrun000000000  ") != 1 {
		s.t.Fatalf("%d lines, want %d, after %s:\n%s", len(lines), want, after, s.screen)
	}
}

func (s *shownLive) end() {
	s.live.end()
	s.check("the end")
	s.live.tree.root.each(func(r *liveRow) {
		if r.kind == liveStep && r.phase.active() {
			s.t.Errorf("%s is at work after the end:\n%s", r.path, s.screen)
		}
	})
}
