package golden

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"errand/engine/definition"
	"errand/engine/diag"
)

// A part is a YAML file within a document, as JSON.
type part struct {
	c      *Case
	name   string
	json   []byte // nil if the document has no such part
	places definition.Positions
}

// yaml reads a part of the document as data.
func (c *Case) yaml(name string) (part, error) {
	p := part{c: c, name: name}
	text, ok := c.part(name)
	if !ok {
		return p, nil
	}
	var problems []diag.Problem
	p.json, p.places, problems = definition.PlacedData(name, text)
	if diag.HasErrors(problems) {
		first := problems[0]
		message := first.Message
		if first.Help != "" {
			message += "; " + first.Help
		}
		return p, c.fault(c.first(name)+first.Range.Start.Line-1, "%s: %s", name, message)
	}
	return p, nil
}

// decode reads the part into a value, if the part exists. It refuses a key for which the value has
// no member.
func (p part) decode(into any) error {
	if p.json == nil {
		return nil
	}
	s := strict{Decoder: json.NewDecoder(bytes.NewReader(p.json))}
	if !s.value("", reflect.TypeOf(into)) {
		return p.fault(s.at, "%s", s.wrong)
	}
	err := json.Unmarshal(p.json, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return p.fault(int(wrong.Offset)-1, "%s cannot be a %s", cmp.Or(wrong.Field, "the document"), wrong.Value)
	}
	if err != nil {
		return p.fault(0, "%v", err)
	}
	return nil
}

// items returns the offsets of the items of a part that is a list.
func (p part) items() []int {
	var offsets []int
	d := json.NewDecoder(bytes.NewReader(p.json))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		var item json.RawMessage
		if d.Decode(&item) != nil {
			return offsets
		}
		offsets = append(offsets, int(d.InputOffset())-len(item))
	}
	return offsets
}

// at returns the offset of the value at a path of keys and of numbers of items, or that of the last
// key of the path that exists. The offset of the value of a key is within the key.
func (p part) at(path ...string) int { return offsetIn(p.json, path) }

func offsetIn(data []byte, path []string) int {
	d := json.NewDecoder(bytes.NewReader(data))
	begin, err := d.Token()
	if len(path) == 0 || err != nil {
		return 0
	}
	for i := 0; d.More(); i++ {
		name, at := strconv.Itoa(i), -1
		if begin == json.Delim('{') {
			key, _ := d.Token()
			name, _ = key.(string)
			at = int(d.InputOffset()) - 1
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return 0
		}
		from := int(d.InputOffset()) - len(value)
		if at < 0 {
			at = from
		}
		if name != path[0] {
			continue
		}
		if inner := offsetIn(value, path[1:]); inner > 0 {
			return from + inner
		}
		return at
	}
	return 0
}

// line maps an offset in the JSON to a line of the document.
func (p part) line(offset int) int { return p.c.first(p.name) + p.places.At(offset).Line - 1 }

func (p part) fault(offset int, format string, args ...any) error {
	return p.c.fault(p.line(offset), "%s: %s", p.name, fmt.Sprintf(format, args...))
}
