package program_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// wholeLanguage returns a definition of at least the given number of lines, without problems. It
// repeats every form, handler and key of the language with new ids.
func wholeLanguage(tb testing.TB, lines int) []byte {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "whole-language.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "  # again and again\n")
	steps, tail, found := strings.Cut(rest, "  # at the end\n")
	if !found {
		tb.Fatal("the parts are not marked")
	}
	var b bytes.Buffer
	b.WriteString(head)
	for n := 1; bytes.Count(b.Bytes(), []byte("\n"))+strings.Count(tail, "\n") < lines; n++ {
		b.WriteString(strings.ReplaceAll(steps, "_nth", fmt.Sprintf("_%d", n)))
	}
	b.WriteString(tail)
	return b.Bytes()
}

// The definition of the benchmark has at least the promised number of lines and no problems.
func TestWholeLanguage(t *testing.T) {
	source := wholeLanguage(t, 500)
	if lines := bytes.Count(source, []byte("\n")); lines < 500 || lines > 600 {
		t.Errorf("the definition has %d lines", lines)
	}
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	if _, problems := beside(registry).Load("whole-language.yaml", source); len(problems) > 0 {
		t.Errorf("want no problems, got:\n%s", render(t, problems, source))
	}
}

// BenchmarkCheckWholeLanguage checks 500 lines that use the whole language, including a called
// workflow. In the same run it measures its floor: the YAML library alone decodes the same bytes.
func BenchmarkCheckWholeLanguage(b *testing.B) {
	source := wholeLanguage(b, 500)
	loader := beside(task.NewRegistry(tasks.Connectors(task.Environment{})...))
	// the minimum of each, because other processes on the machine can only add time
	check, floor := time.Hour, time.Hour
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		start := time.Now()
		var tree yaml.Node
		if err := yaml.Unmarshal(source, &tree); err != nil {
			b.Fatal(err)
		}
		decoded := time.Now()
		if _, problems := loader.Load("whole-language.yaml", source); len(problems) > 0 {
			b.Fatal(problems)
		}
		floor, check = min(floor, decoded.Sub(start)), min(check, time.Since(decoded))
	}
	b.ReportMetric(float64(check.Microseconds())/1000, "ms/check")
	b.ReportMetric(float64(floor.Microseconds())/1000, "ms/floor")
	b.ReportMetric(float64(check)/float64(floor), "check/floor")
}

// BenchmarkManyMistakes checks and mends 1,000 steps with a misspelt task type each. It reports the time
// per mistake as a multiple of that of 100 steps, which is measured in the same run.
func BenchmarkManyMistakes(b *testing.B) {
	loader := program.Loader{Registry: task.NewRegistry(tasks.Connectors(task.Environment{})...)}
	mend := func(mistakes int) time.Duration {
		var text strings.Builder
		text.WriteString("workflow: many\nsteps:\n")
		for n := range mistakes {
			fmt.Fprintf(&text, "  - id: s%d\n    task: worklog.formt\n    with: {heading: a}\n", n)
		}
		began := time.Now()
		mended := diag.Mend([]byte(text.String()), func(text []byte) []diag.Problem {
			_, problems := loader.Load("many.yaml", text)
			return problems
		})
		if len(mended.Made) != mistakes || len(mended.Left) > 0 {
			b.Fatalf("%d fixes were made, and %d problems are left", len(mended.Made), len(mended.Left))
		}
		return time.Since(began)
	}
	few, many := time.Hour, time.Hour
	for b.Loop() {
		few, many = min(few, mend(100)), min(many, mend(1000))
	}
	b.ReportMetric(float64(many)/10/float64(few), "x/mistake-of-100")
}
