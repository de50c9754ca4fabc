package program_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine/diag"
	"errand/engine/generator"
	"errand/engine/program"
	"errand/engine/sample"
	"errand/engine/task"
)

//	go test ./engine/program -run TestAcceptedDefinitionsDoNotFail -definitions 100000 -first 5000
//
// tests the given number of definitions, starting with the given seed. The definition of a seed is
// always the same.
var (
	definitionsFlag = flag.Int("definitions", 0, "how many definitions TestAcceptedDefinitionsDoNotFail makes; 0 means 700, 2000 with -long, or 200 with -short")
	firstFlag       = flag.Uint64("first", 1, "the first seed of TestAcceptedDefinitionsDoNotFail")
)

// TestAcceptedDefinitionsDoNotFail writes random definitions over the whole language. Some refer to
// values that may be missing. The test replaces the lines that the check refuses by harmless ones.
// It then runs the accepted definition with several inputs. Tasks fail for a while or for good,
// people decide or do not, and the run is cancelled. No run may fail because of an unknown name, a
// wrong type or a missing value. soundness_run_test.go lists the failures that depend on values
// alone.
func TestAcceptedDefinitionsDoNotFail(t *testing.T) {
	definitions := cmp.Or(*definitionsFlag, sample.Size(200, 700, 2000))
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // little memory is in use at any time
	began := time.Now()
	total := soundness{}
	t.Run("seeds", func(t *testing.T) {
		var mu sync.Mutex
		var next atomic.Uint64
		var broken atomic.Bool
		for shard := range 4 {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for !broken.Load() {
					n := next.Add(1) - 1
					if n >= uint64(definitions) {
						return
					}
					counted := soundness{}
					if fault := checkDefinition(t, *firstFlag+n, counted); fault != "" {
						broken.Store(true)
						t.Error(fault)
					}
					mu.Lock()
					total.add(counted)
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("seeds %d to %d in %s", *firstFlag, *firstFlag+uint64(definitions)-1, time.Since(began).Round(time.Millisecond))
	total.report(t, definitions)
}

// checkDefinition writes the definition of a seed and runs it. It returns the fault, or "".
func checkDefinition(t *testing.T, seed uint64, counted soundness) (fault string) {
	d := &definitionUnderTest{seed: seed, language: stubs, counted: counted}
	defer func() {
		if p := recover(); p != nil {
			fault = fmt.Sprint("panic: ", p)
		}
		if fault != "" {
			fault = fmt.Sprintf("%s\nrepeat it with: go test ./engine/program -run TestAcceptedDefinitionsDoNotFail -count=1 -definitions 1 -first %d\n%s", fault, seed, d.sources())
		}
	}()
	r := rand.New(rand.NewPCG(seed, 1))
	if d.language.Risk = 60; seed%4 == 0 {
		d.language.Risk = 0
	}
	d.written = d.language.Write(r)
	counted["definitions made"]++
	if !d.accepted() {
		return d.fault
	}
	source := d.sources()
	for _, feature := range requiredFeatures {
		if strings.Contains(source, feature) {
			counted[featurePrefix+feature]++
		}
	}
	for _, piece := range neverAccepted {
		if strings.Contains(source, piece) {
			return "accepted, although it holds " + piece
		}
	}
	for n := range 6 {
		inputs := d.written.Values(r)
		if fault := d.run(t, n, inputs); fault != "" {
			return fmt.Sprintf("accepted, and yet with %v: %s", inputs, fault)
		}
	}
	return ""
}

// neverAccepted are pieces that the generator writes and the check must refuse. Of some, no run would
// fail: what stands behind // would not count, and a computed name would evade the check of names. Of
// others, the failure depends on values in most definitions: a division by zero.
var neverAccepted = []string{" // ", " % 0", " / 0.0", "string(inputs[inputs.who])", "string(steps[inputs.who])", "string(run[inputs.who])"}

// A definitionUnderTest is a definition and the state of its test.
type definitionUnderTest struct {
	seed     uint64
	language generator.Language
	written  *generator.Definition
	program  *program.Program
	registry *task.Registry
	cancel   func() // cancels the current run
	counted  soundness
	fault    string
}

func (d *definitionUnderTest) sources() string {
	if d.written == nil {
		return ""
	}
	return d.written.Sources()
}

// accepted checks the definition, after those that it calls. It reports whether the check accepts
// them.
func (d *definitionUnderTest) accepted() bool {
	d.registry = stubRegistry(func() { d.cancel() })
	changed := false
	for _, one := range append(append([]*generator.Definition{}, d.written.Calls...), d.written) {
		loader := program.Loader{Registry: d.registry, Find: d.written.Find}
		p, problems := loader.Load(one.Name+".yaml", []byte(one.Source()))
		for p == nil {
			changed = true
			if !d.disarm(one, problems) {
				return false
			}
			p, problems = loader.Load(one.Name+".yaml", []byte(one.Source()))
		}
		d.program = p
	}
	if changed {
		d.counted["accepted after lines were made harmless"]++
	} else {
		d.counted["accepted at once"]++
	}
	return true
}

// disarm replaces the refused lines by harmless ones. It reports whether this was possible.
func (d *definitionUnderTest) disarm(one *generator.Definition, problems []diag.Problem) bool {
	before := one.Source()
	for _, p := range problems {
		if !p.IsError() {
			continue
		}
		d.counted["refused for "+p.Rule]++
		if strings.HasSuffix(p.Message, "a value does not fit the type that the expression was checked with") {
			d.fault = fmt.Sprintf("%s:%d: %s: %s", one.Name, p.Range.Start.Line, p.Message, strings.Split(before, "\n")[p.Range.Start.Line-1])
			return false
		}
		one.Disarm(p.Range.Start.Line)
	}
	if one.Source() == before {
		d.counted["given up"]++
		return false
	}
	return true
}

// scripts are what stubs are told to answer.
var scripts = []string{
	"ok", "ok", "ok", "ok w", "ok w", "ok w", "ok, ok, ok w", "refused", "refused", "throttled, ok w", "busy 30s, ok", "throttled", "lost, ok w", "lost", "lost",
	"again 5s, ok w", "cancel",
}

// stubs are the task types of package hosttest, with the answers that they are told to return.
var stubs = func() generator.Language {
	l := generator.Language{Pieces: []string{"t ", "", "a,b "}, Steps: 10}
	registry := stubRegistry(nil)
	for _, name := range registry.Names() {
		t, _ := registry.Lookup(name)
		var given map[string][]string
		if _, scripted := t.Input.Field("script"); scripted {
			given = map[string][]string{"script": scripts}
		}
		l.Tasks = append(l.Tasks, generator.Task{
			Name: t.Name, Input: t.Input, Output: t.Output, Weight: map[task.Effect]int{task.Pure: 8, task.Reads: 2, task.Once: 2}[t.Effect] + 1,
			Polls: t.Effect != task.Once && t.Effect != task.Evident, Secured: t.Connector() == "vault",
			Given: given,
		})
	}
	return l
}()
