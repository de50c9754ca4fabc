package pattern_test

import (
	"sync"
	"testing"

	_ "errand/engine/goldenfile"
	"errand/engine/pattern"
)

func TestPatternIsCompiledOnce(t *testing.T) {
	p := pattern.New(`^[a-z]+$`)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if !p.MatchString("abc") || p.MatchString("a1") {
				t.Error("the pattern does not match what its source matches")
			}
		})
	}
	group.Wait()
	if first, second := p.Regexp(), p.Regexp(); first != second {
		t.Error("the pattern was compiled twice")
	}
}

func TestPatternIsNotCompiledBeforeItsUse(t *testing.T) {
	p := pattern.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a wrong pattern was compiled")
		}
	}()
	p.MatchString("")
}
