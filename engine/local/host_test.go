package local_test

import (
	"testing"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/local"
)

func TestHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) engine.Host {
		return &local.Host{Context: s.Context, Registry: s.Registry, Watch: s.Watch}
	})
}
