package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"unicode/utf16"

	"errand/engine/diag"
)

// A sink is the end of a stream. It keeps its first error and never returns one: output that is
// lost does not end the work of a command; Command.Run reports it afterwards. It is safe for
// concurrent use.
type sink struct {
	to  io.Writer
	mu  sync.Mutex
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return len(p), nil
	}
	n, err := s.to.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.err = err
	}
	return len(p), nil
}

// lost returns why output was lost, or nil. If the reader has ended, such as head, nothing is lost.
func (s *sink) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.err, syscall.EPIPE) {
		return nil
	}
	return s.err
}

// A stream is standard output or standard error, for text. It replaces the characters that a
// terminal would interpret. So a text from another system does no harm to a terminal, whoever
// prints it.
type stream struct{ *sink }

func (s stream) Write(p []byte) (int, error) {
	_, err := io.WriteString(s.sink, diag.PrintableText(string(p)))
	return len(p), err
}

// raw returns the writer below a stream, for texts that are safe already and have colours.
func raw(w io.Writer) io.Writer {
	if s, ok := w.(stream); ok {
		return s.sink
	}
	return w
}

// fileOf returns the file that a stream reads or writes.
func fileOf(of any) (*os.File, bool) {
	switch s := of.(type) {
	case stream:
		of = s.to
	case *sink:
		of = s.to
	}
	f, ok := of.(*os.File)
	return f, ok
}

// document writes a document to standard output: to a terminal as text, and anywhere else byte for
// byte.
func (t *terminal) document(data []byte) error {
	to := t.stdout
	if !isTerminal(to) {
		to = raw(to)
	}
	_, err := to.Write(data)
	return err
}

// jsonOutput returns a writer of JSON to standard output. It writes what a terminal would interpret
// as escapes, which mean the same.
func (t *terminal) jsonOutput() io.Writer { return escaped{raw(t.stdout)} }

type escaped struct{ to io.Writer }

func (e escaped) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, c := range string(p) {
		switch {
		case c == '\n' || c == '\t' || diag.IsPrintable(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	_, err := io.WriteString(e.to, b.String())
	return len(p), err
}
