package local

import (
	"errors"
	"sync"
	"time"
	"unsafe"

	"errand/engine"
	"errand/engine/journal"
)

// A run all of whose branches wait for a short time stays in memory: its goroutines wait, this
// process goes on holding it, and no replay is needed when it goes on. Its row in the journal shows
// what it waits for and when it is due, as that of a parked run does.
const (
	shortWait   = journal.LongestHeld // a longer wait is parked
	maxResident = 1000                // how many runs of a Runner wait in memory
	maxResidue  = 64 << 20            // how many bytes they hold, estimated
)

// A residence is a run's wait in memory.
type residence struct {
	size   int            // its share of maxResidue; 0 if the run does not wait in memory
	ended  chan struct{}  // closed when the wait has ended
	group  sync.WaitGroup // whoever attends to the run meanwhile
	moves  chan move
	turns  chan struct{} // holds one value for each run at work; nil if there is no limit
	waived bool          // the run has left its place in turns to others
}

// settle lets a run wait in memory all of whose branches wait. It returns false if the run has to be
// parked instead. That a run is to be cancelled makes its branches look again.
func (l *ledger) settle() bool {
	state := l.stateOf(l.waitsInMemory())
	if !l.isShort(state) {
		return false
	}
	size := l.size()
	if !l.r.admit(size) {
		return false
	}
	err := l.store(state, l.me, l.run.Cancel || l.asked.Load())
	if errors.Is(err, journal.ErrCancel) {
		l.run.Cancel = true
		l.wakeAll()
	}
	if err != nil {
		l.r.dismiss(size)
		return errors.Is(err, journal.ErrCancel)
	}
	l.residence.size, l.residence.ended = size, make(chan struct{})
	if l.residence.turns != nil {
		<-l.residence.turns
		l.residence.waived = true
	}
	mark, ended := l.run.Mark(), l.residence.ended
	l.residence.group.Go(func() { l.attend(mark, ended) })
	return true
}

// waitsInMemory returns what the branches wait for.
func (l *ledger) waitsInMemory() (waits []engine.Wait) {
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

// rouse ends the run's wait in memory. Each branch that wakes up calls it. It waits for a place among
// the runs at work, with the ledger unlocked.
func (l *ledger) rouse() {
	if l.residence.size > 0 {
		l.r.dismiss(l.residence.size)
		close(l.residence.ended)
		l.residence.size = 0
	}
	if !l.residence.waived {
		return
	}
	l.mu.Unlock()
	l.residence.turns <- struct{}{}
	l.mu.Lock()
	if !l.residence.waived { // another branch was faster
		<-l.residence.turns
	}
	l.residence.waived = false
}

// A move says that a run is not as this process left it.
type move struct{ before, now journal.Mark }

// attend looks at the journal while a run waits in memory, and tells one of its branches when
// somebody has changed the run. It does not look again if the run goes on before that.
func (l *ledger) attend(before journal.Mark, ended <-chan struct{}) {
	for time.Until(before.Wake) > l.r.poll() {
		poked := l.r.pokes()
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

// admit reports whether another run may wait in memory, and counts it.
func (r *Runner) admit(size int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.residents == maxResident || r.residue+size > maxResidue {
		return false
	}
	r.residents++
	r.residue += size
	return true
}

// dismiss takes back what admit has counted.
func (r *Runner) dismiss(size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.residents--
	r.residue -= size
}

// size estimates how many bytes a run holds in memory: its inputs and definition; its entries, twice,
// because the interpreter keeps values made of them; and a stack for each branch and for attend.
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
