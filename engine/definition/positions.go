package definition

import "errand/engine/diag"

// Positions map the JSON that Data makes to its source.
type Positions []origin

// An origin is where a key, or an item of a list, begins: in the JSON, and in the document.
type origin struct {
	offset int
	at     diag.Position
}

// At returns the position in the source of the key or item at an offset in the JSON, or of what
// holds it.
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
