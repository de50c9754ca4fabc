package home_test

import (
	"context"
	"errors"
	"testing"

	"errand/engine/home"
	"errand/engine/task"
)

// The first credential that cannot be used is named.
func TestReady(t *testing.T) {
	h := newHome(t)
	p := load(t, h, "workflow: start\nsteps: [{id: start, task: ec2.start_instance, with: {instance_id: i-0a1b2c3d4e5f60001}}]\n")
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("it is sealed"), "it is sealed"},
		{&task.Failure{Code: "no_credential", Message: "there is none"}, "there is none"},
	} {
		all := h.Registry().Connectors()
		for i := range all {
			all[i].Ready = func(context.Context, string) error { return c.err }
		}
		err := home.Ready(t.Context(), task.NewRegistry(all...), p)
		wrong, ok := errors.AsType[*home.NotReadyError](err)
		if ok != (c.err != nil) || ok && (wrong.Error() != c.want || wrong.Used.Connector != "ec2" || !errors.Is(err, c.err)) {
			t.Errorf("%v: %v", c.err, err)
		}
	}
}

// A credential is tried out by what its connector finds about it, once it can be used at all.
func TestTry(t *testing.T) {
	good, bad := task.Check{Parameter: "region", OK: true}, task.Check{Parameter: "key", Message: "is refused"}
	for _, c := range []struct {
		name   string
		ready  error
		finds  []task.Check
		good   bool
		checks int
	}{
		{"nothing is wrong", nil, []task.Check{good, good}, true, 2},
		{"one is refused", nil, []task.Check{good, bad}, false, 2},
		{"it cannot be used", errors.New("it is sealed"), []task.Check{good}, false, 1},
	} {
		connector := task.Connector{
			Ready:    func(context.Context, string) error { return c.ready },
			Validate: func(context.Context, string) []task.Check { return c.finds },
		}
		ok, checks := home.Try(t.Context(), connector, "default")
		if ok != c.good || len(checks) != c.checks || c.ready != nil && checks[0].Message != "it is sealed" {
			t.Errorf("%s: %v, %+v", c.name, ok, checks)
		}
	}
	if ok, checks := home.Try(t.Context(), task.Connector{}, "default"); !ok || len(checks) > 0 {
		t.Errorf("nothing to try: %v, %+v", ok, checks)
	}
}
