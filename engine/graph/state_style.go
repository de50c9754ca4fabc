package graph

import "strings"

// A stateColours is the colours of a kind of state. The contrast of ink and fill is at least 4.5 to 1,
// that of edge with the boxes and the page at least 3 to 1.
type stateColours struct{ fill, ink, edge string }

var lightStates = map[StateKind]stateColours{
	Running:   {"#1d5fb8", "#ffffff", "#1d5fb8"},
	Waiting:   {"#dfeafa", "#173f77", "#1d5fb8"},
	Asks:      {"#8f5600", "#ffffff", "#8f5600"},
	Uncertain: {"#9c1f7f", "#ffffff", "#9c1f7f"},
	Succeeded: {"#1a7f37", "#ffffff", "#1a7f37"},
	Failed:    {"#bd2c44", "#ffffff", "#bd2c44"},
	Skipped:   {"#eceff3", "#4a5566", "#75808f"},
	Cancelled: {"#566173", "#ffffff", "#566173"},
}

var darkStates = map[StateKind]stateColours{
	Running:   {"#7db3ff", "#0c1a2e", "#7db3ff"},
	Waiting:   {"#1d3557", "#cfe2ff", "#7db3ff"},
	Asks:      {"#e9b44c", "#241800", "#e9b44c"},
	Uncertain: {"#f08bd4", "#2b0722", "#f08bd4"},
	Succeeded: {"#57c878", "#06210f", "#57c878"},
	Failed:    {"#ff8494", "#2e060d", "#ff8494"},
	Skipped:   {"#262e3a", "#b4bfcd", "#7f8b9b"},
	Cancelled: {"#a3aebd", "#151b23", "#a3aebd"},
}

// StyleSheet returns the style of pictures by Inline, for the style sheet of a page. It has the rules
// that SVG writes into a file, and those of states and links. All are inside the class errand-graph.
// The picture is light or dark as the viewer prefers.
func StyleSheet() string {
	var b strings.Builder
	b.WriteString(styleSheet())
	rule := ruleWriter(&b)
	rule("", ".b", "font-weight:600")
	rule("", ".icon", "fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round")
	rule("", ".outline.skipped, .badge.skipped rect", "stroke-dasharray:4 3")
	rule("", ".hit", "fill:transparent")
	for _, k := range kinds {
		rule("", ".outline."+string(k), "stroke-width:2")
	}
	rule("", "a:hover .outline, a:hover .hit", "stroke-width:3")
	rule("", "a:focus-visible .outline, a:focus-visible .hit", "stroke-width:4")
	stateRules(lightStates, light, func(selectors, declarations string) { rule("", selectors, declarations) })
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	stateRules(darkStates, dark, func(selectors, declarations string) { rule("  ", selectors, declarations) })
	b.WriteString("}\n")
	return b.String()
}

func stateRules(states map[StateKind]stateColours, p palette, rule func(selectors, declarations string)) {
	for _, k := range kinds {
		c, name := states[k], string(k)
		rule(".outline."+name, "stroke:"+c.edge)
		rule(".badge."+name+" rect", "fill:"+c.fill+";stroke:"+c.edge)
		rule(".badge."+name+" text", "fill:"+c.ink)
		rule(".badge."+name+" .icon", "stroke:"+c.ink)
	}
	rule(".badge.running .icon", "fill:"+states[Running].ink)
	rule("a:hover .hit, a:focus-visible .hit", "stroke:"+p.ink)
}
