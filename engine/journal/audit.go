package journal

import (
	"context"

	"errand/engine/access"
)

// An AuditLog is the audit log in a journal's database. The number and the hash of an entry are
// computed inside the transaction that adds it, so that several processes make one chain.
//
// The seal is made in the same transaction. A process that has the key seals the end of the log if
// the seal before is good, or if there is none that its key made; the entry then says how many
// entries before it had no seal. If the seal before is not good, it stays as the evidence of that.
type AuditLog struct {
	journal *SQLite
	sealer  access.Sealer
}

var _ access.Log = (*AuditLog)(nil)

// Audit returns the audit log, which the sealer seals. The sealer may be nil.
func (s *SQLite) Audit(sealer access.Sealer) *AuditLog { return &AuditLog{s, sealer} }

// Append implements access.Audit.
func (l *AuditLog) Append(ctx context.Context, e access.Entry) (access.Entry, error) {
	a := NewAddition(ctx, e, l.sealer)
	err := l.journal.writer.submit(ctx, func(w *writer) (err error) {
		e, err = w.appendAudit(a.entry, a.key)
		return err
	})
	return e, accessError("append to the audit log", err)
}

// An Addition is an entry that is added to the audit log.
type Addition struct {
	entry access.Entry
	key   access.SealKey // nil: the entry gets no seal
}

// NewAddition returns an addition that the sealer seals. The sealer may be nil. Its key may have to be
// fetched, so this takes place before the transaction.
func NewAddition(ctx context.Context, e access.Entry, sealer access.Sealer) *Addition {
	a := &Addition{entry: e}
	if sealer != nil {
		if key, err := sealer.SealKey(ctx); err == nil {
			a.key = key
		}
	}
	return a
}

// Reseal implements access.Log.
func (l *AuditLog) Reseal(ctx context.Context, verified access.Head, key access.SealKey, e access.Entry) (access.Entry, error) {
	err := l.journal.writer.submit(ctx, func(w *writer) error {
		if err := w.sealAudit(); err != nil {
			return err
		}
		w.audit = nil
		hash, err := w.auditHash(verified.Seq)
		if err == nil && string(hash) != string(verified.Hash) {
			return access.ErrChanged
		}
		if err == nil && verified.Seq > 0 {
			err = w.seal(access.NewSeal(key, verified.Seq, verified.Hash))
		}
		if err == nil {
			e, err = w.appendAudit(e, key)
		}
		return err
	})
	return e, accessError("seal the audit log", err)
}

// An auditEnd is the end of the audit log during a transaction, in which many callers may add
// entries.
type auditEnd struct {
	seq  int64
	hash []byte

	// What is sealed when the transaction is committed. sealer is nil if there is nothing to seal.
	sealer     access.SealKey
	sealed     int64 // the number of an entry
	sealedHash []byte
}

// appendAudit adds an entry inside a transaction. key may be nil.
func (w *writer) appendAudit(e access.Entry, key access.SealKey) (access.Entry, error) {
	if w.audit == nil {
		var end auditEnd
		if _, err := w.row(`SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`, nil, &end.seq, &end.hash); err != nil {
			return e, err
		}
		w.audit = &end
	}
	end := w.audit
	unsealed := int64(0)
	if key != nil {
		sealed, good := end.sealed, true
		if end.sealer == nil || end.sealer.Name() != key.Name() {
			var err error
			if err = w.sealAudit(); err == nil {
				sealed, good, err = w.sealedTo(key)
			}
			if err != nil {
				return e, err
			}
		}
		if !good || sealed > end.seq {
			key = nil
		} else {
			unsealed = end.seq - sealed
		}
	}
	e.Seq = end.seq + 1
	record, err := access.NewRecord(end.hash, e, unsealed)
	if err == nil {
		err = w.exec(`INSERT INTO audit (seq, data, hash) VALUES (?, ?, ?)`, record.Seq, string(record.Data), record.Hash)
	}
	if err != nil {
		return e, err
	}
	end.seq, end.hash = record.Seq, record.Hash
	if key != nil {
		end.sealer, end.sealed, end.sealedHash = key, record.Seq, record.Hash
	}
	return record.Entry()
}

// sealAudit makes the seal that the entries of this transaction need: one for all of them.
func (w *writer) sealAudit() error {
	end := w.audit
	if end == nil || end.sealer == nil {
		return nil
	}
	err := w.seal(access.NewSeal(end.sealer, end.sealed, end.sealedHash))
	end.sealer = nil
	return err
}

// sealedTo returns the number of the entry that the key has sealed, or 0 if it has sealed none. good
// is false if the seal is not the one that the key made.
func (w *writer) sealedTo(key access.SealKey) (seq int64, good bool, err error) {
	var seal access.Seal
	found, err := w.row(`SELECT seq, key, mac FROM audit_seal`, nil, &seal.Seq, &seal.Key, &seal.MAC)
	if err != nil || !found || seal.Key != key.Name() {
		return 0, err == nil, err
	}
	hash, err := w.auditHash(seal.Seq)
	return seal.Seq, err == nil && seal.Fits(key, hash), err
}

// auditHash returns the hash of an entry, or nil if there is none.
func (w *writer) auditHash(seq int64) (hash []byte, err error) {
	_, err = w.row(`SELECT hash FROM audit WHERE seq = ?`, []any{seq}, &hash)
	return hash, err
}

// seal replaces the seal inside a transaction.
func (w *writer) seal(s access.Seal) error {
	return w.exec(`INSERT INTO audit_seal (number, seq, key, mac) VALUES (1, ?, ?, ?)
		ON CONFLICT (number) DO UPDATE SET seq = excluded.seq, key = excluded.key, mac = excluded.mac`, s.Seq, s.Key, s.MAC)
}

// Records implements access.Log.
func (l *AuditLog) Records(ctx context.Context, after int64, limit int) (records []access.Record, err error) {
	const query = `SELECT seq, data, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`
	err = l.journal.each(ctx, query, []any{after, limit}, func(scan func(...any) error) error {
		var r access.Record
		err := scan(&r.Seq, &r.Data, &r.Hash)
		records = append(records, r)
		return err
	})
	return records, accessError("read the audit log", err)
}

// Entries implements access.Audit.
func (l *AuditLog) Entries(ctx context.Context, after int64, limit int) ([]access.Entry, error) {
	records, err := l.Records(ctx, after, limit)
	entries := make([]access.Entry, len(records))
	for i, r := range records {
		if err == nil {
			entries[i], err = r.Entry()
		}
	}
	return entries, accessError("read the audit log", err)
}

// Length implements access.Audit.
func (l *AuditLog) Length(ctx context.Context) (last int64, err error) {
	err = l.journal.each(ctx, `SELECT coalesce(max(seq), 0) FROM audit`, nil, func(scan func(...any) error) error { return scan(&last) })
	return last, accessError("read the audit log", err)
}

// Seal implements access.Log.
func (l *AuditLog) Seal(ctx context.Context) (seal *access.Seal, err error) {
	err = l.journal.each(ctx, `SELECT seq, key, mac FROM audit_seal`, nil, func(scan func(...any) error) error {
		seal = &access.Seal{}
		return scan(&seal.Seq, &seal.Key, &seal.MAC)
	})
	return seal, accessError("read the audit log", err)
}
