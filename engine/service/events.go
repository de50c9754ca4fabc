package service

import (
	"errors"
	"net/http"
	"time"

	"errand/engine"
)

// lastEventHeader names the last event that a reader of a stream has seen.
const lastEventHeader = "Last-Event-ID"

// streamEvents sends the events of a run while they happen: from the first one, or after the one
// that the reader has seen. Each event is sent once, when it is on record. The stream of a run that
// has ended ends; a reader that comes back after the last event gets 204, after which browsers do not
// come again.
func streamEvents(s *Server, c *call) (answer, error) {
	id, err := idOf(c)
	if err != nil {
		return answer{}, err
	}
	if err := s.sees(c.context(), c.who, id); err != nil {
		return answer{}, err
	}
	after, err := lastEvent(c)
	if err != nil {
		return answer{}, err
	}
	events, ended, err := s.eventsAfter(c, id, after)
	if err != nil {
		return answer{}, err
	}
	if ended && len(events) == 0 && !after.IsZero() {
		return answer{status: http.StatusNoContent}, nil
	}
	if c.http.Method == http.MethodHead { // it asks for the headers, and would wait for the end of a stream that it does not see
		return answer{status: http.StatusOK, header: http.Header{"Content-Type": {eventStream}}}, nil
	}
	token := c.who.token.Name
	if err := s.streams.take(token); err != nil {
		return answer{}, err
	}
	defer s.streams.leave(token)
	s.follow(c, id, after, events, ended)
	return answer{}, nil
}

// lastEvent returns the event that the reader has seen last. The zero id stands before the first.
func lastEvent(c *call) (engine.EventID, error) {
	given := c.http.Header.Values(lastEventHeader)
	if len(given) == 0 || len(given) == 1 && given[0] == "" {
		return engine.EventID{}, nil
	}
	id, err := engine.ParseEventID(given[0])
	if err != nil || len(given) > 1 {
		return id, &Problem{Status: http.StatusBadRequest, Code: string(engine.RefusedEvent), Detail: lastEventHeader + " " + quoted(given[0]) + ": expected the id of an event of this run, such as 7.2"}
	}
	return id, nil
}

// eventsAfter returns the events of a run after one of them, and whether the run has ended.
func (s *Server) eventsAfter(c *call, id string, after engine.EventID) ([]engine.Event, bool, error) {
	found, err := s.Runner.List(c.context(), engine.Query{Run: id, Limit: 1}) // before the events: an end has its event
	if err != nil {
		return nil, false, err
	}
	events, err := s.Runner.Events(c.context(), id, after)
	return events, len(found) == 1 && !found[0].Ended.IsZero(), err
}

// tokenLook is how often an idle stream makes sure that its token is still valid: a token that is revoked
// counts no longer within a second.
const tokenLook = 800 * time.Millisecond

// follow writes the events of a run until it has ended, the reader is gone, the token is not valid
// any more, or the server drains.
func (s *Server) follow(c *call, id string, after engine.EventID, events []engine.Event, ended bool) {
	changed, stop := s.changes.watch(id)
	defer stop()
	out := newStream(c.write, s.Heartbeat)
	beat := time.NewTicker(min(s.Heartbeat/3, tokenLook))
	defer beat.Stop()
	for {
		var looked time.Time
		for _, e := range events {
			if time.Since(looked) > lookEvery { // a slow reader takes them one by one
				if s.isOver(c) {
					return
				}
				looked = time.Now()
			}
			if !out.event(e) {
				return
			}
			after = e.ID
		}
		if ended {
			return
		}
		select {
		case <-changed:
			var err error
			if events, ended, err = s.eventsAfter(c, id, after); err != nil {
				s.endOfStream(c, err)
				return
			}
		case <-beat.C:
			events = nil
			if s.isOver(c) || !out.beat() {
				return
			}
		case <-c.context().Done():
			return
		case <-s.draining:
			return
		}
	}
}

// isOver reports whether the token of a stream can be used no longer.
func (s *Server) isOver(c *call) bool {
	token, err := s.authenticate(c.http)
	return err != nil || !c.route.may.Allows(token)
}

// endOfStream logs why a stream ended that should have gone on. The reader comes back after the last
// event it has seen.
func (s *Server) endOfStream(c *call, err error) {
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		s.Log.Debug("an event stream ended", "run", refusal.Run, "error", err)
		return
	}
	if c.context().Err() == nil {
		s.Log.Error("an event stream ended", "error", err)
	}
}
