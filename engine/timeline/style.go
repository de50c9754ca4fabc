package timeline

import (
	"fmt"
	"strings"
)

// A palette is the colours of the picture. The contrast of a text with the page is at least 4.5 to 1,
// that of a bar, a sign or the line of a mark at least 3 to 1. Only the lines between rows and below
// labels of times are weaker.
type palette struct {
	page, ink, soft, grid string
	attempt, poll, wait   string
	ask, fails            string
	done, begin           string
}

var light = palette{
	page: "#ffffff", ink: "#1c2430", soft: "#566173", grid: "#dfe4ea",
	attempt: "#2f6fb5", poll: "#28777a", wait: "#6b7686",
	ask: "#a4660f", fails: "#bd2c44",
	done: "#2b7a4b", begin: "#6f48c2",
}

var dark = palette{
	page: "#11161d", ink: "#e8ecf2", soft: "#a3aebd", grid: "#2a3340",
	attempt: "#6ea8e6", poll: "#5fb8b3", wait: "#93a0b1",
	ask: "#dba23a", fails: "#ff8494",
	done: "#6cc48d", begin: "#b9a0ff",
}

// StyleSheet returns the rules for all pictures of this package, each inside the class
// errand-timeline. The picture is light or dark as the viewer prefers, and light in print.
func StyleSheet() string {
	var b strings.Builder
	rule := func(indent, selectors, declarations string) {
		var each []string
		for s := range strings.SplitSeq(selectors, ",") {
			each = append(each, strings.TrimSpace(".errand-timeline "+strings.TrimSpace(s)))
		}
		fmt.Fprintf(&b, "%s%s{%s}\n", indent, strings.Join(each, ","), declarations)
	}
	rule("", "", "display:block;width:100%;height:auto")
	rule("", "text", `font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;font-size:11px;stroke:none`)
	rule("", "path", "stroke-width:1.5;stroke-linecap:butt;stroke-linejoin:round")
	rule("", ".lane, .grid", "stroke-width:1")
	rule("", ".hatch", "stroke-width:1.3")
	rule("", ".box, .span rect.dashed", "stroke-width:1.2")
	rule("", ".dashed", "stroke-dasharray:5 3")
	rule("", ".dotted", "stroke-dasharray:1.5 3")
	rule("", ".sign", "stroke-width:1.8;stroke-linecap:round")
	rule("", ".end .post", "stroke-dasharray:4 3")
	rule("", ".now .post", "stroke-dasharray:1.5 3")
	rule("", ".word, .gap", "font-weight:600")
	rule("", ".gap", "font-style:italic")
	colours(light, func(selectors, declarations string) { rule("", selectors, declarations) })
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	colours(dark, func(selectors, declarations string) { rule("  ", selectors, declarations) })
	b.WriteString("}\n@media print{\n")
	colours(light, func(selectors, declarations string) { rule("  ", selectors, declarations) })
	rule("  ", "", "print-color-adjust:exact;break-inside:avoid")
	b.WriteString("}\n")
	return b.String()
}

func colours(p palette, rule func(selectors, declarations string)) {
	rule(".page", "fill:"+p.page)
	rule("text", "fill:"+p.ink)
	rule(".time, .key, .more, .gap", "fill:"+p.soft)
	rule(".lane, .grid", "stroke:"+p.grid)
	rule(".axis, .sign", "stroke:"+p.soft)
	rule(".tear", "fill:"+p.page)
	rule(".rip", "stroke:"+p.soft)
	span := func(classes, colour string) {
		var lines, bars []string
		for class := range strings.SplitSeq(classes, ", ") {
			lines = append(lines, class+" path", class+" rect")
			bars = append(bars, class+" .solid")
		}
		rule(strings.Join(lines, ", "), "stroke:"+colour)
		rule(strings.Join(bars, ", "), "fill:"+colour+";stroke:none")
	}
	span(".span.attempt", p.attempt)
	span(".span.poll", p.poll)
	span(".span.wait, .span.retry, .span.evidence, .span.group, .span.turn", p.wait)
	span(".span.question, .span.trouble", p.ask)
	span(".span.failed, .span.cut", p.fails)
	span(".span.cancelled", p.wait)
	rule(".span path.flag", "fill:"+p.ask+";stroke:"+p.ask)
	rule(".span .knob", "fill:"+p.fails+";stroke:"+p.page)
	rule(".span path.cross", "stroke:"+p.page)
	rule(".sign.done", "stroke:"+p.done)
	rule(".sign.failed", "stroke:"+p.fails)
	rule(".sign.asks", "stroke:"+p.ask)
	rule(".sign.runs", "stroke:"+p.attempt)
	rule(".begin .post, .now .post", "stroke:"+p.begin)
	rule(".end .post", "stroke:"+p.fails)
	rule(".begin .word, .now .word", "fill:"+p.begin)
	rule(".end .word", "fill:"+p.fails)
}
