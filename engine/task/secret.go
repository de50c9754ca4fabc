package task

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// A Secret is a text that never shows itself: it prints, logs and encodes as "[secret]", and it
// cannot be decoded. Reveal returns the text, for the request that needs it. Two secrets with the
// same text are equal (==). The zero value is the empty text.
//
// The text is behind a pointer, because fmt reads unexported fields of a struct without calling
// their methods.
type Secret struct{ held unique.Handle[string] }

// Concealed is the text that a Secret shows instead of its own.
const Concealed = "[secret]"

// NewSecret returns a text as a secret.
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

// IsZero reports whether the text is empty.
func (s Secret) IsZero() bool { return s == Secret{} }

// String implements fmt.Stringer.
func (Secret) String() string { return Concealed }

// Format implements fmt.Formatter. Every verb with every flag writes the same.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Concealed) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(Concealed) }

// MarshalText implements encoding.TextMarshaler, which JSON, XML, YAML and the keys of maps use.
func (Secret) MarshalText() ([]byte, error) { return []byte(Concealed), nil }

// MarshalBinary implements encoding.BinaryMarshaler, which gob uses.
func (Secret) MarshalBinary() ([]byte, error) { return []byte(Concealed), nil }

// Values are the parameters of a stored credential, by name. Parameters that are not secret are
// hidden, too, so that no caller must know which are secret.
type Values map[string]Secret

// Conceal returns texts as secrets.
func Conceal(texts map[string]string) Values {
	v := make(Values, len(texts))
	for name, text := range texts {
		v[name] = NewSecret(text)
	}
	return v
}

// Reveal returns the text of a parameter, or "" if it is absent.
func (v Values) Reveal(name string) string { return v[name].Reveal() }
