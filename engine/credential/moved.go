package credential

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"errand/engine/task"
)

// A deletedRecord says where the requests with a credential went that was deleted while runs needed it.
type deletedRecord struct {
	Connector string    `json:"connector"`
	Name      string    `json:"name"`
	Deleted   time.Time `json:"deleted"` // not in seconds: a run may have sent something a moment before
	Target    string    `json:"target"`  // the SHA-256 of the connector's Target, hexadecimal
}

func targetSum(c task.Connector, values task.Values) string {
	sum := sha256.Sum256([]byte(c.Target(values)))
	return hex.EncodeToString(sum[:])
}

// mayMove asks MayMove if the requests with a credential would go elsewhere. before is nil if the
// credential is new: until now, the connector has used its environment. One that was deleted and is put
// back moves only what was sent since.
func (s *Store) mayMove(ctx context.Context, o *openedFile, c task.Connector, name string, before, after task.Values) error {
	if s.MayMove == nil || c.Target == nil || before != nil && c.Target(before) == c.Target(after) {
		return nil
	}
	var since time.Time
	if i := o.deleted(c.Name, name); i >= 0 && before == nil && o.Deleted[i].Target == targetSum(c, after) {
		since = o.Deleted[i].Deleted
	}
	return s.MayMove(ctx, c.Name, name, since)
}

// DeleteUsed removes a credential that runs need, and remembers where its requests went, so that it can be
// put back. It returns a *NotFoundError if there is none.
func (s *Store) DeleteUsed(ctx context.Context, c task.Connector, name string) error {
	return s.change(ctx, false, func(o *openedFile) error {
		i, found := o.find(c.Name, name)
		if !found {
			return notFoundError(o.document, c.Name, name)
		}
		if values, err := o.values(o.Credentials[i]); err == nil && c.Target != nil { // damaged ones went nowhere
			o.Deleted = append(o.Deleted, deletedRecord{c.Name, name, s.clock(), targetSum(c, values)})
		}
		o.Credentials = slices.Delete(o.Credentials, i, i+1)
		return nil
	})
}

// deleted returns the index of what is remembered of a deleted credential, or -1.
func (d *document) deleted(connector, name string) int {
	return slices.IndexFunc(d.Deleted, func(r deletedRecord) bool { return r.Connector == connector && r.Name == name })
}

// restored forgets that a credential was deleted.
func (d *document) restored(connector, name string) {
	if i := d.deleted(connector, name); i >= 0 {
		d.Deleted = slices.Delete(d.Deleted, i, i+1)
	}
}
