package temporal

import (
	"fmt"
	"sync"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

// programs are compiled definitions, by digest. They are safe for concurrent use.
type programs struct {
	registry *task.Registry

	mu       sync.Mutex
	byDigest map[string]*program.Program
}

// maxPrograms is how many compiled definitions are kept.
const maxPrograms = 200

// of returns the program that the run of a record is pinned to.
func (p *programs) of(r Record) (*program.Program, error) {
	if r.Version != recordVersion {
		return nil, fmt.Errorf("the record of run %s has version %d; this worker reads version %d", r.Run.ID, r.Version, recordVersion)
	}
	return p.compile(r.Run.Definition)
}

func (p *programs) compile(d Definition) (*program.Program, error) {
	p.mu.Lock()
	known := p.byDigest[d.Digest]
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, problems := program.Loader{Registry: p.registry, Pinned: true}.Load(d.File, d.Source)
	if diag.HasErrors(problems) {
		return nil, fmt.Errorf("the definition %s has %s, the first: %w", d.File, diag.Summary(problems), problems[0])
	}
	if made.Digest != d.Digest {
		return nil, fmt.Errorf("the definition %s is not the one that the run was started with", d.File)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byDigest == nil || len(p.byDigest) >= maxPrograms {
		p.byDigest = map[string]*program.Program{}
	}
	p.byDigest[d.Digest] = made
	return made, nil
}
