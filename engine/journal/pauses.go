package journal

import (
	"context"
	"encoding/json"

	"errand/engine/access"
)

var _ access.Pauses = (*SQLite)(nil)

// Pause implements access.Pauses.
func (s *SQLite) Pause(ctx context.Context, p access.Pause) error {
	p.At = p.At.UTC()
	data, err := json.Marshal(p)
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error {
			return w.exec(`INSERT INTO paused (name, data) VALUES (?, ?) ON CONFLICT DO NOTHING`, p.Name, string(data))
		})
	}
	return accessError("pause", err)
}

// Unpause implements access.Pauses.
func (s *SQLite) Unpause(ctx context.Context, name string) (bool, error) {
	ended := int64(0)
	err := s.writer.submit(ctx, func(w *writer) (err error) {
		ended, err = w.execCount(`DELETE FROM paused WHERE name = ?`, name)
		return err
	})
	return ended > 0, accessError("unpause", err)
}

// Paused implements access.Pauses.
func (s *SQLite) Paused(ctx context.Context) (paused []access.Pause, err error) {
	err = s.each(ctx, `SELECT name, data FROM paused ORDER BY name`, nil, func(scan func(...any) error) error {
		var p access.Pause
		var name string
		var data []byte
		if err := scan(&name, &data); err != nil {
			return err
		}
		err := json.Unmarshal(data, &p)
		p.Name, p.At = name, p.At.UTC()
		paused = append(paused, p)
		return err
	})
	return paused, accessError("read pauses", err)
}
