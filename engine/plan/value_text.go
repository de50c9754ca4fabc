package plan

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// members writes the members of an object in their order, one to a line.
func (t *text) members(indent int, object json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return // there is no object
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return // cannot happen: Fill made the JSON
		}
		t.value(indent, name.(string), value)
	}
}

// value writes one value. A text of several lines and the members of an object follow below the
// name.
func (t *text) value(indent int, name string, value json.RawMessage) {
	var words string
	switch {
	case bytes.HasPrefix(value, []byte("{")) && len(value) > 2:
		t.line(indent, name+":")
		t.members(indent+2, value)
	case json.Unmarshal(value, &words) != nil || string(value) == "null":
		t.line(indent, name+": "+string(value))
	case strings.Contains(words, "\n"):
		t.line(indent, name+":")
		for line := range strings.Lines(words) {
			t.line(indent+2, "| "+strings.TrimSuffix(line, "\n"))
		}
	case words == "" || strings.TrimSpace(words) != words:
		t.line(indent, name+": "+strconv.Quote(words))
	default:
		t.line(indent, name+": "+words)
	}
}
