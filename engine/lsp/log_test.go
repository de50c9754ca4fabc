package lsp_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// A serverLog is what a server writes to its log while a test reads it.
type serverLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wait returns when the log contains a text.
func (l *serverLog) wait(t testing.TB, text string) {
	t.Helper()
	for !strings.Contains(l.String(), text) {
		if t.Context().Err() != nil {
			t.Fatalf("the log does not say %q:\n%s", text, l)
		}
		time.Sleep(time.Millisecond)
	}
}
