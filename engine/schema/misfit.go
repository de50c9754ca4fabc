package schema

import "errors"

// A Misfit is an error that a value does not fit a type.
type Misfit struct {
	Path string // "instance_id", "tags[2].name"; "" for the value itself

	// Message is what was found and what was expected, such as `"runing" is not one of "running",
	// "stopped"`
	Message string

	Unknown string   // the name of a member that the type does not have, or ""
	Known   []string // of Unknown: the names that the type has
}

func (m Misfit) Error() string {
	if m.Path == "" {
		return m.Message
	}
	return m.Path + ": " + m.Message
}

// Misfits returns the misfits in an error of Canonical or Decode. Another error becomes a misfit of the
// value itself.
func Misfits(err error) []Misfit {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Misfit
		for _, one := range joined.Unwrap() {
			all = append(all, Misfits(one)...)
		}
		return all
	}
	if m, ok := errors.AsType[Misfit](err); ok {
		return []Misfit{m}
	}
	return []Misfit{{Message: err.Error()}}
}
