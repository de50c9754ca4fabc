package worklog

import "github.com/mattn/go-runewidth"

// columns measures text as a fixed-width font shows it. The result does not depend on the machine's
// locale.
var columns = &runewidth.Condition{StrictEmojiNeutral: true}

// width returns how many columns a line takes in a fixed-width font.
func width(line string) int { return columns.StringWidth(line) }
