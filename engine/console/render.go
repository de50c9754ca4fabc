package console

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"errand/engine/access"
)

//go:embed all:templates static
var files embed.FS

// A renderer writes pages by their templates.
type renderer struct {
	pages map[string]*template.Template // by name
}

// newRenderer parses all templates. Those whose names begin with _ are parts of pages.
func newRenderer(now func() time.Time, w commandWords) *renderer {
	r := &renderer{pages: map[string]*template.Template{}}
	parts := template.Must(template.New("").Funcs(functions(now, w)).ParseFS(files, "templates/_*.html"))
	entries, err := files.ReadDir("templates")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, e := range entries {
		name, _ := strings.CutSuffix(e.Name(), ".html")
		if strings.HasPrefix(name, "_") {
			continue
		}
		t := template.Must(parts.Clone())
		r.pages[name] = template.Must(t.ParseFS(files, path.Join("templates", e.Name())))
	}
	return r
}

// A frame is what every page has around its content. Each page embeds it.
type frame struct {
	Title   string
	Person  string // who is signed in; "" if nobody is
	Links   []link
	Live    string // the query of the event stream that says when the page changes; "" if it does not
	Status  string // what the page says in one line; the live region reads it out when it changes
	Refusal any    // a *service.Problem that stands above the content; nil if there is none
}

// A link leads to a page.
type link struct {
	Href, Text string
	Here       bool // the page is this one
}

// frame returns the frame of a page.
func (c *Console) frame(v *visit, title string) frame {
	f := frame{Title: plain(title)}
	if v.session.ID == "" {
		return f
	}
	f.Person = v.person()
	t := v.client.Token()
	for _, l := range []struct {
		may        access.Permission
		href, text string
	}{
		{signedIn, "/", "Inbox"}, {seesRuns, "/runs", "Runs"}, {seesFlows, "/workflows", "Workflows"}, {seesRuns, "/history", "History"},
		{admins, "/credentials", "Credentials"}, {admins, "/tokens", "Tokens"}, {admins, "/audit", "Audit"},
		{signedIn, "/sessions", "Sessions"}, {signedIn, "/about", "About"},
	} {
		if l.may.Allows(t) {
			f.Links = append(f.Links, link{l.href, l.text, v.page != nil && v.page.pattern == linkPattern(l.href)})
		}
	}
	return f
}

func linkPattern(href string) string {
	if href == "/" {
		return "/{$}"
	}
	return href
}

// write answers with a page. It is rendered before the status is sent.
func (c *Console) write(v *visit, status int, name string, data any) {
	var b bytes.Buffer
	if err := c.render.pages[name].ExecuteTemplate(&b, "page", data); err != nil {
		c.Log.Error("a page cannot be shown", "page", name, "error", err)
		http.Error(v.write, "this page cannot be shown; the log of the service says why", http.StatusInternalServerError)
		return
	}
	v.write.Header().Set("Content-Type", "text/html; charset=utf-8")
	send(v.write, v.request, status, bytes.ToValidUTF8(b.Bytes(), []byte(string(utf8.RuneError)))) // a form repeats what an address had
}

// roleNames lists roles for a sentence.
func roleNames(roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}
