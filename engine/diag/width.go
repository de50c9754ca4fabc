package diag

import "github.com/mattn/go-runewidth"

// terminal counts cells the same way in every locale.
var terminal = &runewidth.Condition{StrictEmojiNeutral: true}

// Width returns the number of terminal cells that a text of one line takes.
func Width(s string) int { return terminal.StringWidth(s) }
