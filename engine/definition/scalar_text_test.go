package definition

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// For any text, the YAML that Scalar writes is read back as the same text.
func TestScalarsAreReadAsTheyWereWritten(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, text string) {
		document := "key: " + Scalar(text) + "\n" + Scalar("k"+text) + ": 1\nlist:\n  - " + Scalar(text) + "\n"
		data, problems := Data("a.yaml", []byte(document))
		var read map[string]any
		if len(problems) > 0 || json.Unmarshal(data, &read) != nil {
			t.Errorf("Scalar(%q) cannot be read: %v\n%s", text, problems, document)
			return
		}
		if list := read["list"].([]any); read["key"] != text || list[0] != text || text != "ey" && read["k"+text] == nil {
			t.Errorf("Scalar(%q) is read as %q\n%s", text, read["key"], document)
		}
	}
	for _, text := range []string{
		"", " ", "a", "true", "null", "~", "no", "1", "0x1f", "1.5", "1e3", "012", "2026-01-05", "12:30:00", "19ms", "100-291", "on_failure[0]", "a: b", "a #b",
		"- a", "? a", "!a", "&a", "*a", "'a'", `"a"`, `\`, "a\nb", "a\r\nb", "a\tb", "\x1b[0m", "\u0085", "\u2028", "\ufeff", "é", "日本", "🚂", "---", "...", "${{ a }}", "<<", "=",
	} {
		check(t, text)
	}
	rapid.Check(t, func(r *rapid.T) { check(r, rapid.String().Draw(r, "text")) })
}
