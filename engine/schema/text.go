package schema

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// FromText converts a text from a command line to a value of the type: a string unchanged, a
// number, true or false, a duration with units, a list or an object as JSON. A list may also be a
// sequence of words with commas between them.
func (t Type) FromText(text string) (any, error) {
	switch t.Kind {
	case String:
		return t.Canonical(text)
	case Integer:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return nil, Misfit{Message: fmt.Sprintf("%s is not an integer", Show(text))}
		}
		return t.Canonical(int(n))
	case Number:
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if errors.Is(err, strconv.ErrRange) {
			return nil, Misfit{Message: fmt.Sprintf("%s is a number that is too large", Show(text))}
		}
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, Misfit{Message: fmt.Sprintf("%s is not a number", Show(text))}
		}
		return t.Canonical(f)
	case Boolean:
		switch strings.TrimSpace(text) {
		case "true":
			return t.Canonical(true)
		case "false":
			return t.Canonical(false)
		}
		return nil, Misfit{Message: fmt.Sprintf("%s is not a boolean; write true or false", Show(text))}
	case Duration:
		return t.Canonical(strings.TrimSpace(text))
	case List:
		if !strings.HasPrefix(strings.TrimSpace(text), "[") {
			return t.fromWords(text)
		}
	}
	if err := t.checkJSON(text); err != nil {
		return nil, err
	}
	return t.Decode([]byte(text))
}

func (t Type) fromWords(text string) (any, error) {
	item := Of(String)
	if t.Items != nil && t.Items.Kind != Any {
		item = *t.Items
	}
	list := []any{}
	if strings.TrimSpace(text) == "" {
		return t.Canonical(list)
	}
	for word := range strings.SplitSeq(text, ",") {
		v, err := item.FromText(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return t.Canonical(list)
}
