package temporal

import (
	"context"
	"errors"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/temporal/temporaltest"
)

// On a real server the cases that take no long have the same events and the same results.
func TestHostOnAServer(t *testing.T) {
	at := install(t, temporaltest.Options{ShortestTimer: time.Millisecond})
	cases := 0
	t.Run("cases", func(t *testing.T) {
		cases = hosttest.RunInRealTime(t, 10*time.Second, func(s hosttest.Setup) hosttest.Host { return realHost(at, s) })
	})
	if cases < 40 {
		t.Errorf("only %d cases", cases)
	}
}

// realHost returns a host whose run a worker of its own carries out.
func realHost(at *installation, s hosttest.Setup) hosttest.Host {
	r := at.runner(s.T, s.T.Name(), s.Registry)
	work(s.T, r)
	cancel := func(run string) {
		err := r.Cancel(s.Context, run, engine.Person{})
		if _, refused := errors.AsType[*engine.Refusal](err); err != nil && !refused {
			s.T.Error(err)
		}
	}
	var id string
	return hosttest.Host{
		Run: func(q engine.Request, p *program.Program) (engine.Result, error) {
			id = q.Run
			record := recordOfRequest(q, p)
			record.Run.StartedBy = "Dana"
			if err := r.begin(s.Context, s.T.Name(), record, ""); err != nil { // all cases have one request
				return engine.Result{}, err
			}
			return followCase(r, s, id)
		},
		Cancel: func() { cancel(id) },
	}
}

// followCase follows a run to its end, or until it waits for a person who does not decide. The case's
// persons decide when it asks them.
func followCase(r *Runner, s hosttest.Setup, run string) (engine.Result, error) {
	ctx, leave := context.WithTimeout(s.Context, time.Minute)
	defer leave()
	passed := 0 // each call of Follow passes all events on
	for {
		received, asked := 0, []string{}
		v, err := r.Follow(ctx, run, engine.Following{Watch: func(e engine.Event) {
			if received++; received <= passed {
				return
			}
			passed++
			s.Watch(e)
			if e.Kind == engine.EventStepAsks || e.Kind == engine.EventStepUncertain {
				asked = append(asked, e.Step)
			}
		}})
		if err != nil || !v.Ended.IsZero() || ctx.Err() != nil {
			return v.Result, errors.Join(err, ctx.Err())
		}
		answered := false
		for _, step := range asked {
			d, after, ok := s.Answer(engine.Question{Step: step})
			if !ok {
				continue
			}
			answered = true
			time.Sleep(after)
			d.By.Groups = []string{"managers"}
			if err := r.Decide(ctx, run, step, d); err != nil {
				return v.Result, err
			}
		}
		if !answered {
			return v.Result, nil
		}
	}
}
