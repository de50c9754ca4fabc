package journal

import (
	"strconv"
	"sync"
)

// A stored is an entry in memory: encoded as a journal on disk would hold it, and from the first time that it is read decoded.
type stored struct {
	once    sync.Once
	data    string
	decoded Entry
	err     error
}

// entry is a copy that shares nothing with what is stored.
func (s *stored) entry() (Entry, error) {
	s.once.Do(func() {
		s.decoded, s.err = decode([]byte(s.data))
		s.data = ""
	})
	e := s.decoded
	if e.Call != nil {
		call := *e.Call
		call.Input = copyBytes(call.Input)
		e.Call = &call
	}
	if e.Reply != nil {
		reply := *e.Reply
		reply.Output = copyBytes(reply.Output)
		if reply.Again != nil {
			again := *reply.Again
			reply.Again = &again
		}
		if reply.Failure != nil {
			failure := *reply.Failure
			reply.Failure = &failure
		}
		e.Reply = &reply
	}
	return e, s.err
}

// undecodable says which entry cannot be read.
func undecodable(seq int, err error) string {
	return "entry " + strconv.Itoa(seq) + ": " + err.Error()
}
