package local

import (
	"errors"
	"sync"
	"time"
	"unsafe"

	"errand/engine"
	"errand/engine/journal"
)

// A run all of whose branches wait stays in memory if one of them goes on soon: its goroutines
// wait, this process goes on holding it, and no replay is needed when it goes on. Its row in the
// journal shows what it waits for and when it is due, as that of a parked run does.
const (
	shortWait        = journal.LongestHeld // a longer wait is parked
	maxInMemory      = 1000                // how many runs of a Runner wait in memory
	maxBytesInMemory = 64 << 20            // how many bytes they use, estimated
)

// A memoryWait is the state of a run that may wait in memory.
type memoryWait struct {
	size     int            // in bytes, estimated; 0 if the run does not wait in memory
	ended    chan struct{}  // closed when the wait has ended
	group    sync.WaitGroup // of attend
	moves    chan move      // from attend to one of the branches
	slots    chan struct{}  // holds one value for each run at work; nil if there is no limit
	gaveSlot bool           // the run has given its slot to others
}

// waitInMemory lets a run wait in memory when all of its branches wait. It returns false if the run
// must be parked instead. If the run is to be cancelled, its branches look again.
func (l *ledger) waitInMemory() bool {
	state := l.stateOf(l.restingWaits())
	if !l.isShort(state) {
		return false
	}
	size := l.size()
	if !l.r.reserve(size) {
		return false
	}
	err := l.store(state, l.me, l.run.Cancel || l.asked.Load())
	if errors.Is(err, journal.ErrCancel) {
		l.run.Cancel = true
		l.wakeAll()
	}
	if err != nil {
		l.r.unreserve(size)
		return errors.Is(err, journal.ErrCancel)
	}
	l.memoryWait.size, l.memoryWait.ended = size, make(chan struct{})
	if l.memoryWait.slots != nil {
		<-l.memoryWait.slots
		l.memoryWait.gaveSlot = true
	}
	mark, ended := l.run.Mark(), l.memoryWait.ended
	l.memoryWait.group.Go(func() { l.attend(mark, ended) })
	return true
}

// restingWaits returns what the branches wait for.
func (l *ledger) restingWaits() (waits []engine.Wait) {
	for _, r := range l.waiting {
		waits = append(waits, r.wait)
	}
	return waits
}

// isShort reports whether a run that waits goes on soon by itself. One that only waits for persons
// is left to them, even if their time is short.
func (l *ledger) isShort(s journal.State) bool {
	return l.ctx.Err() == nil && !s.Wake.IsZero() && time.Until(s.Wake) <= shortWait && !engine.WaitsForPerson(s.Waits)
}

// endMemoryWait ends the run's wait in memory. Each branch that wakes up calls it. It waits for a
// slot, with the ledger unlocked.
func (l *ledger) endMemoryWait() {
	if l.memoryWait.size > 0 {
		l.r.unreserve(l.memoryWait.size)
		close(l.memoryWait.ended)
		l.memoryWait.size = 0
	}
	if !l.memoryWait.gaveSlot {
		return
	}
	l.mu.Unlock()
	l.memoryWait.slots <- struct{}{}
	l.mu.Lock()
	if !l.memoryWait.gaveSlot { // another branch was faster
		<-l.memoryWait.slots
	}
	l.memoryWait.gaveSlot = false
}

// A move is a change of a run by somebody else, while the run waits in memory.
type move struct{ before, now journal.Mark }

// attend reads the run's mark while the run waits in memory, and sends a move to one of its
// branches when somebody has changed the run. It does not read if the run goes on by itself before
// that.
func (l *ledger) attend(before journal.Mark, ended <-chan struct{}) {
	for time.Until(before.Wake) > l.r.poll() {
		poked := l.r.poked.next()
		select {
		case <-ended:
			return
		case <-poked:
		case <-time.After(l.r.poll()):
		}
		now, err := l.r.Journal.Mark(background, l.run.ID)
		if err != nil || now.Same(before) {
			continue
		}
		select {
		case <-ended:
		case l.moves <- move{before, now}:
		}
		return
	}
}

// take makes the branches look again after a move of somebody else.
func (l *ledger) take(m move) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !m.before.Same(l.run.Mark()) {
		return // this process has changed the run meanwhile, and would have been refused
	}
	l.run.Cancel = l.run.Cancel || m.now.Holder == m.before.Holder // only Cancel changes the wake-up of a run that is held
	l.wakeAll()
}

// reserve reports whether another run of this size may wait in memory, and counts it if so.
func (r *Runner) reserve(size int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inMemory == maxInMemory || r.bytesInMemory+size > maxBytesInMemory {
		return false
	}
	r.inMemory++
	r.bytesInMemory += size
	return true
}

// unreserve reverts reserve.
func (r *Runner) unreserve(size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inMemory--
	r.bytesInMemory -= size
}

// size estimates how many bytes a run holds in memory: its inputs and definition; its entries,
// twice, because the interpreter keeps values made of them; and a stack for each branch and for
// attend.
func (l *ledger) size() int {
	const stack = 16 << 10
	return len(l.run.Inputs) + len(l.run.Source) + 2*l.bytes + (len(l.waiting)+1)*stack
}

// sizeOf estimates how many bytes an entry holds.
func sizeOf(e journal.Entry) int {
	n := int(unsafe.Sizeof(e)) + len(e.Branch) + len(e.Step) + len(e.Comment)
	if c := e.Call; c != nil {
		n += int(unsafe.Sizeof(*c)) + len(c.Input) + len(c.Note)
	}
	if r := e.Reply; r != nil {
		n += int(unsafe.Sizeof(*r)) + len(r.Output)
	}
	return n
}
