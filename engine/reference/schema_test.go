package reference_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"errand/engine/goldenfile"
	"errand/engine/hosttest"
	"errand/engine/reference"
)

// The JSON Schema over the stub task types, whole: a change of the language or of the tags is seen here.
func TestSchema(t *testing.T) {
	made := reference.Schema(hosttest.Registry(func() {}))
	if !json.Valid(made) {
		t.Fatal("it is not JSON")
	}
	goldenfile.Check(t, filepath.Join("testdata", "schema.json"), made)
}
