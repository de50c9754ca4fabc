package journal

import (
	"container/heap"
	"time"
)

// A dueHeap holds the runs of a Memory that have a Wake, the earliest first. Of runs with the same
// Wake the older one is first.
type dueHeap []*record

// put inserts, moves or removes a run after its Wake has changed.
func (h *dueHeap) put(r *record) {
	switch {
	case r.run.Wake.IsZero() && r.at >= 0:
		heap.Remove(h, r.at)
	case r.run.Wake.IsZero():
	case r.at >= 0:
		heap.Fix(h, r.at)
	default:
		heap.Push(h, r)
	}
}

// each visits the runs that are due at a time, in order, until visit returns false.
func (h *dueHeap) each(now time.Time, visit func(*record) (more bool)) {
	var visited []*record
	for len(*h) > 0 && !(*h)[0].run.Wake.After(now) {
		r := heap.Pop(h).(*record)
		visited = append(visited, r)
		if !visit(r) {
			break
		}
	}
	for _, r := range visited {
		heap.Push(h, r)
	}
}

// The methods of heap.Interface.

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if !a.run.Wake.Equal(b.run.Wake) {
		return a.run.Wake.Before(b.run.Wake)
	}
	return a.number < b.number
}

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

func (h *dueHeap) Push(r any) {
	r.(*record).at = len(*h)
	*h = append(*h, r.(*record))
}

func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	r := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	r.at = -1
	return r
}
