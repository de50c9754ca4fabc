package reference_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/goldenfile"
)

// intakePage describes the rules by which tickets start workflows.
const intakePage = root + "definitions/INTAKE.md"

// The keys in the table of the page are those that the parser accepts, and an example has each.
func TestDocumentedIntakeKeys(t *testing.T) {
	page := textOfFile(t, intakePage)
	documented := documentedKeys(t, page, "intake.yaml")
	accepted := slices.Clone(definition.IntakeKeys)
	for _, key := range definition.IntakeRuleKeys {
		accepted = append(accepted, "rules[]."+key)
	}
	for _, key := range accepted {
		if documented[key] == "" {
			t.Errorf("the key %s is not documented", key)
		}
	}
	for key := range documented {
		if !slices.Contains(accepted, key) {
			t.Errorf("the key %s is documented, but the parser does not accept it", key)
		}
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		note(t, documented, seen, "", data(t, m[1]))
	}
	for key := range documented {
		if !seen[key] {
			t.Errorf("no example has the key %s", key)
		}
	}
}

// TestIntakeSchema makes the schema of intake.yaml from the table of the page, and compares it with
// the intake files of the project.
func TestIntakeSchema(t *testing.T) {
	schema := documentSchema(textOfFile(t, intakePage), "intake.yaml")
	schema["required"] = []string{"version", "source", "rules"}
	properties := schema["properties"].(object)
	properties["version"].(object)["enum"] = []int{1}
	properties["statuses"].(object)["items"] = object{"type": "string"}
	properties["rules"].(object)["minItems"] = 1
	properties["rules"].(object)["items"].(object)["required"] = []string{"name", "workflow"}
	made, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	goldenfile.Check(t, root+"definitions/intake.schema.json", append(made, '\n'))

	v, read := newValidator(made)
	checked := 0
	for _, pattern := range []string{"testdata/intake/good/*/*intake.yaml", "examples/intake/*intake.yaml"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files %s: %v", len(files), pattern, err)
		}
		for _, file := range files {
			checked++
			if fault := v.check(read, data(t, textOfFile(t, file)), "intake", ""); fault != "" {
				t.Errorf("%s does not fit the schema: %s", file, fault)
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d files were checked", checked)
	}
	for _, name := range []string{"unknown-keys", "missing-keys", "empty-rules", "wrong-version", "statuses-not-a-list", "every-without-a-unit", "keys-of-a-definition"} {
		if v.check(read, data(t, textOfFile(t, root+"testdata/intake/problems/"+name+"/intake.yaml")), "intake", "") == "" {
			t.Errorf("the schema accepts %s", name)
		}
	}
}

// textOfFile returns the text of a file.
func textOfFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// TestTyposInIntakeFiles makes one typing error in a key of an intake file. The check must name its
// line, and suggest the key that was meant.
func TestTyposInIntakeFiles(t *testing.T) {
	known := documentedKeys(t, textOfFile(t, intakePage), "intake.yaml")
	files, err := filepath.Glob(root + "examples/intake/*intake.yaml")
	more, err2 := filepath.Glob(root + "testdata/intake/good/*/intake.yaml")
	if err != nil || err2 != nil || len(files)+len(more) < 6 {
		t.Fatalf("%d and %d files: %v, %v", len(files), len(more), err, err2)
	}
	r := rand.New(rand.NewPCG(1, 2))
	typos, suggested := 0, 0
	var missed []string
	for range 5 {
		for _, file := range slices.Concat(files, more) {
			text := textOfFile(t, file)
			var document yaml.Node
			if err := yaml.Unmarshal([]byte(text), &document); err != nil {
				t.Fatal(err)
			}
			collect(&document, "", known, func(n *yaml.Node, path string) {
				wrong := mistyped(r, n.Value)
				if wrong == n.Value || wrong == "" {
					return
				}
				typos++
				lines := strings.Split(text, "\n")
				line := lines[n.Line-1]
				lines[n.Line-1] = line[:n.Column-1] + wrong + line[n.Column-1+len(n.Value):]
				_, problems := definition.ParseIntake("intake.yaml", []byte(strings.Join(lines, "\n")))
				if slices.ContainsFunc(problems, func(p diag.Problem) bool {
					return p.Range.Start.Line == n.Line && strings.Contains(p.Help, `did you mean "`+n.Value+`"?`)
				}) {
					suggested++
				} else {
					missed = append(missed, fmt.Sprintf("%s: %s for %s at %s: %v", file, wrong, n.Value, path, problems))
				}
			})
		}
	}
	if typos < 200 || suggested*100 < typos*95 {
		t.Errorf("of %d typing errors %d have the right suggestion:\n%s", typos, suggested, strings.Join(missed[:min(len(missed), 20)], "\n"))
	}
}
