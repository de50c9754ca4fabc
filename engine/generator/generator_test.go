package generator_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/definition"
	"errand/engine/generator"
	_ "errand/engine/goldenfile"
	"errand/engine/hosttest"
	"errand/engine/program"
)

func language() generator.Language {
	l := generator.Language{Pieces: []string{"of "}, Steps: 8}
	registry := hosttest.Registry(func() {})
	for _, name := range registry.Names() {
		t, _ := registry.Lookup(name)
		l.Tasks = append(l.Tasks, generator.Task{
			Name: name, Weight: 1, Input: t.Input, Output: t.Output, Polls: name == "stub.pure", Secured: t.Connector() == "vault",
			Given: map[string][]string{"script": {"ok", "ok w"}},
		})
	}
	return l
}

func TestSeedDecides(t *testing.T) {
	texts := map[string]bool{}
	for seed := range uint64(20) {
		one := language().Write(rand.New(rand.NewPCG(seed, 1))).Sources()
		if again := language().Write(rand.New(rand.NewPCG(seed, 1))).Sources(); one != again {
			t.Errorf("seed %d: first\n%s\nand then\n%s", seed, one, again)
		}
		texts[one] = true
	}
	if len(texts) < 20 {
		t.Errorf("20 seeds made %d different definitions", len(texts))
	}
}

// TestWithoutRisk tests that the check accepts every definition with guards for all values that may
// be missing, and that the values fit the inputs.
func TestWithoutRisk(t *testing.T) {
	for seed := range uint64(200) {
		d := language().Write(rand.New(rand.NewPCG(seed, 2)))
		loader := program.Loader{Registry: hosttest.Registry(func() {}), Find: d.Find}
		p, problems := loader.Load("random.yaml", []byte(d.Source()))
		if p == nil {
			t.Fatalf("seed %d: %v\n%s", seed, problems, d.Sources())
		}
		for n := range uint64(5) {
			values := d.Values(rand.New(rand.NewPCG(seed, n)))
			if _, err := p.Inputs.Canonical(values); err != nil {
				t.Errorf("seed %d: %v do not fit: %v\n%s", seed, values, err, d.Source())
			}
		}
	}
}

// TestDisarm replaces all lines that can be replaced by harmless ones.
func TestDisarm(t *testing.T) {
	l := language()
	l.Risk = 100
	d := l.Write(rand.New(rand.NewPCG(7, 7)))
	before, changed := d.Source(), 0
	for n := range 1000 {
		if d.Disarm(n) {
			changed++
		}
		if d.Disarm(n) {
			t.Errorf("Disarm(%d) replaces the line twice", n)
		}
	}
	if changed < 5 || d.Source() == before {
		t.Errorf("%d lines were made harmless", changed)
	}
}

// TestEveryForm tests that the generator writes every form of the language with all its keys. So a
// new form cannot be missing in the tests that use random definitions.
func TestEveryForm(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(300) {
		all.WriteString(language().Write(rand.New(rand.NewPCG(seed, 3))).Sources())
	}
	written := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ *(?:- )*([a-z_]+):`).FindAllStringSubmatch(all.String(), -1) {
		written[m[1]] = true
	}
	for _, f := range definition.Forms() {
		for _, k := range slices.Concat([]definition.KeySpec{f.KeySpec}, f.Keys, f.Members) {
			if !written[k.Name] {
				t.Errorf("no definition of 300 has %s of the form %s", k.Name, f.Name)
			}
		}
	}
}
