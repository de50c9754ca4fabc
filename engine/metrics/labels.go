package metrics

import (
	"slices"
	"sync"
)

// Other is the value of a label that is not a known one.
const Other = "other"

// mostValues is how many values of a label are told apart. Definitions and intake files can be
// renamed again and again, and each value costs memory here and in Prometheus.
const mostValues = 200

// mostResults is how many results of intake are told apart. They are constants of the program.
const mostResults = 10

// labels bound the values of labels. Whoever starts a run, or names a workflow, cannot add one.
type labels struct {
	mu        sync.Mutex
	workflows Workflows // nil: none is known yet
	all       bool      // every workflow counts as known
	tasks     map[string]bool
	seen      map[string]map[string]bool // by label: the values that were used
}

func newLabels(tasks []string) *labels {
	l := &labels{tasks: map[string]bool{}, seen: map[string]map[string]bool{}}
	for _, t := range tasks {
		l.tasks[t] = true
	}
	return l
}

// know makes the names of workflows known.
func (l *labels) know(w Workflows) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.workflows = w
}

// knowAll makes every workflow count as known.
func (l *labels) knowAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = true
}

func (l *labels) workflow(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.all && !l.seen["workflow"][name] && (l.workflows == nil || !slices.Contains(l.workflows.Names(), name)) {
		return Other
	}
	return l.bounded("workflow", name, mostValues)
}

func (l *labels) task(name string) string {
	if l.tasks[name] {
		return name
	}
	return Other
}

func (l *labels) source(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bounded("source", name, mostValues)
}

func (l *labels) result(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bounded("result", name, mostResults)
}

// bounded returns a value, or Other if the label has most values already.
func (l *labels) bounded(label, value string, most int) string {
	values := l.seen[label]
	if values == nil {
		values = map[string]bool{}
		l.seen[label] = values
	}
	if !values[value] {
		if len(values) >= most {
			return Other
		}
		values[value] = true
	}
	return value
}
