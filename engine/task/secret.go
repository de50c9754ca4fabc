package task

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// A Secret is a text that shows itself nowhere: whatever prints, logs or encodes one writes "[secret]", and nothing can be decoded
// into one. Reveal gives the text, for the request that it is meant for. Two secrets with the same text are equal (==); the zero
// value holds the empty text.
//
// The text stands behind a pointer, since fmt looks into a struct's unexported fields without asking their methods.
type Secret struct{ held unique.Handle[string] }

// Concealed is what a Secret shows in place of its text.
const Concealed = "[secret]"

// NewSecret hides a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.held.Value()
}

// IsZero tells whether the text is empty.
func (s Secret) IsZero() bool { return s == Secret{} }

// String implements fmt.Stringer.
func (Secret) String() string { return Concealed }

// Format implements fmt.Formatter: every verb, with every flag, writes the same.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Concealed) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(Concealed) }

// MarshalText implements encoding.TextMarshaler, by which JSON, XML, YAML and the keys of maps are written.
func (Secret) MarshalText() ([]byte, error) { return []byte(Concealed), nil }

// MarshalBinary implements encoding.BinaryMarshaler, by which gob writes.
func (Secret) MarshalBinary() ([]byte, error) { return []byte(Concealed), nil }

// Values are the parameters of a stored credential, by name. Those that are no secrets are hidden all the same, so that nobody
// has to know which are.
type Values map[string]Secret

// Conceal hides texts.
func Conceal(texts map[string]string) Values {
	v := make(Values, len(texts))
	for name, text := range texts {
		v[name] = NewSecret(text)
	}
	return v
}

// Reveal returns a parameter's text, or "" where there is none.
func (v Values) Reveal(name string) string { return v[name].Reveal() }
