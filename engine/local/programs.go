package local

import (
	"fmt"
	"sync"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

// Programs keeps compiled definitions. The zero value is empty and ready to use. It is safe for
// concurrent use, and must not be copied after first use.
type Programs struct {
	mu       sync.Mutex
	compiled map[string]*program.Program // by digest
}

// maxPrograms is how many compiled definitions are kept.
const maxPrograms = 200

// Compile returns the compiled definition that a run is pinned to. The registry must be the same in
// all calls.
func (ps *Programs) Compile(registry *task.Registry, file string, source []byte, digest string) (*program.Program, error) {
	ps.mu.Lock()
	p := ps.compiled[digest]
	ps.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, problems := program.Loader{Registry: registry, Pinned: true}.Load(file, source)
	if diag.HasErrors(problems) {
		return nil, fmt.Errorf("its definition has %s, the first: %w", diag.Summary(problems), problems[0])
	}
	if p.Digest != digest {
		return nil, fmt.Errorf("its definition is not the one it was started with")
	}
	ps.Keep(p)
	return p, nil
}

// Keep keeps a compiled definition.
func (ps *Programs) Keep(p *program.Program) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.compiled == nil || len(ps.compiled) >= maxPrograms {
		ps.compiled = map[string]*program.Program{}
	}
	ps.compiled[p.Digest] = p
}
