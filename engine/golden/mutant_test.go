package golden

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/definitions"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// The changes to a definition in every style of YAML, each with the difference that it makes.
func TestMutants(t *testing.T) {
	p := compiled(t, "testdata/styles.yaml")
	var b strings.Builder
	for _, m := range mutants(p) {
		made, ok := m.apply(p.Own())
		if !ok {
			t.Fatalf("%s cannot be made", m.What)
		}
		fmt.Fprintf(&b, "line %d: %s\n", m.Line, m.What)
		difference := diag.Diff("", "", p.Own(), made)
		for line := range strings.Lines(difference) {
			if strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "---") {
				b.WriteString("  " + line)
			}
		}
	}
	goldenfile.Check(t, "testdata/styles.mutants", []byte(b.String()))
}

// A change alters only the lines that it names, whatever the line breaks, and the result is YAML.
func TestMutantsKeepToTheirPlace(t *testing.T) {
	files := []string{"testdata/styles.yaml"}
	for _, pattern := range []string{"../../definitions/*.yaml", "../../examples/workflows/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files: %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	styles := map[string]func([]byte) []byte{
		"as it is":          func(text []byte) []byte { return text },
		"CRLF":              func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) },
		"byte order mark":   func(text []byte) []byte { return append([]byte("\ufeff"), text...) },
		"no last newline":   bytes.TrimSpace,
		"no indented lists": outdented,
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for style, write := range styles {
			made := 0
			written := write(text)
			p, problems := program.Load(file, written, tasks.Registry(task.Environment{}))
			if diag.HasErrors(problems) {
				t.Fatalf("%s, %s: %v", file, style, problems)
			}
			for _, m := range mutants(p) {
				made++
				keepsToItsPlace(t, file+", "+style, written, m)
			}
			if made < 15 {
				t.Errorf("%s, %s: only %d changes", file, style, made)
			}
		}
	}
}

func keepsToItsPlace(t *testing.T, where string, text []byte, m Mutant) {
	made, ok := m.apply(text)
	if !ok || bytes.Equal(made, text) {
		t.Fatalf("%s: line %d: %s: no change (%v)", where, m.Line, m.What, ok)
	}
	before, after := bytes.SplitAfter(text, []byte("\n")), bytes.SplitAfter(made, []byte("\n"))
	first, last := m.Line-1, m.fix.Range.End.Line
	if m.fix.Range.End.Column == 1 {
		last-- // it ends before that line
	}
	rest := before[min(last, len(before)):]
	for i := range first {
		if !bytes.Equal(before[i], after[i]) {
			t.Errorf("%s: line %d: %s: changes line %d", where, m.Line, m.What, i+1)
		}
	}
	if !bytes.HasSuffix(made, bytes.Join(rest, nil)) {
		t.Errorf("%s: line %d: %s: changes what comes after it", where, m.Line, m.What)
	}
	_, problems := definition.Parse("changed.yaml", made)
	for _, p := range problems {
		if p.Rule == "yaml-syntax" {
			t.Errorf("%s: line %d: %s: %v\n%s", where, m.Line, m.What, p, made)
		}
	}
}

// outdented removes the indentation of lists of steps.
func outdented(text []byte) []byte {
	var b bytes.Buffer
	steps := false
	for line := range bytes.Lines(text) {
		if line[0] != ' ' && line[0] != '#' && line[0] != '\n' {
			steps = bytes.HasPrefix(line, []byte("steps:")) || bytes.HasPrefix(line, []byte("on_failure:"))
		} else if steps {
			line = bytes.TrimPrefix(line, []byte("  "))
		}
		b.Write(line)
	}
	return b.Bytes()
}

func compiled(t *testing.T, file string) *program.Program {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := program.Load(file, text, tasks.Registry(task.Environment{}))
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	return p
}

// The changes to a definition are the same every time, in the same order.
func TestMutantsAreInOrder(t *testing.T) {
	text, err := definitions.Files.ReadFile("provision-instance.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := program.Load("provision-instance.yaml", text, tasks.Registry(task.Environment{}))
	first := fmt.Sprint(mutants(p))
	for range 20 {
		if again := fmt.Sprint(mutants(p)); again != first {
			t.Fatalf("the changes are\n%s\nand were\n%s", again, first)
		}
	}
}
