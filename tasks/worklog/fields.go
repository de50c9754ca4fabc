package worklog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"errand/engine/schema"
)

// Fields are labelled values, in the order of the members of the JSON object.
type Fields []Entry

// An Entry is one label with its value, which is any JSON.
type Entry struct {
	Label string
	Value json.RawMessage
}

// Shape returns the type of an object with any members.
func (Fields) Shape() schema.Type { return schema.Type{Kind: schema.Object, Open: true} }

// UnmarshalJSON reads an object. Null means no fields.
func (f *Fields) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	start, err := d.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('{') {
		return fmt.Errorf("fields: %s is not an object; write labels and their values", schema.Show(string(data)))
	}
	for d.More() {
		label, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		*f = append(*f, Entry{Label: label.(string), Value: value}) // the first token of a member is its name
	}
	return nil
}

// text returns the value as it is shown to people.
func (e Entry) text() string {
	var items []json.RawMessage
	if bytes.HasPrefix(e.Value, []byte("[")) && json.Unmarshal(e.Value, &items) == nil {
		words := make([]string, len(items))
		for i, item := range items {
			words[i] = scalar(item)
		}
		return strings.Join(words, ", ")
	}
	return scalar(e.Value)
}

func scalar(value json.RawMessage) string {
	var s string
	switch {
	case string(value) == "null":
		return "-"
	case bytes.HasPrefix(value, []byte(`"`)) && json.Unmarshal(value, &s) == nil:
		return s
	}
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return string(value)
	}
	return b.String()
}
