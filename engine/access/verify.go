package access

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
)

// A Head is the end of a log: the number of its last entry and the hash of that.
type Head struct {
	Seq  int64
	Hash []byte
}

// A Span is a range of entries, both ends included.
type Span struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// A FaultKind says what is wrong with a log.
type FaultKind string

// The kinds of faults.
const (
	FaultChanged FaultKind = "changed" // the entry, or its hash, is not what was written
	FaultMissing FaultKind = "missing" // entries were removed in the middle
	FaultEnd     FaultKind = "end"     // entries were removed at the end
	FaultSeal    FaultKind = "seal"    // entries were changed and hashed again, or the seal was changed
	FaultKey     FaultKind = "key"     // the seal was made by another key
	FaultHead    FaultKind = "head"    // no entry has the hash that was the end of the log earlier
)

// A Fault is one thing that is wrong with the entries of a range.
type Fault struct {
	Kind FaultKind `json:"kind"`
	Span
}

// A Report says what a verification has found.
type Report struct {
	Head     Head    // the end of the log; an operator can keep its hash elsewhere
	Sealed   int64   // the seal covers the entries up to this one; 0 if no seal could be checked
	Unsealed []Span  // entries that were added without the key: only the entries after them vouch for them
	Faults   []Fault // in the order of the entries
	NoKey    error   // why the seal could not be checked; nil if it was, or if there is none
}

// Good reports whether the log is as it was written, as far as its seal shows.
func (r Report) Good() bool { return len(r.Faults) == 0 && r.NoKey == nil }

// Verify reads a log and checks its chain and its seal. known is the hash of an entry that an
// operator has kept, hexadecimal, or "". The error is that of the log.
func Verify(ctx context.Context, log Log, sealer Sealer, known string) (Report, error) {
	seal, err := log.Seal(ctx) // before the records: entries may be added meanwhile
	if err != nil {
		return Report{}, err
	}
	v := verifier{known: known, seal: seal}
	for more := true; more; {
		records, err := log.Records(ctx, v.Head.Seq, pageSize)
		if err != nil {
			return Report{}, err
		}
		for _, r := range records {
			v.read(r)
		}
		more = len(records) == pageSize
	}
	v.checkSeal(ctx, sealer)
	if known != "" && !v.found {
		v.fault(FaultHead, 1, v.Head.Seq)
	}
	return v.Report, nil
}

// pageSize is how many records Verify reads at once.
const pageSize = 500

// A verifier is a Report that is being made.
type verifier struct {
	Report
	known    string
	found    bool   // an entry has the known hash
	seal     *Seal  // nil if the log has none
	sealedBy []byte // the hash of the entry that has the seal
}

func (v *verifier) fault(kind FaultKind, first, last int64) {
	v.Faults = append(v.Faults, Fault{kind, Span{first, last}})
}

// read checks the next record. After a fault the verification goes on with the hash that is stored.
func (v *verifier) read(r Record) {
	if r.Seq > v.Head.Seq+1 {
		v.fault(FaultMissing, v.Head.Seq+1, r.Seq-1)
	} else if e, err := r.decode(); err != nil || !bytes.Equal(link(v.Head.Hash, r.Data), r.Hash) {
		v.fault(FaultChanged, r.Seq, r.Seq)
	} else if e.Unsealed > 0 {
		v.Unsealed = append(v.Unsealed, Span{r.Seq - e.Unsealed, r.Seq - 1})
	}
	if v.seal != nil && v.seal.Seq == r.Seq {
		v.sealedBy = r.Hash
	}
	v.found = v.found || hex.EncodeToString(r.Hash) == v.known
	v.Head = Head{r.Seq, r.Hash}
}

// checkSeal checks the seal, and that no entry before it was removed.
func (v *verifier) checkSeal(ctx context.Context, sealer Sealer) {
	if v.seal == nil {
		v.leaveUnsealed(1)
		return
	}
	if v.seal.Seq > v.Head.Seq {
		v.fault(FaultEnd, v.Head.Seq+1, v.seal.Seq)
		return
	}
	key, err := sealer.SealKey(ctx)
	switch {
	case err != nil:
		v.NoKey = err
	case v.seal.Key != key.Name():
		v.fault(FaultKey, 1, v.seal.Seq)
	case v.sealedBy == nil || !v.seal.Fits(key, v.sealedBy):
		v.fault(FaultSeal, 1, v.seal.Seq)
	default:
		v.Sealed = v.seal.Seq
		v.leaveUnsealed(v.seal.Seq + 1)
	}
}

// leaveUnsealed reports that the entries from a number on have no seal.
func (v *verifier) leaveUnsealed(first int64) {
	if first <= v.Head.Seq {
		v.Unsealed = append(v.Unsealed, Span{first, v.Head.Seq})
	}
}

// ErrChanged says that a log has changed where it should not.
var ErrChanged = errors.New("the audit log was changed after it was verified")
