package worklog

import "github.com/mattn/go-runewidth"

// columns counts as fixed-width type sets a text, whatever the locale of the machine.
var columns = &runewidth.Condition{StrictEmojiNeutral: true}

// width counts the columns that a line takes in fixed-width type.
func width(line string) int { return columns.StringWidth(line) }
