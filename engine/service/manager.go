package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A Manager is the service manager that started the process, such as systemd. Without one its methods
// do nothing.
type Manager struct{ Log *slog.Logger }

// Ready says that the service has started.
func (m Manager) Ready() { m.notify(daemon.SdNotifyReady) }

// Stopping says that the service is about to end.
func (m Manager) Stopping() { m.notify(daemon.SdNotifyStopping) }

func (m Manager) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		m.Log.Warn("the service manager was not told", slog.String("state", state), slog.Any("error", err))
	}
}

// Watchdog reports to the manager that the service is well, twice in the time after which the manager
// would start it anew, as long as well returns nil. It returns when ctx ends, or at once if the
// manager does not ask for it.
func (m Manager) Watchdog(ctx context.Context, well func(context.Context) error) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval <= 0 {
		return
	}
	tick := time.NewTicker(interval / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := well(ctx); err != nil {
			m.Log.Error("the service is not well, so the watchdog is not told", slog.Any("error", err))
			continue
		}
		m.notify(daemon.SdNotifyWatchdog)
	}
}
