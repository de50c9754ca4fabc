package cmdtest

import "regexp"

// What tests read of the pages of the manual, which are in Markdown.
var (
	// Example matches an example: its language and its text.
	Example = regexp.MustCompile("(?ms)^```([a-z]*)(?: [a-z.-]+)?\n(.*?)^```$")

	// JSONFile and NamedFile match the beginning of an example that names the file which it is: of one in
	// JSON with the line before it, and of the text of any other.
	JSONFile  = regexp.MustCompile("^```json (\\S+)\n")
	NamedFile = regexp.MustCompile(`^# file: (\S+)\n`)
)
