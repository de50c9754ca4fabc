package local_test

import (
	"strconv"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/generator"
	"errand/engine/program"
	"errand/engine/task"
)

// world returns the language of the definitions of a simulation: every form of a step, with the
// task types of the simulated world.
func world(wide bool) generator.Language {
	l := generator.Language{Pieces: []string{"", "v1 ", "of ", "<&> "}, Steps: 12, Length: 7, Sequential: !wide}
	for _, kind := range []struct {
		name   string
		weight int
	}{{"keyed", 2}, {"evident", 2}, {"converges", 2}, {"once", 1}, {"restart", 1}, {"reads", 1}, {"pure", 1}, {"delay", 1}} {
		t, _ := simulated.Lookup("sim." + kind.name)
		l.Tasks = append(l.Tasks, generator.Task{
			Name: t.Name, Weight: kind.weight, Input: t.Input, Output: t.Output, Settles: t.Settles,
			Polls:   kind.name != "delay" && t.Effect != task.Once && t.Effect != task.Evident,
			Given:   map[string][]string{"duration": {"1ms", "3s", "20s", "2m", "10m"}},
			Follows: map[string]string{"not_before": "fired_at"},
		})
	}
	return l
}

// A definition is a random one, with its program.
type definition struct {
	written *generator.Definition
	*program.Program
}

// define writes and compiles the definition with a number. It fails the test if the definition has
// errors.
func define(t testing.TB, seed uint64, number int, wide bool) *definition {
	written := world(wide).Write(roll(seed, "definition", number).Rand)
	return &definition{written, load(t, withKey(written.Source(), roll(seed, "key", number)), written)}
}

func load(t testing.TB, source string, written *generator.Definition) *program.Program {
	loader := program.Loader{Registry: simulated}
	if written != nil {
		loader.Find = written.Find
	}
	p, problems := loader.Load("random.yaml", []byte(source))
	if diag.HasErrors(problems) {
		t.Fatalf("the definition has problems: %v\n%s", problems, source)
	}
	return p
}

// inputs returns random inputs that fit.
func (d *definition) inputs(t testing.TB, from dice) map[string]any {
	values, err := d.Inputs.Canonical(d.written.Values(from))
	if err != nil {
		t.Fatal(err)
	}
	return values.(map[string]any)
}

// mainOf returns the main definition of a bundle. Without a bundle it returns the source.
func mainOf(source []byte) string {
	text, bundled := strings.CutPrefix(string(source), "# errand bundle 1\n# file ")
	size, rest, _ := strings.Cut(text, " ")
	if n, err := strconv.Atoi(size); bundled && err == nil {
		_, rest, _ = strings.Cut(rest, "\n")
		return rest[:n]
	}
	return text
}

// correct returns another version of a definition: with a comment, which changes no step, and if
// also is true with another text, which changes steps.
func correct(source string, also bool) string {
	if also {
		source = strings.ReplaceAll(source, `'v1 `, `'v2 `)
	}
	return source + "# corrected\n"
}
