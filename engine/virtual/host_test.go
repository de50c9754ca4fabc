package virtual_test

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/virtual"
)

func TestHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) engine.Host {
		return &virtual.Host{Context: s.Context, Clock: virtual.NewClock(time.Now().UTC()), Registry: s.Registry, Watch: s.Watch}
	})
}
