package diag

import "github.com/mattn/go-runewidth"

// terminal counts cells in the same way whatever the locale.
var terminal = &runewidth.Condition{StrictEmojiNeutral: true}

// Width counts the cells that a terminal needs for a text of one line.
func Width(s string) int { return terminal.StringWidth(s) }
