package cmd

import "encoding/json"

// writeJSON writes a value as one line of JSON on standard output.
func (t *terminal) writeJSON(v any) error {
	e := json.NewEncoder(t.jsonOutput())
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
