package definition

import "errand/engine/diag"

// Places tell where the parts of JSON that Data made were written.
type Places []origin

// An origin is where a key, or an item of a list, begins: in the JSON, and in the document.
type origin struct {
	offset int
	at     diag.Position
}

// At is where that was written which stands in the JSON at an offset: its key, its item, or what holds both.
func (p Places) At(offset int) diag.Position {
	at := diag.Position{Line: 1, Column: 1}
	for _, o := range p {
		if o.offset > offset {
			break
		}
		at = o.at
	}
	return at
}
