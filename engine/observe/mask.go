package observe

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"errand/engine/credential"
)

// masking masks the message and every attribute of a record. A secret that the mask learns later is
// masked in attributes that a logger has had from its beginning, too.
type masking struct {
	next slog.Handler
	mask *credential.Mask
	with []func(slog.Handler) slog.Handler // what WithAttrs and WithGroup asked for, in order
}

// Enabled implements slog.Handler.
func (m *masking) Enabled(ctx context.Context, l slog.Level) bool { return m.next.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (m *masking) Handle(ctx context.Context, r slog.Record) error {
	masked := slog.NewRecord(r.Time, r.Level, m.mask.Text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(m.attribute(a))
		return true
	})
	h := m.next
	for _, add := range m.with {
		h = add(h)
	}
	return h.Handle(ctx, masked)
}

// WithAttrs implements slog.Handler.
func (m *masking) WithAttrs(attributes []slog.Attr) slog.Handler {
	return m.adding(func(h slog.Handler) slog.Handler { return h.WithAttrs(m.attributes(attributes)) })
}

// WithGroup implements slog.Handler.
func (m *masking) WithGroup(name string) slog.Handler {
	return m.adding(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (m *masking) adding(add func(slog.Handler) slog.Handler) slog.Handler {
	return &masking{next: m.next, mask: m.mask, with: append(slices.Clip(m.with), add)}
}

func (m *masking) attributes(all []slog.Attr) []slog.Attr {
	masked := make([]slog.Attr, len(all))
	for i, a := range all {
		masked[i] = m.attribute(a)
	}
	return masked
}

func (m *masking) attribute(a slog.Attr) slog.Attr {
	a.Key, a.Value = m.mask.Text(a.Key), m.value(a.Value.Resolve())
	return a
}

func (m *masking) value(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(m.mask.Text(v.String()))
	case slog.KindGroup:
		return slog.GroupValue(m.attributes(v.Group())...)
	case slog.KindAny:
		return m.any(v.Any())
	}
	return v
}

// any masks what is no text: by its JSON, or by its text if it has one or cannot be encoded.
func (m *masking) any(v any) slog.Value {
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(m.mask.Text(v.Error()))
	case fmt.Stringer:
		return slog.StringValue(m.mask.Text(v.String()))
	}
	data, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(m.mask.Text(fmt.Sprint(v)))
	}
	return slog.AnyValue(json.RawMessage(m.mask.JSON(data)))
}
