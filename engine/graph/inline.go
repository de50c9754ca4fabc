package graph

import "errand/engine/picture"

// Inline returns the graph as an SVG element inside an HTML page, with the states of a run. Its
// style is in StyleSheet: it has neither a style of its own nor ids, so a page may forbid inline
// styles. The keys of states are those of the steps in the definition, such as fleet[].restart for a
// step inside a loop. Without states it is the plain picture. The places of the boxes do not depend
// on the states.
func (g *Graph) Inline(states map[string]State) []byte {
	s := &svg{states: states}
	s.draw(g, "")
	return s.b.Bytes()
}

// stateOf returns the state of the step of a box. ok reports whether there is one.
func (s *svg) stateOf(b box) (state State, ok bool) {
	if b.part == nil || b.part.Key == "" {
		return State{}, false
	}
	state, ok = s.states[string(b.part.Key)]
	return state, ok
}

// step draws a box that is no frame, with its state.
func (s *svg) step(b box) {
	state, _ := s.stateOf(b)
	s.linked(b, state, func() {
		s.box(b)
		s.badge(b, state)
	})
}

// frameState draws the state of a frame. Boxes inside a frame may have their own links, so only its
// head is one.
func (s *svg) frameState(b box) {
	state, ok := s.stateOf(b)
	if !ok {
		return
	}
	s.linked(b, state, func() {
		if state.link() != "" {
			s.line(`<rect class="hit" x="%d" y="%d" width="%d" height="%d" rx="8"/>`, b.x, b.y, b.w, b.head)
		}
		s.badge(b, state)
	})
}

// linked draws inside a link, if the state has one.
func (s *svg) linked(b box, state State, draw func()) {
	link := state.link()
	if link != "" {
		s.line(`<a href="%s" aria-label="%s">`, picture.Escape(link), picture.Escape(b.part.label()+", "+state.describe()))
	}
	draw()
	if link != "" {
		s.line("</a>")
	}
}

func (s *svg) badge(b box, state State) {
	if state.Kind.icon(0, 0) == "" {
		return
	}
	made := b.badge(state)
	s.line(`<g class="badge %s">`, made.kind)
	s.line(`<title>%s</title>`, picture.Escape(state.describe()))
	s.line(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, made.x, made.y, made.w, made.h, made.h/2)
	s.line(`<path class="icon" d="%s"/>`, made.kind.icon(made.x+badgePad, made.y+(made.h-12)/2))
	s.text(made.text)
	s.line("</g>")
}

// outline returns the attribute for the shape of a box that shows a state.
func (s *svg) outline(b box) string {
	switch state, ok := s.stateOf(b); {
	case !ok:
		return ""
	case state.Kind.icon(0, 0) == "":
		return ` class="outline"`
	default:
		return ` class="outline ` + string(state.Kind) + `"`
	}
}

// hasLinks reports whether a step in the picture is a link.
func (s *svg) hasLinks(p page) bool {
	for _, b := range p.boxes {
		if state, _ := s.stateOf(b); state.link() != "" {
			return true
		}
	}
	return false
}
