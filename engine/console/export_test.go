package console

import (
	"io/fs"
	"net/http"
	"time"

	"errand/engine/access"
)

// A Row is a row of the table of pages, for tests.
type Row struct {
	Method, Pattern string
	page            page
}

// Rows returns the table of pages.
func Rows() []Row {
	var rows []Row
	for _, p := range pages {
		rows = append(rows, Row{p.method, p.pattern, p})
	}
	return rows
}

// IsOpen reports whether the page is for everybody.
func (r Row) IsOpen() bool { return r.page.may.Kind == access.ByAnyone }

// Allows reports whether the holder of a token may see the page.
func (r Row) Allows(t access.Token) bool { return r.page.may.Allows(t) }

// AddForNobody adds a page whose permission is the zero one. It reports through shown that somebody sees
// it.
func (c *Console) AddForNobody(pattern string, shown func()) {
	p := &page{method: http.MethodGet, pattern: pattern, show: func(*Console, *visit) error {
		shown()
		return nil
	}}
	c.pages[p.method+" "+p.pattern] = p
	c.mux.Handle(p.method+" "+p.pattern, c.handler(p))
}

// SetNow gives the console another clock. It must not serve yet.
func (c *Console) SetNow(now func() time.Time) { c.now = now }

// Now returns the time of the console's clock.
func (c *Console) Now() time.Time { return c.now() }

// Files are the templates and the static files.
func Files() fs.FS { return files }

// NextOf returns where a person goes after signing in.
func NextOf(given string) string { return nextOf(given) }

// Longest is how many bytes of a text from outside a page shows.
const Longest = longest
