package timeline

import (
	"fmt"
	"strings"
)

// fullTime is the layout of a time with its date.
const fullTime = "2006-01-02 15:04:05 UTC"

// describe describes the picture for people who cannot see it. The rows beside the picture say more.
func (t *Timeline) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "From %s to %s", t.Begin.Format(fullTime), t.End.Format(fullTime))
	if t.Open {
		b.WriteString(", which is now")
	}
	fmt.Fprintf(&b, ". %s", count(t.steps(), "step"))
	if t.Status != "" {
		fmt.Fprintf(&b, "; the run: %s", clean(string(t.Status), longestLabel))
	}
	b.WriteString(".")
	for i, m := range t.Marks {
		if i == drawnMarks {
			fmt.Fprintf(&b, " And %d more.", len(t.Marks)-i+t.MoreMarks)
			break
		}
		fmt.Fprintf(&b, " %s: %s.", m.At.Format(fullTime), m.Words)
	}
	return b.String()
}

// steps returns how many steps the run has begun.
func (t *Timeline) steps() int {
	n := len(t.Rows) + t.MoreRows
	if len(t.Rows) > 0 && t.Rows[0].Key == "" {
		n--
	}
	return n
}
