package plan

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// members writes an object's members in their order, one to a line.
func (t *text) members(indent int, object json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return // there is none
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return // Fill made it, so that does not happen
		}
		t.value(indent, name.(string), value)
	}
}

// value writes one value, a text of several lines and what an object holds below its name.
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
