package temporal

import (
	"encoding/json"
	"net/http"

	"errand/engine/task"
)

// A barrier holds tasks at a point until the test opens it: see visitIn.
type barrier struct {
	arrived chan struct{} // has an element for each task that waits, or has waited
	open    chan struct{} // is closed when the gate opens
}

// gate returns the gate with a name. The caller holds the mutex.
func (w *world) gate(name string) *barrier {
	if w.gates[name] == nil {
		w.gates[name] = &barrier{arrived: make(chan struct{}, 100), open: make(chan struct{})}
	}
	return w.gates[name]
}

func (w *world) lockedGate(name string) *barrier {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gate(name)
}

// awaitAt waits until so many tasks have come to a gate.
func (w *world) awaitAt(name string, tasks int) {
	g := w.lockedGate(name)
	for range tasks {
		<-g.arrived
	}
}

func (w *world) open(name string) { close(w.lockedGate(name).open) }

func (w *world) openAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.gates {
		select {
		case <-g.open:
		default:
			close(g.open)
		}
	}
}

// serveGate answers a task when the gate opens.
func (w *world) serveGate(out http.ResponseWriter, in *http.Request) {
	var c task.Call
	if err := json.NewDecoder(in.Body).Decode(&c); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	w.wait(c, in.PathValue("name"))
}

// wait waits at a gate, if the call is the first one of its step that does. No name means no gate.
func (w *world) wait(c task.Call, name string) {
	if name == "" {
		return
	}
	w.mu.Lock()
	d, g := w.of(c), w.gate(name)
	first := !d.gated[name]
	d.gated[name] = true
	w.mu.Unlock()
	if first {
		g.arrived <- struct{}{}
		<-g.open
	}
}
