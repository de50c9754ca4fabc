package local

import (
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// rest waits beside the other branches until a wait is due (a zero Due means never), or until there
// is a reason to look again. It returns false if the run is parked, or given up for another reason:
// then this branch gives up too. A branch that asks a person also reads the run's inbox. stays
// means that the wait goes on if the run is cancelled.
func (h *host) rest(w engine.Wait, stays bool) (stay bool, err error) {
	if h.unwinding {
		return h.leave(w), nil
	}
	if h.active > 1 && len(h.news) > 0 { // the others may take long, and the wait must not start again after a crash
		commit := h.commit
		if stays {
			commit = func(s journal.State, holder string) error { return h.store(s, holder, true) }
		}
		if err := commit(h.working(), h.me); err != nil {
			return true, err
		}
	}
	ends := h.ctx.Done()
	if h.ctx.Err() != nil {
		ends = nil // known already: this branch waits for the end of a call in another one
	}
	told := make(chan struct{})
	h.waiting[h] = resting{wait: w, told: told}
	h.active--
	h.changed()
	h.mu.Unlock()
	mail := h.await(told, ends, w)
	h.mu.Lock()
	h.receive(mail)
	if _, still := h.waiting[h]; still {
		delete(h.waiting, h)
		h.active++
	}
	h.endMemoryWait()
	if h.unwinding {
		return h.leave(w), nil
	}
	return true, nil
}

// leave makes the branch give up, with what it waits for. It returns false.
func (h *host) leave(w engine.Wait) bool {
	h.wait(w)
	h.resting = true
	h.active--
	return false
}

// await returns when a branch that waits has to look again, with the messages that it has read. ends
// is closed when the work of the process ends. The ledger is unlocked.
func (h *host) await(told, ends <-chan struct{}, w engine.Wait) (mail []journal.Message) {
	var timer <-chan time.Time
	if !w.Due.IsZero() {
		t := time.NewTimer(time.Until(w.Due))
		defer t.Stop()
		timer = t.C
	}
	for {
		poked, again := h.inboxChecks(w.For == engine.WaitPerson)
		select {
		case <-told:
			return nil
		case <-timer:
			return nil
		case <-ends:
			return nil
		case m := <-h.moves:
			h.take(m)
			continue
		case <-poked:
		case <-again:
		}
		if mail, none := h.noMail(); !none {
			return mail
		}
	}
}

// inboxChecks returns channels that receive when a branch that asks a person has to read the inbox:
// after a poke in this process, and after a while. They are nil for a branch that does not ask.
func (h *host) inboxChecks(asks bool) (poked <-chan struct{}, again <-chan time.Time) {
	if !asks {
		return nil, nil
	}
	return h.r.poked.next(), time.After(h.r.poll())
}

// newMail reads the inbox, with the ledger unlocked meanwhile, and reports whether it has something
// new.
func (h *host) newMail() bool {
	h.mu.Unlock()
	mail, none := h.noMail()
	h.mu.Lock()
	h.receive(mail)
	return !none
}

// receive takes messages that a branch has read into the run's inbox. They may answer another branch,
// which would find nothing new there, so all that wait look again.
func (l *ledger) receive(mail []journal.Message) {
	if len(mail) > len(l.inbox) {
		l.inbox = mail
		l.wakeAll()
	}
}

// noMail reads the inbox, and reports whether it has nothing new. The ledger is unlocked.
func (h *host) noMail() (mail []journal.Message, none bool) {
	mail, err := h.r.Journal.Messages(background, h.run.ID)
	h.mu.Lock()
	defer h.mu.Unlock()
	return mail, err != nil || len(mail) <= len(h.inbox)
}
