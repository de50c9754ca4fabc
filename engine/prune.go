package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"
)

// A Pruner deletes the records of runs that ended long ago: their inputs, steps, events and outputs.
// It keeps of each run who started it for which request, who owns it, and when and how it ended. So
// an order for the same request gets that run: Accept returns it, Start is refused (RefusedPruned),
// and an order with other inputs is a conflict. Whatever else reads or changes a pruned run is
// refused (RefusedPruned), except that a list has it if the query says so.
//
// A run that has not ended is never pruned. Runners whose runs are deleted by another system have no
// Pruner.
type Pruner interface {
	// Prune returns what it pruned, also with an error. It lets other work of the runner go on
	// meanwhile. The end of ctx ends it early. A home that is a copy is not pruned (RefusedCopy).
	Prune(ctx context.Context, p Pruning) (Pruned, error)
}

// A Pruning says what is pruned.
type Pruning struct {
	EndedBefore time.Time // runs that ended then or later stay
	DryRun      bool      // deletes nothing, and returns what would be pruned
}

// Pruned is how many runs were pruned, by workflow.
type Pruned map[string]int

// Runs returns how many runs were pruned in all.
func (p Pruned) Runs() (n int) {
	for _, of := range p {
		n += of
	}
	return n
}

// InputsDigest returns what a pruned run keeps of its inputs: the SHA-256 of their JSON, which is
// canonical (schema.Encode).
func InputsDigest(inputs []byte) []byte {
	sum := sha256.Sum256(inputs)
	return sum[:]
}

// HasInputs reports whether the run was started with these inputs, in canonical JSON. It can say so of
// a pruned run too.
func (v View) HasInputs(inputs []byte) bool {
	if v.Pruned.IsZero() {
		return bytes.Equal(v.Inputs, inputs)
	}
	return bytes.Equal(v.InputsDigest, InputsDigest(inputs))
}
