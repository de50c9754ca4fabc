package graph

// A badge shows the state of a step at the edge of its box: an icon and words. It needs no room in
// the layout, so a picture keeps its places while the states change.
type badge struct {
	kind       StateKind
	x, y, w, h int
	text       text
}

const (
	badgeHeight = 18 // half of it is inside the box; no text is that near to the edge
	badgeInset  = 10 // from the side of the box
	badgePad    = 7
	iconWidth   = 16     // with the space after it
	badgeReach  = 75 * 2 // of the badge of a narrow box, which is in the middle
)

// badgeFont is the font of the words in a badge.
var badgeFont = font{"b", 11, 15, bold}

// badge returns the badge for a state: at the upper edge of a frame, because other boxes are near to
// its lower edge, and at the lower edge of any other box.
func (b box) badge(s State) badge {
	inset := badgeInset + b.slant/2
	room := max(b.w-2*inset, badgeReach)
	words, _ := wrap(s.word(), room-2*badgePad-iconWidth, 1, badgeFont.width)
	t := text{font: badgeFont, w: badgeFont.width(words[0]), s: words[0]}
	made := badge{kind: s.Kind, w: t.w + 2*badgePad + iconWidth, h: badgeHeight, y: b.y + b.h - badgeHeight/2}
	if b.frame {
		made.y = b.y - badgeHeight/2
	}
	made.x = b.x + b.w - inset - made.w
	if b.w < nodeWidth {
		made.x = b.x + (b.w-made.w)/2
	}
	t.x, t.y = made.x+badgePad+iconWidth, made.y+(badgeHeight-t.font.line)/2
	made.text = t
	return made
}
