package definition

import "errand/engine/diag"

// Positions map offsets in the JSON of PlacedData to positions in its source.
type Positions []origin

// An origin is the start of a key or of a list item: its offset in the JSON and its position in the
// source.
type origin struct {
	offset int
	at     diag.Position
}

// At returns the source position of the key or item at an offset in the JSON. If nothing starts at
// the offset, it returns the position of the last key or item before it.
func (p Positions) At(offset int) diag.Position {
	at := diag.Position{Line: 1, Column: 1}
	for _, o := range p {
		if o.offset > offset {
			break
		}
		at = o.at
	}
	return at
}
