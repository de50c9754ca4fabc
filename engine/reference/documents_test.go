package reference_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine/golden"
	"errand/engine/schema"
	"errand/tasks/sandbox"
)

// testingPage describes the documents of a test case. Below the heading of each document, a table
// has a row for each key.
const testingPage = root + "definitions/TESTING.md"

// TestDocumentedKeys compares the keys in the tables of the testing page with the keys that the
// code accepts. Both must be the same. An example on the page must contain each key, with a value
// of the type in the table.
func TestDocumentedKeys(t *testing.T) {
	text, err := os.ReadFile(testingPage)
	if err != nil {
		t.Fatal(err)
	}
	accepted := map[string][]string{
		"case.yaml":  keysOfStruct(reflect.TypeFor[golden.Case](), "", nil),
		"mocks.yaml": keysOfStruct(reflect.TypeFor[golden.Mock](), "", nil),
		"world.yaml": keysOfWorld(t, nil),
	}
	examples := 0
	for name, keys := range accepted {
		documented := documentedKeys(t, string(text), name)
		if len(keys) < 10 {
			t.Errorf("%s has only the keys %v", name, keys)
		}
		for _, key := range keys {
			if documented[key] == "" {
				t.Errorf("%s: the key %s is not documented", name, key)
			}
		}
		for key := range documented {
			if !slices.Contains(keys, key) {
				t.Errorf("%s: the key %s is documented, but the code does not accept it", name, key)
			}
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile("(?ms)^```txtar\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
			for _, file := range txtar.Parse([]byte(m[1])).Files {
				if file.Name == name {
					examples++
					note(t, documented, seen, "", data(t, string(file.Data)))
				}
			}
		}
		for key := range documented {
			if !seen[key] {
				t.Errorf("%s: no example has the key %s", name, key)
			}
		}
	}
	if examples < 5 {
		t.Errorf("only %d documents were read", examples)
	}
}

// keysOfStruct returns the keys that the reader of test cases accepts for a type: the names of its
// members, and of the members of their types.
func keysOfStruct(t reflect.Type, prefix string, outer []reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		keys = append(keys, prefix+name)
		inner, path := f.Type, prefix+name+"."
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Map || inner.Kind() == reflect.Slice {
			switch inner.Kind() {
			case reflect.Map:
				path += "STEP."
			case reflect.Slice:
				path = strings.TrimSuffix(path, ".") + "[]."
			}
			inner = inner.Elem()
		}
		within := append(slices.Clone(outer), t)
		if inner.Kind() == reflect.Struct && !readsItself(inner) && !slices.Contains(within, inner) {
			keys = append(keys, keysOfStruct(inner, path, within)...)
		}
	}
	return keys
}

func readsItself(t reflect.Type) bool {
	of := reflect.PointerTo(t)
	return of.Implements(reflect.TypeFor[json.Unmarshaler]()) || of.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// strange is a key that no object of a world accepts.
const strange = "zzzzzzzz"

// keysOfWorld returns the keys that a world accepts at a path. It writes an unknown key, and the
// sandbox answers with the known ones.
func keysOfWorld(t *testing.T, path []string) []string {
	var keys []string
	for _, key := range knownKeys(t, path) {
		inner := append(slices.Clone(path), key)
		keys = append(keys, strings.ReplaceAll(strings.Join(inner, "."), ".[]", "[]"))
		keys = append(keys, keysOfWorld(t, inner)...)
		keys = append(keys, keysOfWorld(t, append(inner, "[]"))...)
	}
	return keys
}

// knownKeys returns the keys of the object at a path. It returns none if there is no object, or if
// any key is allowed.
func knownKeys(t *testing.T, path []string) []string {
	var world any = map[string]any{strange: 0}
	for _, key := range slices.Backward(path) {
		if key == "[]" {
			world = []any{world}
		} else {
			world = map[string]any{key: world}
		}
	}
	document, err := json.Marshal(world)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sandbox.New(document, func() time.Time { return time.Time{} })
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) {
		return nil // the world does not read this key
	}
	for _, one := range all.Unwrap() {
		problem, ok := errors.AsType[*sandbox.WorldError](one)
		if !ok || problem.Hint == "" || problem.Path != strange && !strings.HasSuffix(problem.Path, "."+strange) {
			continue
		}
		known := strings.Split(problem.Hint, ", ") // "known are a, b, c"
		known[0] = known[0][strings.LastIndex(known[0], " ")+1:]
		if len(known) < 2 {
			t.Fatalf("the hint %q lists no keys", problem.Hint)
		}
		return known
	}
	return nil
}

// documentedKeys returns the keys, with their types, in the table below the heading of a document.
func documentedKeys(t *testing.T, text, document string) map[string]string {
	keys := map[string]string{}
	for line := range strings.Lines(section(text, "## "+document)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		row := cells(line)
		if len(row) != 3 || row[2] == "" {
			t.Fatalf("%s: a row has no type or no meaning: %s", document, line)
		}
		for key := range strings.SplitSeq(row[0], ", ") {
			key = uncode(key)
			if keys[key] != "" {
				t.Errorf("%s: the key %s is documented twice", document, key)
			}
			keys[key] = row[1]
		}
	}
	return keys
}

// types has the test of an example's value for each type that a table contains.
var types = map[string]func(any) bool{
	"string":           func(v any) bool { return isOf(v, "string") },
	"time":             func(v any) bool { s, _ := v.(string); _, err := time.Parse(time.RFC3339, s); return err == nil },
	"duration":         func(v any) bool { s, _ := v.(string); _, err := schema.ParseDuration(s); return err == nil },
	"integer":          func(v any) bool { return isOf(v, "integer") },
	"boolean":          func(v any) bool { return isOf(v, "boolean") },
	"list":             func(v any) bool { return isOf(v, "array") },
	"object":           func(v any) bool { return isOf(v, "object") },
	"integer or `any`": func(v any) bool { return isOf(v, "integer") || v == "any" },
}

// note records the keys of an example, and compares their values with the documented types.
func note(t *testing.T, documented map[string]string, seen map[string]bool, path string, value any) {
	switch value := value.(type) {
	case []any:
		if path != "" {
			path += "[]"
		}
		for _, item := range value {
			note(t, documented, seen, path, item)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			full := strings.TrimPrefix(path+"."+key, ".")
			kind, known := documented[full]
			if !known { // any key is allowed, such as the key of a step
				note(t, documented, seen, path+".STEP", value[key])
				continue
			}
			seen[full] = true
			if fits := types[kind]; fits == nil || !fits(value[key]) {
				t.Errorf("the value of %s in an example, %v, is not of type %q", full, value[key], kind)
			}
			note(t, documented, seen, full, value[key])
		}
	}
}
