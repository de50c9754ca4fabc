package reference_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"errand/engine/goldenfile"
)

// The parts of a test case that have a JSON Schema, with its file in the folder of the definitions.
var documentSchemas = map[string]string{"case.yaml": "case.schema.json", "mocks.yaml": "mocks.schema.json", "world.yaml": "world.schema.json"}

// TestSchemasOfDocuments compares the schemas of case.yaml, mocks.yaml and world.yaml with the tables
// of the testing page, and with every such document of the project.
func TestSchemasOfDocuments(t *testing.T) {
	page, err := os.ReadFile(testingPage)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range documentSchemas {
		made, err := json.MarshalIndent(documentSchema(string(page), name), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		goldenfile.Check(t, filepath.Join(root, "definitions", file), append(made, '\n'))
		v, schema := newValidator(made)
		checked := 0
		for at, document := range documentsOf(t, name) {
			checked++
			if fault := v.check(schema, data(t, document), "document", ""); fault != "" {
				t.Errorf("%s: %s does not fit its schema: %s", at, name, fault)
			}
		}
		if checked < 10 {
			t.Errorf("only %d documents %s were checked", checked, name)
		}
		for _, wrong := range []string{`{"zzz": 1}`, `[{"zzz": 1}]`, `{"faults": [{"system": "s3"}], "decisions": {"a": {"verdict": "maybe"}}}`} {
			if v.check(schema, data(t, wrong), "document", "") == "" {
				t.Errorf("%s accepts %s", file, wrong)
			}
		}
	}
}

// documentsOf returns the parts with a name of all test cases, by file.
func documentsOf(t *testing.T, name string) map[string]string {
	found := map[string]string{}
	for _, folder := range []string{"testdata/golden", "engine/golden/testdata", "examples"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".txtar" {
				return err
			}
			text, err := os.ReadFile(path)
			for _, f := range txtar.Parse(text).Files {
				if f.Name == name {
					found[path] = string(f.Data)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

type object = map[string]any

// documentSchema makes the JSON Schema of a document from the table of its keys.
func documentSchema(page, name string) object {
	top := object{"type": "object", "additionalProperties": false, "properties": object{}}
	whole := top
	if name == "mocks.yaml" {
		whole = object{"type": "array", "items": top}
	}
	for line := range strings.Lines(section(page, "## "+name)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		row := cells(line)
		for key := range strings.SplitSeq(row[0], ", ") {
			place(top, strings.Split(strings.ReplaceAll(uncode(key), "[]", ".[]"), "."), leaf(row[1], row[2]), needed.MatchString(row[2]))
		}
	}
	if name == "case.yaml" {
		decisions := top["properties"].(object)["decisions"].(object)
		decision := decisions["additionalProperties"].(object)
		later := maps.Clone(decision)
		later["properties"] = maps.Clone(decision["properties"].(object))
		delete(later["properties"].(object), "then")
		decision["properties"].(object)["then"].(object)["items"] = object{"$ref": "#/definitions/later"}
		whole["definitions"] = object{"decision": decision, "later": later}
		decisions["additionalProperties"] = object{"$ref": "#/definitions/decision"}
	} else {
		whole["definitions"] = object{}
	}
	whole["$schema"] = "http://json-schema.org/draft-07/schema#"
	whole["title"] = "Errand: " + name
	return whole
}

// needed matches the meaning of a key that every object of its kind has.
var needed = regexp.MustCompile(`\bEvery [a-z ]+ has (one|this key)\.`)

// place puts the schema of a key at its path. STEP stands for any key, and [] for the items of a list.
func place(in object, path []string, made object, required bool) {
	for i, name := range path {
		last := i == len(path)-1
		switch name {
		case "STEP", "[]":
			keyword := map[string]string{"STEP": "additionalProperties", "[]": "items"}[name]
			if _, is := in[keyword].(object); !is {
				in[keyword] = object{"type": "object", "additionalProperties": false, "properties": object{}}
			}
			in = in[keyword].(object)
		default:
			if in["properties"] == nil {
				in["properties"], in["additionalProperties"] = object{}, false
			}
			if last && required {
				names, _ := in["required"].([]string)
				in["required"] = append(names, name)
			}
			properties := in["properties"].(object)
			if properties[name] == nil {
				properties[name] = object{}
			}
			in = properties[name].(object)
			if last {
				maps.Copy(in, made)
			}
		}
	}
}

// words are the values that a meaning lists, at its start or behind a colon.
var words = regexp.MustCompile("^(?:[^:`]*: )?`[^`]+`,? (?:or )?`|^`[^`]+` or `")

// leaf returns the schema of a key from the type and the meaning in its row.
func leaf(kind, meaning string) object {
	made := object{"description": strings.ReplaceAll(meaning, "`", "")}
	switch kind {
	case "list":
		made["type"] = "array"
	case "duration":
		made["type"], made["pattern"] = "string", "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$|^0s?$"
	case "time":
		made["type"] = "string"
	case "integer or `any`":
		made["anyOf"] = []object{{"type": "integer", "minimum": 1}, {"enum": []string{"any"}}}
	default:
		made["type"] = kind
	}
	var listed []string
	if words.MatchString(meaning) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(meaning, -1) {
			if !slices.Contains(listed, m[1]) {
				listed = append(listed, m[1])
			}
		}
	}
	switch {
	case len(listed) == 0:
	case kind == "string":
		made["enum"] = listed
	case kind == "object":
		made["additionalProperties"] = object{"type": "string", "enum": listed}
	}
	return made
}
