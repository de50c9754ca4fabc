package intake_test

import (
	"path/filepath"
	"testing"
)

// Each fix that the check offers removes its problem.
func TestFixes(t *testing.T) {
	fixes := 0
	for _, file := range intakeFiles(t, "problems", 40) {
		source := readIntake(t, file)
		_, problems := loader().Load(file, source)
		for _, p := range problems {
			if p.Fix == nil {
				continue
			}
			fixes++
			made, ok := p.Fix.Apply(source)
			if !ok {
				t.Errorf("%s: the fix %q cannot be made", filepath.Dir(file), p.Fix.Title)
				continue
			}
			_, left := loader().Load(file, made)
			for _, q := range left {
				if q.Rule == p.Rule && q.Message == p.Message {
					t.Errorf("%s: after the fix %q there is still: %v", filepath.Dir(file), p.Fix.Title, q)
				}
			}
		}
	}
	if fixes < 10 {
		t.Errorf("only %d fixes were made", fixes)
	}
}
