package graph

import (
	"fmt"
	"strings"
)

// A palette is the colours of the picture. The contrast of a text with its background is at least
// 4.5 to 1, that of a line at least 3 to 1.
type palette struct {
	page, ink, soft, line       string
	fill, edge                  string // of a step
	terminal                    string // behind start, end and the words on wires
	ask, askEdge                string
	decide, decideEdge          string
	call                        string // the border of a call
	frame, frameEdge, frameHead string
	fails, undo                 string
	failsFill, undoFill         string
}

var light = palette{
	page: "#ffffff", ink: "#1c2430", soft: "#566173", line: "#75808f",
	fill: "#ffffff", edge: "#a3adba",
	terminal: "#e6eaf0",
	ask:      "#fff6df", askEdge: "#b7791f",
	decide: "#eaf1fb", decideEdge: "#6c8ebf",
	call:  "#4f6f9f",
	frame: "#f5f7fa", frameEdge: "#c2cad5", frameHead: "#e9edf3",
	fails: "#bd2c44", undo: "#6f48c2",
	failsFill: "#fdf3f4", undoFill: "#f6f3fc",
}

var dark = palette{
	page: "#11161d", ink: "#e8ecf2", soft: "#a3aebd", line: "#7f8b9b",
	fill: "#1b222c", edge: "#4b5768",
	terminal: "#2b3441",
	ask:      "#2e2612", askEdge: "#d69e2e",
	decide: "#1c2a3f", decideEdge: "#5f86bd",
	call:  "#7d9ccb",
	frame: "#161c25", frameEdge: "#3a4453", frameHead: "#212a36",
	fails: "#ff8494", undo: "#b9a0ff",
	failsFill: "#22171b", undoFill: "#1c1826",
}

// styleSheet returns all rules, each inside the class of the picture. Variables would be shorter,
// but some programs that convert pictures do not support them. Those programs ignore the query for
// a dark page, too, and draw the light picture.
func styleSheet() string {
	var b strings.Builder
	rule := ruleWriter(&b)
	rule("", "text", `font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;font-size:11px`)
	rule("", ".h", "font-size:18px;font-weight:650")
	rule("", ".t", "font-size:13px;font-weight:600")
	rule("", ".c", `font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace`)
	rule("", ".mid", "text-anchor:middle")
	rule("", ".wire", "fill:none;stroke-width:1.5")
	rule("", ".wire.around", "stroke-dasharray:5 4")
	rule("", ".wire.when-fails", "stroke-dasharray:5 4")
	rule("", ".wire.when-undone", "stroke-dasharray:2 3")
	rule("", ".mark", "fill:none;stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round")
	rule("", ".approval path, .call rect, .condition path, .decision path", "stroke-linejoin:round")
	rule("", ".frame.fails rect", "stroke-dasharray:5 4")
	rule("", ".frame.undo rect", "stroke-dasharray:2 3")
	rule("", ".frame.plain rect", "stroke-dasharray:1 3;stroke-linecap:round")
	colours(light, func(selectors, declarations string) { rule("", selectors, declarations) })
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	colours(dark, func(selectors, declarations string) { rule("  ", selectors, declarations) })
	b.WriteString("}\n")
	return b.String()
}

// ruleWriter returns a function that writes a rule, with each of its selectors inside the class of the
// picture.
func ruleWriter(b *strings.Builder) func(indent, selectors, declarations string) {
	return func(indent, selectors, declarations string) {
		var each []string
		for s := range strings.SplitSeq(selectors, ",") {
			each = append(each, ".errand-graph "+strings.TrimSpace(s))
		}
		fmt.Fprintf(b, "%s%s{%s}\n", indent, strings.Join(each, ","), declarations)
	}
}

func colours(p palette, rule func(selectors, declarations string)) {
	rule(".page", "fill:"+p.page)
	rule("text", "fill:"+p.ink)
	rule(".c, .n", "fill:"+p.soft)
	rule(".mark", "stroke:"+p.soft+";fill:none")
	rule(".wire", "stroke:"+p.line)
	rule(".head, .joint", "fill:"+p.line)
	rule(".wire.when-fails", "stroke:"+p.fails)
	rule(".head.when-fails, .joint.when-fails, .fails > .t, .fails > .n, .word.when-fails .n", "fill:"+p.fails)
	rule(".wire.when-undone", "stroke:"+p.undo)
	rule(".head.when-undone, .undo > .n", "fill:"+p.undo)
	rule(".task rect", "fill:"+p.fill+";stroke:"+p.edge)
	rule(".call rect", "fill:"+p.fill+";stroke:"+p.call)
	rule(".approval path", "fill:"+p.ask+";stroke:"+p.askEdge)
	rule(".approval path.mark", "fill:none;stroke:"+p.askEdge)
	rule(".condition path, .decision path", "fill:"+p.decide+";stroke:"+p.decideEdge)
	rule(".start rect, .end rect, .word rect", "fill:"+p.terminal)
	rule(".word.when-fails rect", "fill:"+p.failsFill+";stroke:"+p.fails)
	rule(".bar rect", "fill:"+p.soft)
	rule(".frame rect", "fill:"+p.frame+";stroke:"+p.frameEdge)
	rule(".frame .head", "fill:"+p.frameHead)
	rule(".frame.plain rect", "fill:none;stroke:"+p.line)
	rule(".frame.fails rect", "fill:"+p.failsFill+";stroke:"+p.fails)
	rule(".frame.undo rect", "fill:"+p.undoFill+";stroke:"+p.undo)
}
