package cmd

import (
	"context"
	"log/slog"

	"github.com/urfave/cli/v2"

	"errand/engine/observe"
)

// logFlags choose the form of a log on standard error.
type logFlags struct{ format, level string }

func (f *logFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "log-format", Value: observe.LogAuto, Usage: "write the log as `FORMAT`: " + orList(observe.LogFormats) + "; auto is text on a terminal and JSON elsewhere", Destination: &f.format},
		&cli.StringFlag{Name: "log-level", Value: "info", Usage: "write what has this `LEVEL` or more: " + orList(observe.LogLevels), Destination: &f.level},
	}
}

func (f *logFlags) config(t *terminal) observe.LogConfig {
	return observe.LogConfig{Format: f.format, Level: f.level, Terminal: isTerminal(t.stderr)}
}

// log returns a log in which the secrets of the home are masked.
func (h *homeFlags) log(ctx context.Context, f *logFlags) (*slog.Logger, error) {
	at, err := h.home()
	if err != nil {
		return nil, err
	}
	mask, failed := at.Mask(ctx)
	config := f.config(h.terminal)
	config.Mask = mask
	log, err := observe.NewLogger(h.stderr, config)
	if err != nil {
		return nil, usage("%v", err)
	}
	if failed != nil {
		log.Warn("the stored credentials cannot be opened; runs that need them wait until an administrator has mended that", slog.Any("error", failed))
	}
	return log, nil
}
