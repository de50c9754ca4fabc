package intake_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"errand/engine/diag"
	"errand/engine/goldenfile"
)

const casesFolder = "../../testdata/intake"

// TestProblems reads intake files that each have one kind of mistake. problems.out beside them has
// what a designer reads.
func TestProblems(t *testing.T) {
	for _, file := range intakeFiles(t, "problems", 40) {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			source := readIntake(t, file)
			s, problems := loader().Load(file, source)
			if len(problems) == 0 {
				t.Fatal("the file is wrong, but there is no problem")
			}
			if (s == nil) != diag.HasErrors(problems) {
				t.Errorf("a source was made: %t, and a problem is an error: %t", s != nil, diag.HasErrors(problems))
			}
			goldenfile.Check(t, filepath.Join(filepath.Dir(file), "problems.out"), render(t, file, problems))
		})
	}
}

// TestGoodFiles reads intake files without problems. Even warnings are not allowed.
func TestGoodFiles(t *testing.T) {
	for _, file := range intakeFiles(t, "good", 4) {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			if s, problems := loader().Load(file, readIntake(t, file)); s == nil || len(problems) > 0 {
				t.Errorf("want no problems, got:\n%s", render(t, file, problems))
			}
		})
	}
}

func intakeFiles(t *testing.T, folder string, atLeast int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(casesFolder, folder, "*", "intake.yaml"))
	if err != nil || len(files) < atLeast {
		t.Fatalf("%d files in %s, %v; want at least %d", len(files), folder, err, atLeast)
	}
	return files
}

// readIntake reads a file. It must begin with a comment that says what the file shows.
func readIntake(t *testing.T, file string) []byte {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(source, []byte("# ")) {
		t.Errorf("%s does not start with a comment", file)
	}
	return source
}

// render shows problems with the names of their files alone.
func render(t *testing.T, file string, problems []diag.Problem) []byte {
	t.Helper()
	folder := filepath.Dir(file)
	shown := make([]diag.Problem, len(problems))
	for i, p := range problems {
		p.Range.File = filepath.Base(p.Range.File)
		p.Message = string(bytes.ReplaceAll([]byte(p.Message), []byte(folder+"/"), nil))
		shown[i] = p
	}
	var b bytes.Buffer
	texts := func(name string) []byte {
		text, _ := os.ReadFile(filepath.Join(folder, name)) // a file that is missing has no lines to show
		return text
	}
	if err := diag.Render(&b, shown, texts, diag.Style{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
