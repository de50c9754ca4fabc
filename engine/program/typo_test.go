package program_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	_ "errand/engine/goldenfile"
	"errand/engine/program"
	"errand/engine/sample"
	"errand/engine/task"
	"errand/tasks"
)

// A word is a place in a definition at which a designer can mistype.
type word struct {
	line     int // counted from 0
	from, to int // byte offsets in the line
	text     string
	class    string
	wanted   string // the expected suggestion
	lines    []int  // the lines on which the mistake may be reported, counted from 1
}

var (
	keyLine    = regexp.MustCompile(`^( *)(- )?([A-Za-z_ ]+):( |$)`)
	expression = regexp.MustCompile(`\$\{\{(.*?)\}\}|until: (.*)$`)
	block      = regexp.MustCompile(`: [|>]-?$`) // the text below may look like keys
	path       = regexp.MustCompile(`[a-z_]+(\.[a-z0-9_]+)+`)
	taskName   = regexp.MustCompile(`task: ([a-z0-9_]+\.[a-z0-9_]+)`)
	typeName   = regexp.MustCompile(`type: (string|duration)$`)
)

// words finds every key, parameter, reference, task type and name of a type. It skips names that a
// designer chooses freely, such as the labels of a worklog's fields: they cannot be mistyped.
func words(source string) []word {
	var found []word
	lines := strings.Split(source, "\n")
	free, section := -1, ""
	for n, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		add := func(from, to int, class, wanted string) {
			found = append(found, word{line: n, from: from, to: to, text: line[from:to], class: class, wanted: wanted, lines: []int{n + 1}})
		}
		if m := keyLine.FindStringSubmatchIndex(line); m != nil {
			indent := m[6]
			key := line[m[6]:m[7]]
			if m[2] == 0 && m[3] == 0 {
				section = key
			}
			inputName := section == "inputs" && m[3] == 2 && m[4] < 0
			switch {
			case free >= 0 && indent > free:
			case inputName:
				free = -1
			default:
				free = -1
				add(m[6], m[7], "key", key)
				if key == "fields" || key == "attributes" || key == "outputs" || block.MatchString(line) {
					free = indent
				}
			}
		}
		if m := taskName.FindStringSubmatchIndex(line); m != nil {
			add(m[2], m[3], "task", line[m[2]:m[3]])
		}
		if m := typeName.FindStringSubmatchIndex(line); m != nil {
			add(m[2], m[3], "type", line[m[2]:m[3]])
		}
		for _, e := range expression.FindAllStringIndex(line, -1) {
			for _, p := range path.FindAllStringIndex(line[e[0]:e[1]], -1) {
				from := e[0] + p[0]
				for i, segment := range strings.Split(line[from:e[0]+p[1]], ".") {
					add(from, from+len(segment), []string{"root", "name", "output"}[i], segment)
					from += len(segment) + 1
				}
			}
		}
	}
	return append(found, declared(lines)...)
}

// declared finds the names of inputs and steps at their declarations. A mistake in a declaration is
// reported where the name is used.
func declared(lines []string) []word {
	var found []word
	section := ""
	for n, line := range lines {
		m := keyLine.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		if m[3] == 0 {
			section = line[m[6]:m[7]]
		}
		w := word{line: n, class: "declared"}
		root := "inputs."
		switch {
		case section == "inputs" && m[3] == 2 && m[4] < 0:
			w.from, w.to = m[6], m[7]
		case line[m[6]:m[7]] == "id":
			w.from, w.to, root = m[7]+2, len(line), "steps."
		default:
			continue
		}
		w.text = line[w.from:w.to]
		for i, other := range lines {
			if regexp.MustCompile(regexp.QuoteMeta(root+w.text) + `\b`).MatchString(other) {
				w.lines = append(w.lines, i+1)
			}
		}
		if len(w.lines) > 0 {
			found = append(found, w)
		}
	}
	return found
}

// edits returns every omission and every exchange of neighbours in a word, and the same number of
// random insertions and substitutions.
func edits(text string, random *rand.Rand) []string {
	const letters = "abcdefghijklmnopqrstuvwxyz_"
	var made []string
	for i := range text {
		made = append(made, text[:i]+text[i+1:])
		if i+1 < len(text) {
			made = append(made, text[:i]+text[i+1:i+2]+text[i:i+1]+text[i+2:])
		}
		letter := letters[random.IntN(len(letters)):][:1]
		made = append(made, text[:i]+letter+text[i:], text[:i]+letter+text[i+1:])
	}
	slices.Sort(made)
	return slices.DeleteFunc(slices.Compact(made), func(s string) bool { return s == text || s == "" })
}

// shippedAndExamples returns the sources of the shipped definitions and of the examples, by file.
func shippedAndExamples(t *testing.T) map[string][]byte {
	t.Helper()
	sources := map[string][]byte{}
	for _, pattern := range []string{"../../definitions/*.yaml", "../../examples/workflows/*.yaml", "../../examples/bring-up-instance.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, file := range files {
			if sources[filepath.Base(file)], err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	return sources
}

// TestTypos makes thousands of mistakes of one edit in the shipped definitions and the examples.
// Nearly all must be found on the right line with the right suggestion.
func TestTypos(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	random := rand.New(rand.NewPCG(1, 2))
	type score struct{ made, caught, suggested int }
	scores, total := map[string]score{}, score{}
	var missed []string
	some := sample.Of(t, "mistakes", 4)
	sources := shippedAndExamples(t)
	loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		if source, ok := sources[name+".yaml"]; ok {
			return name + ".yaml", source, nil
		}
		return "", nil, fmt.Errorf("there is no workflow %s", name)
	}}
	for _, file := range slices.Sorted(maps.Keys(sources)) {
		source := sources[file]
		if _, problems := loader.Load(file, source); len(problems) > 0 {
			t.Fatalf("%s already has problems: %v", file, problems)
		}
		lines := strings.Split(string(source), "\n")
		for _, w := range words(string(source)) {
			all := edits(w.text, random)
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			all = all[:(len(all)+2)/3]
			for _, n := range some.Choose(fmt.Sprint(file, w.line, w.from), len(all)) {
				wrong, line := all[n-1], lines[w.line]
				lines[w.line] = line[:w.from] + wrong + line[w.to:]
				_, problems := loader.Load(file, []byte(strings.Join(lines, "\n")))
				lines[w.line] = line
				if w.class == "declared" {
					w.wanted = wrong
				}
				s := scores[w.class]
				s.made++
				switch caught, suggested := judge(problems, w); {
				case suggested:
					s.suggested++
					s.caught++
				case caught:
					s.caught++
					missed = append(missed, fmt.Sprintf("%s:%d: %s %q for %q: found, not suggested: %v", file, w.line+1, w.class, wrong, w.text, problems[0]))
				default:
					missed = append(missed, fmt.Sprintf("%s:%d: %s %q for %q: not found there: %v", file, w.line+1, w.class, wrong, w.text, problems))
				}
				scores[w.class] = s
			}
		}
	}
	for class, s := range scores {
		t.Logf("%-8s %5d mistakes, %5.1f %% found on the right line, %5.1f %% with the right suggestion", class, s.made, percent(s.caught, s.made), percent(s.suggested, s.made))
		total.made, total.caught, total.suggested = total.made+s.made, total.caught+s.caught, total.suggested+s.suggested
	}
	t.Logf("in all   %5d mistakes, %5.1f %% found on the right line, %5.1f %% with the right suggestion", total.made, percent(total.caught, total.made), percent(total.suggested, total.made))
	if total.made < sample.Size(300, 1200, 5000) {
		t.Errorf("only %d mistakes were made", total.made)
	}
	if percent(total.caught, total.made) < 99 || percent(total.suggested, total.made) < 95 {
		t.Errorf("too many mistakes were not found; some of them:\n%s", strings.Join(missed[:min(len(missed), 40)], "\n"))
	}
}

func judge(problems []diag.Problem, w word) (caught, suggested bool) {
	for _, p := range problems {
		if slices.Contains(w.lines, p.Range.Start.Line) {
			caught = true
			suggested = suggested || strings.Contains(p.Help, `"`+w.wanted+`"`)
		}
	}
	return caught, caught && suggested
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }
