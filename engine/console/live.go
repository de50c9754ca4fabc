package console

import (
	"fmt"
	"net/http"
	"time"

	"errand/engine"
)

const (
	// sessionLook is how often an event stream makes sure that its session is still valid: a token that is
	// revoked counts no longer within a second.
	sessionLook = 800 * time.Millisecond
	// quiet is after which time without a change a stream sends something, so that the page knows that
	// the connection lives.
	quiet = 10 * time.Second
	// shortest is the least time between two messages of a stream.
	shortest = time.Second
)

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// streamChanges tells a page when to fetch itself again: ?run=ID after changes of a run, and without it
// after changes of any run. The first message comes at once, because something may have changed since the
// page was made. It sends no facts, so a page shows nothing that it would not show otherwise.
func streamChanges(c *Console, v *visit) error {
	run := v.request.URL.Query().Get("run")
	if run != "" {
		found, err := v.client.List(v.context(), engine.Query{Run: run, Pruned: true, Limit: 1})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return &engine.Refusal{Code: engine.RefusedNotFound, Run: run}
		}
	}
	if v.request.Method == http.MethodHead { // there is nothing to wait for
		v.write.Header().Set("Content-Type", eventStream)
		return nil
	}
	leave, err := v.client.Stream()
	if err != nil {
		return err
	}
	defer leave()
	changed, stop := v.client.Watch(run)
	defer stop()
	c.tell(v, changed)
	return nil
}

// tell writes the stream until the browser has gone, the session has ended or the service drains.
func (c *Console) tell(v *visit, changed <-chan struct{}) {
	h := v.write.Header()
	h.Set("Content-Type", eventStream)
	h.Set("X-Accel-Buffering", "no") // proxies pass each message on at once
	out := http.NewResponseController(v.write)
	send := func(event string) bool {
		_ = out.SetWriteDeadline(time.Now().Add(quiet)) // not every connection has deadlines
		_, err := fmt.Fprintf(v.write, "event: %s\ndata:\n\n", event)
		return err == nil && out.Flush() == nil
	}
	if !send("here") {
		return
	}
	look := time.NewTicker(sessionLook)
	defer look.Stop()
	last := time.Now()
	for {
		var event string
		select {
		case <-changed:
			event = "changed"
		case <-look.C:
			if valid, err := c.identify(v); err == nil && !valid {
				send("ended")
				return
			}
			if time.Since(last) < quiet {
				continue
			}
			event = "here"
		case <-v.context().Done():
			return
		case <-c.Service.Draining():
			return
		}
		if !send(event) {
			return
		}
		last = time.Now()
		if event == "changed" {
			select {
			case <-time.After(shortest):
			case <-v.context().Done():
				return
			case <-c.Service.Draining():
				return
			}
		}
	}
}
