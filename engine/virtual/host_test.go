package virtual_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

func TestHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
		ctx, cancel := context.WithCancel(s.Context)
		return hosttest.Host{
			Run: func(r engine.Request, p *program.Program) (engine.Result, error) {
				h := &virtual.Host{Context: ctx, Clock: virtual.NewClock(time.Now().UTC()), Registry: s.Registry, Watch: s.Watch, Answer: s.Answer}
				result, err := engine.Run(h, r, p)
				if _, trouble := errors.AsType[*engine.Trouble](err); trouble || errors.Is(err, engine.ErrUndecided) {
					err = nil
				}
				return result, err
			},
			Cancel: cancel,
		}
	})
}
