package chart

import (
	"fmt"
	"strings"
)

// A paint is the colours of an outcome's cell. A sign is seen on its fill. A cell is seen on the page
// by its edge, so a fill may be pale: what went well is pale, and what went wrong is not.
type paint struct{ fill, edge, sign string }

// A palette is the colours of both pictures. The contrast of a text with the page is at least 4.5 to
// 1; that of an edge, a line or a mark with the page, and that of a sign with its fill, at least 3
// to 1. The days without runs and the line at the bottom of a spark are faint: they say nothing.
type palette struct {
	page, ink, soft, faint string
	cells                  [len(looks)]paint
	line, last, failed     string // of a spark
}

var light = palette{
	page: "#ffffff", ink: "#1c2430", soft: "#566173", faint: "#e3e8ee",
	cells: [...]paint{
		NoRuns:           {"#f5f7fa", "#e3e8ee", "#f5f7fa"},
		Succeeded:        {"#e9f5ee", "#4c9a70", "#2a7a50"},
		Open:             {"#eaf1fb", "#5a83c0", "#2f5f9e"},
		WaitingForPerson: {"#fff6df", "#b7791f", "#8a5a10"},
		Cancelled:        {"#eceff3", "#75808f", "#566173"},
		WaitingForRepair: {"#b7560b", "#b7560b", "#ffffff"},
		Failed:           {"#bd2c44", "#bd2c44", "#ffffff"},
		Uncertain:        {"#6f48c2", "#6f48c2", "#ffffff"},
	},
	line: "#6c7f99", last: "#1f5fae", failed: "#bd2c44",
}

var dark = palette{
	page: "#11161d", ink: "#e8ecf2", soft: "#a3aebd", faint: "#29323e",
	cells: [...]paint{
		NoRuns:           {"#161c25", "#29323e", "#161c25"},
		Succeeded:        {"#15291f", "#3f8a63", "#6cc497"},
		Open:             {"#1c2a3f", "#5f86bd", "#8fb4ea"},
		WaitingForPerson: {"#2e2612", "#d69e2e", "#e9b64f"},
		Cancelled:        {"#232b36", "#7f8b9b", "#a3aebd"},
		WaitingForRepair: {"#f09a4a", "#f09a4a", "#11161d"},
		Failed:           {"#ff8494", "#ff8494", "#11161d"},
		Uncertain:        {"#b9a0ff", "#b9a0ff", "#11161d"},
	},
	line: "#7f8b9b", last: "#8fb4ea", failed: "#ff8494",
}

// system are the colours that a person has set for all pages. The signs alone tell outcomes apart.
var system = palette{
	page: "Canvas", ink: "CanvasText", soft: "CanvasText", faint: "GrayText",
	cells: func() (cells [len(looks)]paint) {
		for o := range cells {
			cells[o] = paint{"Canvas", "CanvasText", "CanvasText"}
		}
		cells[NoRuns].edge = "GrayText"
		for o := WaitingForRepair; o <= Uncertain; o++ {
			cells[o] = paint{"CanvasText", "CanvasText", "Canvas"}
		}
		return cells
	}(),
	line: "GrayText", last: "CanvasText", failed: "CanvasText",
}

// StyleSheet returns the rules for both pictures, for a file of its own or a part of one. The
// pictures are light or dark as the viewer prefers, and light on paper.
func StyleSheet() string {
	var b strings.Builder
	rule := func(indent, selectors, declarations string) {
		fmt.Fprintf(&b, "%s%s{%s}\n", indent, selectors, declarations)
	}
	rule("", ".errand-history text", `font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;font-size:12px`)
	rule("", ".errand-history .name", `font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:11px`)
	rule("", ".errand-history .head text", "font-size:11px")
	rule("", ".errand-history .mid text", "text-anchor:middle")
	rule("", ".errand-history path", "fill:none;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round")
	rule("", ".errand-history .open path", "stroke-width:2.5")
	rule("", ".errand-history .month", "stroke-width:1")
	rule("", ".errand-history a:focus-visible rect, .errand-history a:hover rect", "stroke-width:2.5")
	rule("", ".errand-durations", "vertical-align:middle")
	rule("", ".errand-durations path", "fill:none;stroke-linecap:round;stroke-linejoin:round")
	rule("", ".errand-durations .line", "stroke-width:1.25")
	rule("", ".errand-durations path.failed", "stroke-width:1.5")
	light.rules(func(selectors, declarations string) { rule("", selectors, declarations) })
	b.WriteString("@media screen and (prefers-color-scheme:dark){\n")
	dark.rules(func(selectors, declarations string) { rule("  ", selectors, declarations) })
	b.WriteString("}\n@media (forced-colors:active){\n")
	rule("  ", ".errand-history, .errand-durations", "forced-color-adjust:none")
	system.rules(func(selectors, declarations string) { rule("  ", selectors, declarations) })
	b.WriteString("}\n@media print{\n")
	rule("  ", ".errand-history, .errand-durations", "print-color-adjust:exact;break-inside:avoid")
	b.WriteString("}\n")
	return b.String()
}

func (p palette) rules(rule func(selectors, declarations string)) {
	rule(".errand-history, .errand-durations", "background:"+p.page)
	rule(".errand-history text", "fill:"+p.ink)
	rule(".errand-history .head text, .errand-history .note", "fill:"+p.soft)
	rule(".errand-history .month", "stroke:"+p.soft)
	for o, c := range p.cells {
		class := ".errand-history ." + Outcome(o).Class()
		if Outcome(o) == NoRuns {
			rule(class, "fill:"+c.fill+";stroke:"+c.edge)
			continue
		}
		rule(class+" rect", "fill:"+c.fill+";stroke:"+c.edge)
		rule(class+" path", "stroke:"+c.sign)
	}
	rule(".errand-history a:focus-visible rect, .errand-history a:hover rect", "stroke:"+p.ink)
	rule(".errand-durations .zero", "stroke:"+p.faint)
	rule(".errand-durations .line", "stroke:"+p.line)
	rule(".errand-durations .last", "fill:"+p.last)
	rule(".errand-durations circle.failed", "fill:"+p.failed)
	rule(".errand-durations path.failed", "stroke:"+p.failed)
	rule(".errand-durations .on", "stroke:"+p.page)
}
