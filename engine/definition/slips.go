package definition

import (
	"errors"
	"io"

	"errand/engine/diag"
)

// The limits of the search for further slips: each needs several runs of the parser.
const (
	maxSlips     = 10
	maxSlipBytes = 32 << 10
)

// reportSyntax reports an error of the YAML parser. If its fix is certain, reportSyntax goes on with
// the fixed text, so that all such slips of a file are reported at once.
func (r *reader) reportSyntax(err error) {
	var edits []slipEdit
	fixed := r
	for n := 1; ; n++ {
		p := fixed.syntaxProblem(err)
		next := p.Fix
		p.Range = r.original(fixed, p.Range, edits)
		if next != nil {
			p.Fix = &diag.Fix{Title: next.Title, Range: r.original(fixed, next.Range, edits), Text: next.Text}
		}
		r.problems = append(r.problems, p)
		if next == nil || n == maxSlips || len(r.text) > maxSlipBytes {
			return
		}
		from, to := fixed.offset(next.Range.Start), fixed.offset(next.Range.End)
		edits = append(edits, slipEdit{from, to, len(next.Text)})
		fixed = newReader(r.file, []byte(fixed.text[:from]+next.Text+fixed.text[to:]))
		if _, err = decodeFirst(fixed.text); err == nil || errors.Is(err, io.EOF) || errors.Is(err, errSecond) {
			return
		}
	}
}

// A slipEdit is the edit of a fix, in the text before it.
type slipEdit struct{ from, to, length int }

// original returns the range in the text of the file for a range in the fixed text.
func (r *reader) original(fixed *reader, at diag.Range, edits []slipEdit) diag.Range {
	from, to := fixed.offset(at.Start), fixed.offset(at.End)
	for i := len(edits) - 1; i >= 0; i-- {
		from, to = edits[i].before(from), edits[i].before(to)
	}
	return r.span(from, to)
}

// before returns the offset that an offset had before the edit.
func (e slipEdit) before(offset int) int {
	switch {
	case offset <= e.from:
		return offset
	case offset >= e.from+e.length:
		return offset - e.length + e.to - e.from
	}
	return min(offset, e.to)
}
