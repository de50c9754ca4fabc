package lsp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/goldenfile"
)

// Each session is a file. The client sends lines with → unchanged; lines with ← are the answers.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "session", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			goldenfile.Check(t, file, []byte(replay(t, string(text))))
		})
	}
}

func replay(t *testing.T, session string) string {
	c := connect(t)
	var made strings.Builder
	for line := range strings.Lines(session) {
		sent, ok := strings.CutPrefix(line, "→ ")
		if strings.HasPrefix(line, "←") {
			continue
		}
		made.WriteString(line)
		if !ok {
			continue
		}
		c.send(strings.TrimSpace(sent))
		if needsAnswer(sent) {
			made.WriteString("← " + string(c.read().Body) + "\n")
		}
	}
	return made.String()
}

// needsAnswer reports whether the server must send a message: after a request, after invalid JSON,
// and after a new text.
func needsAnswer(sent string) bool {
	var m message
	if json.Unmarshal([]byte(sent), &m) != nil || m.ID != nil {
		return true
	}
	return strings.HasPrefix(m.Method, "textDocument/did")
}
