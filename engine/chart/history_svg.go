package chart

import (
	"errand/engine/picture"

	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	mostRows  = 100              // in a picture
	pitch     = 20               // from one cell to the next
	nameRoom  = 154              // for the longest name
	topRoom   = 56               // for months, days and weekdays
	leastRoom = 2 * legendColumn // for the legend, if there are few days
	border    = 8
)

// SVG returns the history as a picture in its natural size, which may be wider than its place: the
// page scrolls it. A row is a workflow, a column is a day, and a cell has the sign of the day's worst
// outcome. The picture has at most 100 workflows, those that need attention most, and says how many
// it leaves out.
//
// With links the picture is a group. Without links it is an image, and readers of screens get its
// description only.
func (h *History) SVG() []byte {
	rows, left := h.rows()
	x := border
	for _, row := range rows {
		x = max(x, border+width(fit(clean(row.Workflow), nameRoom))+border)
	}
	months, right := h.months(x)
	right = max(right, x+h.days*pitch, leastRoom+border)

	var body drawing
	if len(rows) > 0 {
		body.months(months)
		body.days(h, x)
	}
	y := topRoom
	if len(rows) == 0 {
		y = border
		body.note("No runs", y)
		y += pitch
	}
	for _, row := range rows {
		h.row(&body, row, x, y)
		y += pitch
	}
	if left != "" {
		body.note(left, y)
		right = max(right, border+width(left))
		y += pitch
	}
	if len(rows) > 0 {
		var shown Tally
		for _, row := range rows {
			for _, day := range row.Days {
				shown.add(day.Worst, min(day.Runs, 1))
			}
		}
		y = body.legend(shown, y+border)
	}

	role := "img"
	if h.Href != nil {
		role = "group"
	}
	var d drawing
	d.open("errand-history", role, right+border, y+border/2, h.title(), h.describe(left))
	d.b.Write(body.b.Bytes())
	return d.close()
}

// rows returns the rows of the picture, and what to say about the others.
func (h *History) rows() (rows []HistoryRow, left string) {
	if len(h.Workflows) <= mostRows {
		return h.Workflows, ""
	}
	rows = slices.Clone(h.Workflows)
	slices.SortStableFunc(rows, func(a, b HistoryRow) int {
		return cmp.Or(cmp.Compare(b.Worst, a.Worst), cmp.Compare(b.Runs, a.Runs))
	})
	var rest Tally
	for _, row := range rows[mostRows:] {
		rest.merge(row.Tally)
	}
	left = fmt.Sprintf("not drawn: %s with %s", count(len(rows)-mostRows, "more workflow"), rest.Words())
	rows = rows[:mostRows]
	slices.SortFunc(rows, func(a, b HistoryRow) int { return cmp.Compare(a.Workflow, b.Workflow) })
	return rows, left
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (h *History) title() string {
	last := h.first + date(h.days-1)
	if last == h.first {
		return fmt.Sprintf("Runs on %s", h.first)
	}
	return fmt.Sprintf("Runs from %s to %s", h.first, last)
}

func (h *History) describe(left string) string {
	if len(h.Workflows) == 0 {
		return NoRuns.Word()
	}
	said := fmt.Sprintf("%s of %s. A row is a workflow, a column is a day, and a cell shows the worst outcome.", h.Total.Words(), count(len(h.Workflows), "workflow"))
	if left != "" {
		said += " " + strings.ToUpper(left[:1]) + left[1:] + "."
	}
	return said
}

// A month is the label of a month.
type month struct {
	x     int
	begin bool // the column is the month's first day
	text  string
}

// months returns the labels of the months, and where the last one ends. The first that has a label
// says the year, and each January does. A month with few days has no label if the next one follows.
func (h *History) months(x int) (labels []month, right int) {
	said := false
	for i := 0; i < h.days; {
		day := (h.first + date(i)).utc()
		rest := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		next := i + int(dateOf(rest)-dateOf(day))
		m := month{x + i*pitch, day.Day() == 1, day.Format("Jan")}
		if !said || day.Month() == time.January {
			m.text = day.Format("Jan 2006")
		}
		if next < h.days && width(m.text)+border > (next-i)*pitch {
			m.text = ""
		} else {
			said = true
			right = m.x + 2 + width(m.text)
		}
		labels = append(labels, m)
		i = next
	}
	return labels, right
}

func (d *drawing) months(labels []month) {
	d.line(`<g class="head" aria-hidden="true">`)
	for _, m := range labels {
		if m.begin {
			d.line(`<path class="month" d="M%d.5 %dV%d"/>`, m.x-(pitch-cell)/2-1, border, topRoom-4)
		}
		if m.text != "" {
			d.line(`<text x="%d" y="18">%s</text>`, m.x+2, m.text)
		}
	}
	d.line(`</g>`)
}

// days draws the number of the first day and of each Monday, and a letter for each weekday.
func (d *drawing) days(h *History, x int) {
	d.line(`<g class="head mid" aria-hidden="true">`)
	var at, letters strings.Builder
	for i := range h.days {
		day, middle := (h.first + date(i)).utc(), x+i*pitch+cell/2
		if i == 0 || day.Weekday() == time.Monday {
			d.line(`<text x="%d" y="34">%d</text>`, middle, day.Day())
		}
		fmt.Fprintf(&at, " %d", middle)
		letters.WriteString(day.Format("Mon")[:1])
	}
	d.line(`<text x="%s" y="49">%s</text>`, at.String()[1:], letters.String())
	d.line(`</g>`)
}

// note draws a text below the rows.
func (d *drawing) note(text string, y int) {
	d.line(`<text class="note" x="%d" y="%d">%s</text>`, border, y+13, picture.Escape(text))
}

func (h *History) row(d *drawing, row HistoryRow, x, y int) {
	full := clean(row.Workflow)
	name := fit(full, nameRoom)
	d.line(`<g>`)
	d.line(`<text class="name" x="%d" y="%d"><title>%s</title>%s</text>`, border, y+12, picture.Escape(full+": "+row.Words()), picture.Escape(name))
	for i, day := range row.Days {
		at := x + i*pitch
		if day.Runs == 0 {
			d.line(`<rect class="none" x="%d.5" y="%d.5" width="%d" height="%d" rx="3"><title>%s</title></rect>`, at, y, cell-1, cell-1, day.Words())
			continue
		}
		href := h.link(row.Workflow, day.Start)
		if href != "" {
			d.line(`<a href="%s">`, href)
		}
		d.line(`<g class="%s"><title>%s</title>`, day.Worst.Class(), picture.Escape(fmt.Sprintf("%s (%s)", day.Words(), full)))
		d.square(day.Worst, at, y)
		d.line(`</g>`)
		if href != "" {
			d.line(`</a>`)
		}
	}
	d.line(`</g>`)
}

// link returns the escaped address for a cell, or "".
func (h *History) link(workflow string, day time.Time) string {
	if h.Href == nil {
		return ""
	}
	address, err := url.Parse(h.Href(workflow, day))
	if err != nil || !slices.Contains([]string{"", "http", "https"}, address.Scheme) {
		return ""
	}
	return picture.Escape(address.String())
}
