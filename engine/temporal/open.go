package temporal

import (
	"context"
	"log/slog"

	"errand/engine/credential"
	"errand/engine/task"
)

// Open connects a Runner to Temporal. What it sends is encrypted with the key of the credential store.
// about names this process for people. Its error is an *engine.Trouble.
func Open(ctx context.Context, c Connection, store *credential.Store, registry *task.Registry, about string, w WorkerOptions, logger *slog.Logger) (*Runner, error) {
	codec, err := OpenCodec(ctx, store)
	if err != nil {
		return nil, err
	}
	connected, err := c.Dial(ctx, codec, logger)
	if err != nil {
		return nil, err
	}
	_, namespace, err := c.Place()
	if err != nil {
		return nil, err
	}
	data, _ := converters(codec)
	return &Runner{Client: connected, Namespace: namespace, TaskQueue: c.Queue(), Registry: registry, Converter: data, About: about, Worker: w, limits: usualLimits}, nil
}
