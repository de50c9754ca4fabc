package reference_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/reference"
	"errand/engine/task"
	"errand/tasks"
)

// page is the reference of the language for designers. Its prose and its examples are written by
// hand. TestPage with -update writes the results: under an example, a block `problem` (the problems
// of the check) or `trace` (a run in the sandbox); in the last column of a table, the problem or
// the result of the first; and whole tables between `made` and `end`.
const page = root + "definitions/README.md"

var (
	fences = regexp.MustCompile("(?ms)^```([a-z]+)( prelude)?\n(.*?)^```\n")
	tables = regexp.MustCompile(`(?m)^\|.*\|\n\|(?:---\|)+\n(?:\|.*\|\n)*`)
	made   = regexp.MustCompile(`(?ms)^<!-- made: (\w+) -->\n.*?^<!-- end -->\n`)
)

func readPage(t *testing.T) string {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPage runs the examples of the page and writes the generated parts.
func TestPage(t *testing.T) {
	text := readPage(t)
	registry := tasks.Registry(task.Environment{})
	parts := map[string]func() string{
		"functions": reference.Functions, "results": reference.Results,
		"rules": func() string { return reference.Rules(casesOfRules(t)) },
		"codes": reference.Codes, "forms": reference.Forms, "connectors": func() string { return reference.Connectors(registry) },
	}
	text = made.ReplaceAllStringFunc(text, func(old string) string {
		name := made.FindStringSubmatch(old)[1]
		part := parts[name]
		if part == nil {
			t.Fatalf("the part %q is unknown, or appears twice", name)
		}
		delete(parts, name)
		return "<!-- made: " + name + " -->\n" + part() + "<!-- end -->\n"
	})
	if len(parts) > 0 {
		t.Errorf("the page lacks the parts %v", parts)
	}
	language, connectors := divide(t, text)
	b := newBench(t, language)
	var last string // the example above
	language = fences.ReplaceAllStringFunc(language, func(old string) string {
		m := fences.FindStringSubmatch(old)
		switch m[1] {
		case "yaml":
			last = b.whole(m[3])
			if !strings.HasPrefix(m[2], " ") && !isFollowedBy(language, old, "problem") {
				b.accept(last)
			}
			return old
		case "problem":
			return "```problem\n" + b.problems(last) + "```\n"
		case "trace":
			return "```trace\n" + b.trace(last) + "```\n"
		}
		t.Errorf("unknown kind of block %q", m[1])
		return old
	})
	language = tables.ReplaceAllStringFunc(language, func(old string) string { return b.table(old) })
	if b.examples < 20 || b.rows < 60 {
		t.Errorf("there are only %d examples and %d rows", b.examples, b.rows)
	}
	goldenfile.Check(t, page, []byte(language+connectors))
}

// casesOfRules finds a case for each rule: of those in testdata/problems, or else in
// testdata/intake, the first with the fewest problems.
func casesOfRules(t *testing.T) func(rule string) string {
	shown := regexp.MustCompile(`(?m)^(?:error|warning)\[(.*?)\]`)
	cases, problems := map[string]string{}, map[string]int{}
	add := func(out, name, link string, penalty int) {
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		found := shown.FindAllSubmatch(text, -1)
		for _, m := range found {
			rule := string(m[1])
			if least, known := problems[rule]; !known || len(found)+penalty < least {
				cases[rule], problems[rule] = "["+name+"](../"+link+")", len(found)+penalty
			}
		}
	}
	for _, file := range yamlFiles(t, "testdata/problems") {
		stem := strings.TrimSuffix(filepath.Base(file), ".yaml")
		add(strings.TrimSuffix(file, ".yaml")+".out", stem, "testdata/problems/"+stem+".yaml", 0)
	}
	intakes, err := filepath.Glob("../../testdata/intake/problems/*/intake.yaml")
	if err != nil || len(intakes) == 0 {
		t.Fatalf("%d intake files: %v", len(intakes), err)
	}
	for _, file := range intakes {
		folder := filepath.Dir(file)
		name := filepath.Base(folder)
		add(filepath.Join(folder, "problems.out"), name, "testdata/intake/problems/"+name+"/intake.yaml", 1000)
	}
	return func(rule string) string {
		if cases[rule] == "" {
			t.Errorf("no case has a problem of the rule %s", rule)
		}
		return cases[rule]
	}
}

// divide splits the page where the generated part begins.
func divide(t *testing.T, text string) (language, rest string) {
	at := strings.Index(text, "<!-- made: functions -->")
	if at < 0 {
		t.Fatal("the page has no functions")
	}
	return text[:at], text[at:]
}

func isFollowedBy(text, block, kind string) bool {
	_, after, _ := strings.Cut(text, block)
	return strings.HasPrefix(strings.TrimSpace(after), "```"+kind)
}

// table fills in the last column of a table. The heading of the first column is the context of the
// examples.
func (b *bench) table(old string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(old, "\n"), "\n")
	head := cells(lines[0])
	wrap, known := b.contexts()[head[0]]
	for i, line := range lines[2:] {
		row := cells(line)
		if len(row) < 1 || !known {
			b.t.Fatalf("unknown context %q of a table", head[0])
		}
		b.rows++
		source, outcome := uncode(row[0]), ""
		switch head[len(head)-1] {
		case "result":
			outcome = reference.Code(b.evaluate(source))
		case "the check reports":
			outcome = b.problemLine(wrap(source))
			if outcome == "" {
				b.t.Errorf("the check reports nothing for %s", source)
			}
		default:
			b.t.Fatalf("unknown result %q of a table", head[len(head)-1])
		}
		lines[2+i] = "| " + reference.Code(source) + " | " + strings.TrimSpace(outcome) + " |\n"
	}
	return strings.Join(lines, "")
}

// problemLine returns the problems of a definition in one line.
func (b *bench) problemLine(source string) string {
	var all []string
	for _, p := range b.check(source) {
		if slices.Contains(ofParts, p.Rule) {
			continue
		}
		text := reference.Plain(p.Message)
		if p.Severity == diag.Warning {
			text = "warning: " + text
		}
		switch {
		case p.Help != "":
			text += "; " + reference.Plain(p.Help)
		case p.Label != "":
			text += ": " + reference.Plain(p.Label)
		}
		all = append(all, text)
	}
	return strings.Join(all, "<br>")
}

var bar = regexp.MustCompile(`(\\\|)|\|`)

// cells returns the cells of a line of a table.
func cells(line string) []string {
	line = strings.Trim(strings.TrimSpace(line), "|")
	line = bar.ReplaceAllStringFunc(line, func(s string) string {
		if s == "|" {
			return "\x00"
		}
		return "|"
	})
	found := strings.Split(line, "\x00")
	for i := range found {
		found[i] = strings.TrimSpace(found[i])
	}
	return found
}

func uncode(cell string) string {
	inner := strings.Trim(cell, "`")
	if strings.HasPrefix(cell, "``") {
		inner = strings.TrimSuffix(strings.TrimPrefix(inner, " "), " ")
	}
	return inner
}
