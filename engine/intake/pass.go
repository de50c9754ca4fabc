package intake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/task"
)

// A poll is what a Clerk remembers of a source between two passes. Nothing depends on it but how
// often all tickets are read, and that an outcome is told once.
type poll struct {
	clerk *Clerk
	swept time.Time            // when the last pass over all tickets began
	told  map[string]time.Time // the tickets whose outcome was told: when they had changed
}

// errRepeats is the failure of a desk whose list does not go on.
var errRepeats = &task.Failure{Code: "list_repeats", Message: "the desk returns the same tickets page after page"}

// mostRepeats is how many times a page may be the same as the one before. It is the same if all of
// its tickets changed in the second that the next page begins with.
const mostRepeats = 4

// A pass reads the tickets of a source once, page by page, and deals with each page in one commit.
type pass struct {
	*poll
	feed     Feed
	paused   map[string]bool
	whole    bool                 // all tickets are read
	cursor   cursor               // after the pages so far
	stored   string               // the cursor that is on record
	seen     map[string]time.Time // the tickets of this pass: when they had changed
	deferred bool                 // a ticket waits for the end of a pause, or cannot be judged yet
	held     time.Time            // the cursor does not pass the first of these tickets
}

// pass reads the tickets that changed since the cursor, or from time to time all of them. While the
// intake is paused, or the home is a copy, it asks nothing and moves nothing.
func (p *poll) pass(ctx context.Context, f Feed) error {
	paused, err := p.clerk.paused(ctx)
	if err != nil || paused[access.PausedIntake] {
		return err
	}
	if copied, err := p.clerk.isCopy(ctx); err != nil || copied {
		return err
	}
	stored, err := p.clerk.Taker.Cursor(ctx, f.Name)
	if err != nil {
		return err
	}
	s := &pass{poll: p, feed: f, paused: paused, stored: stored, cursor: parseCursor(stored, f.Version), seen: map[string]time.Time{}}
	begun := time.Now()
	query := task.TicketQuery{Statuses: f.Statuses, Since: s.cursor.since()}
	if begun.Sub(p.swept) >= sweepEvery {
		query.Since = time.Time{}
	}
	s.whole = query.Since.IsZero()
	if err := s.pages(ctx, query); err != nil {
		return err
	}
	if s.whole {
		p.swept, p.told = begun, nil
	}
	p.remember(s.seen)
	return nil
}

// remember keeps the tickets whose outcome was told.
func (p *poll) remember(seen map[string]time.Time) {
	if p.told == nil {
		p.told = map[string]time.Time{}
	}
	maps.Copy(p.told, seen)
}

// pages reads the list from its beginning to its end. The desk sorts it by the time of the change,
// so the next page begins with the last time of this one: a list read by position alone misses the
// tickets that move up while others are edited. If the list turns out to be in another order, it is
// read again by position, and the cursor moves at its end only. A pass over all tickets reads a list
// of several pages in both ways, because pages that begin with a time do not show that the list has
// no order.
func (s *pass) pages(ctx context.Context, first task.TicketQuery) error {
	q, sorted, repeats, unread := first, true, 0, 0
	var newest time.Time
	var before []task.Ticket
	for n := 1; ; n++ {
		page, err := s.feed.Desk.Tickets(ctx, task.DefaultCredential, q)
		if err != nil {
			return err
		}
		unread += page.Unread
		if sorted && !isSorted(page.Tickets) {
			sorted, q, before, unread = false, first, nil, 0
			continue
		}
		fresh := s.fresh(page.Tickets)
		for _, t := range fresh {
			if t.Changed.After(newest) {
				newest = t.Changed
			}
		}
		last := !page.More || page.Rows == 0
		again := last && sorted && s.whole && n > 1
		if sorted || last {
			s.reach(newest)
		}
		if err := s.deal(ctx, fresh); err != nil {
			return err
		}
		if again {
			sorted, q, before, unread = false, first, nil, 0
			continue
		}
		if last {
			s.unread(unread)
			return nil
		}
		if repeats++; !isSamePage(before, page.Tickets) {
			repeats = 0
		}
		if repeats == mostRepeats {
			return errRepeats
		}
		before = page.Tickets
		if sorted && newest.After(q.Since) {
			q.Since, q.Skip = newest, 0
		} else {
			q.Skip += page.Rows
		}
	}
}

// unread tells of rows that are no tickets. They have no name, so they are told in passes over all
// tickets only.
func (s *pass) unread(rows int) {
	for range rows {
		if s.whole {
			s.clerk.Watch.outcome(Outcome{Source: s.feed.Name, Result: Failed, Err: errors.New("it is not a ticket")})
		}
	}
}

// fresh returns the tickets that this pass has not seen as they are.
func (s *pass) fresh(tickets []task.Ticket) []task.Ticket {
	var fresh []task.Ticket
	for _, t := range tickets {
		if before, seen := s.seen[t.ID]; !seen || !before.Equal(t.Changed) {
			s.seen[t.ID] = t.Changed
			fresh = append(fresh, t)
		}
	}
	return fresh
}

// reach moves the cursor to the newest ticket so far. It moves back only in a pass over all tickets:
// in others the newest ticket may have left the list.
func (s *pass) reach(newest time.Time) {
	if !newest.IsZero() && (s.whole || newest.After(s.cursor.Changed)) {
		s.cursor.Changed = newest
	}
}

func isSamePage(a, b []task.Ticket) bool {
	return slices.EqualFunc(a, b, func(a, b task.Ticket) bool { return a.ID == b.ID && a.Changed.Equal(b.Changed) })
}

// isSorted reports whether all tickets have a time, and are in its order.
func isSorted(tickets []task.Ticket) bool {
	return slices.IsSortedFunc(tickets, func(a, b task.Ticket) int { return a.Changed.Compare(b.Changed) }) &&
		!slices.ContainsFunc(tickets, func(t task.Ticket) bool { return t.Changed.IsZero() })
}

// A matter is a ticket that a rule matches, and what is to be done with it.
type matter struct {
	ticket task.Ticket
	ruling Ruling
	result Result
	order  engine.TicketOrder

	conflict *engine.Refusal // of Conflict
}

// deal judges the tickets of a page, and puts on record what becomes of them, with the cursor.
func (s *pass) deal(ctx context.Context, tickets []task.Ticket) error {
	var matters []matter
	for _, t := range tickets {
		ruling, ok, err := s.feed.Judge(t.Data)
		switch {
		case err != nil:
			s.tell(t, Outcome{Result: Failed, Err: err})
		case !ok:
			s.tell(t, Outcome{Result: Ignored})
		default:
			waits, err := s.waits(ctx, t, ruling)
			if err != nil {
				return err
			}
			if !waits {
				matters = append(matters, s.matter(t, ruling))
			}
		}
	}
	return s.take(ctx, matters)
}

// waits reports whether a ticket waits for the end of a pause. One that has a run does not.
func (s *pass) waits(ctx context.Context, t task.Ticket, r Ruling) (bool, error) {
	if !s.paused[r.Workflow.Name] {
		return false, nil
	}
	dealt, ok, err := s.clerk.Taker.Dealt(ctx, s.feed.Name, t.ID)
	if err != nil || ok && !dealt.Noted {
		return true, err // there is nothing to do with it
	}
	s.hold(t)
	return true, nil
}

// hold keeps the cursor from passing a ticket that is not dealt with yet.
func (s *pass) hold(t task.Ticket) {
	if !s.deferred || t.Changed.Before(s.held) {
		s.deferred, s.held = true, t.Changed
	}
}

// matter says what is to be done with a ticket.
func (s *pass) matter(t task.Ticket, r Ruling) matter {
	r.Request = t.ID
	m := matter{ticket: t, ruling: r, result: Started, order: engine.TicketOrder{Desk: s.feed.Name, Ticket: t.ID}}
	if r.fits() {
		m.order.Order = s.clerk.order(r)
	} else {
		m.result, m.order.Note, m.order.Order = Unfit, true, s.clerk.noteOrder(r, unfitNote(s.feed.Name, r))
	}
	return m
}

// take puts the runs of tickets on record, with the cursor. If the request of a ticket has a run with
// other inputs, the ticket gets a note; if a ticket is refused for another reason, the others are
// taken without it.
func (s *pass) take(ctx context.Context, matters []matter) error {
	for {
		t := engine.Taking{Source: s.feed.Name}
		if c := s.position(); c != s.stored {
			t.Cursor = c
		}
		for _, m := range matters {
			t.Tickets = append(t.Tickets, m.order)
		}
		if len(t.Tickets) == 0 && t.Cursor == "" {
			return nil
		}
		taken, err := s.clerk.Taker.Take(ctx, t)
		if err != nil {
			return err
		}
		if left := s.withoutRefused(matters, taken); left != nil {
			matters = left
			continue
		}
		if t.Cursor != "" {
			s.stored = t.Cursor
		}
		for i, m := range matters {
			s.tellTaken(m, taken[i])
		}
		return nil
	}
}

// position returns the cursor to be stored.
func (s *pass) position() string {
	c := s.cursor
	if s.deferred && s.held.Before(c.Changed) {
		c.Changed = s.held
	}
	return c.String()
}

// withoutRefused returns the matters of a Taking that was refused, without what was refused. It
// returns nil if nothing was refused.
func (s *pass) withoutRefused(matters []matter, taken []engine.Taken) []matter {
	left, refused := []matter{}, false
	for i, m := range matters {
		refusal := taken[i].Refusal
		switch {
		case refusal == nil:
			left = append(left, m)
			continue
		case refusal.Code == engine.RefusedConflict && !m.order.Note:
			m.conflict = refusal
			m.result, m.order.Note, m.order.Order = Conflict, true, s.clerk.noteOrder(m.ruling, conflictNote(s.feed.Name, m.ruling, refusal.Run))
			left = append(left, m)
		default:
			s.tell(m.ticket, Outcome{Result: Failed, Rule: m.ruling.Rule, Workflow: m.ruling.Workflow.Name, Err: refusal})
			if refusal.Code != engine.RefusedElsewhere { // which holds until a person acts
				s.hold(m.ticket)
			}
		}
		refused = true
	}
	if !refused {
		return nil
	}
	return left
}

// tellTaken tells what became of a ticket that a rule matches. A ticket that has a run of its own gets no
// note about a conflict, so the conflict is told once for each change.
func (s *pass) tellTaken(m matter, taken engine.Taken) {
	o := Outcome{Result: m.result, Rule: m.ruling.Rule, Workflow: m.ruling.Workflow.Name, Run: taken.Run}
	if m.conflict != nil {
		o.Err = errors.New(conflictReason(m.conflict))
	}
	if taken.Before {
		if m.conflict != nil && m.conflict.Run == taken.Run {
			s.tell(m.ticket, o)
		}
		return
	}
	if taken.Existed {
		o.Result = Ignored
	}
	o.Source, o.Ticket = s.feed.Name, m.ticket.ID
	s.clerk.Watch.outcome(o)
}

// tell tells what became of a ticket, once for each change of it.
func (s *pass) tell(t task.Ticket, o Outcome) {
	if before, told := s.told[t.ID]; told && before.Equal(t.Changed) {
		return
	}
	o.Source, o.Ticket = s.feed.Name, t.ID
	s.clerk.Watch.outcome(o)
}
