package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
)

// The chain of a run is a hash over what the run was asked for, and one over each entry and the
// hash before it. It detects accidents before anything is sent, such as a digit that a disk or an
// editor changed. It does not protect against a person: who can write to the database can compute
// it too.
//
// Entries that were folded into one keep the chain. The entry that takes the place of the entries m
// to n is stored under the number n with fold(hash before m, hash of n, data). So it is a link from
// the hash before m to the hash of n, which the entry after n builds on, and its own data is
// covered too.
//
// A run that an older program began has no chain, and its entries have none, whoever appends them.

// chainLength is the length of a hash in bytes. Half of SHA-256 is enough against accidents.
const chainLength = sha256.Size / 2

// chainOf returns the hash of what a run was asked for.
func chainOf(r *Run) []byte {
	asked := [][]byte{
		[]byte("errand run 1"), []byte(r.ID), []byte(strconv.Itoa(r.Version)), []byte(r.Workflow), []byte(r.Request),
		[]byte(r.StartedBy), r.Inputs, fmt.Append(nil, instant(r.Started)),
	}
	// A run without a key or a URL has the hash that it had before there were any.
	if r.Key != "" || r.URL != "" {
		asked = append(asked, []byte(r.Key))
	}
	if r.URL != "" {
		asked = append(asked, []byte(r.URL))
	}
	return link(asked...)
}

// chained returns the hash of an entry that follows a hash.
func chained(before []byte, data string) []byte { return link(before, []byte(data)) }

// fold returns what is stored as the chain of a folded entry: the hash of the last entry that it
// stands for, and a hash over the whole link.
func fold(before, last []byte, data string) []byte {
	return append(bytes.Clone(last), link(before, last, []byte(data))...)
}

// lastHash returns the hash that the entry after one with this chain builds on.
func lastHash(chain []byte) []byte { return chain[:min(len(chain), chainLength)] }

// follows returns the hash that the next entry builds on, or false if an entry does not follow the
// hash before it.
func follows(before, chain, data []byte) (hash []byte, ok bool) {
	if len(chain) == 2*chainLength {
		return lastHash(chain), bytes.Equal(chain, fold(before, lastHash(chain), string(data)))
	}
	return chain, bytes.Equal(chain, link(before, data))
}

// link returns a hash over several parts, each with its length.
func link(parts ...[]byte) []byte {
	buffer := make([]byte, 0, 1<<10)
	for _, p := range parts {
		buffer = binary.BigEndian.AppendUint64(buffer, uint64(len(p)))
		buffer = append(buffer, p...)
	}
	sum := sha256.Sum256(buffer)
	return sum[:chainLength]
}
