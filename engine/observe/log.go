package observe

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"errand/engine/credential"
)

// The formats of a log.
const (
	LogText = "text"
	LogJSON = "json"
	LogAuto = "auto" // text on a terminal, and JSON elsewhere
)

var (
	// LogFormats are the formats that a log may have.
	LogFormats = []string{LogAuto, LogText, LogJSON}
	// LogLevels are the levels that a log may have, the most detailed one first.
	LogLevels = []string{"debug", "info", "warn", "error"}
)

// A LogConfig says what a log is like.
type LogConfig struct {
	Format   string           // one of LogFormats; "" means LogAuto
	Level    string           // one of LogLevels; "" means info
	Terminal bool             // the log goes to a terminal
	Mask     *credential.Mask // what is replaced in it; may be nil
}

// IsText reports whether the log is text, for people; otherwise each line of it is JSON.
func (c LogConfig) IsText() bool { return c.Format == LogText || c.Format != LogJSON && c.Terminal }

// NewLogger returns a log. Its error says which member of the config has an unknown value.
func NewLogger(w io.Writer, c LogConfig) (*slog.Logger, error) {
	if c.Format != "" && !slices.Contains(LogFormats, c.Format) {
		return nil, unknown("log format", c.Format, LogFormats)
	}
	var level slog.Level
	if c.Level != "" {
		if !slices.Contains(LogLevels, c.Level) {
			return nil, unknown("log level", c.Level, LogLevels)
		}
		if err := level.UnmarshalText([]byte(c.Level)); err != nil {
			return nil, err
		}
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: wordDuration}
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if c.IsText() {
		h = slog.NewTextHandler(w, options)
	}
	if c.Mask != nil {
		h = &masking{next: h, mask: c.Mask}
	}
	return slog.New(h), nil
}

// wordDuration makes a duration a text with its unit, in JSON too.
func wordDuration(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func unknown(what, value string, known []string) error {
	return fmt.Errorf("unknown %s %q; expected %s", what, value, strings.Join(known, ", "))
}
