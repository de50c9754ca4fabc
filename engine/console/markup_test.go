package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"errand/engine/console"
)

// A markup is what a page consists of.
type markup struct {
	elements map[string]bool // names with the names of their attributes, such as a[href]
	links    []string        // the addresses to which the page leads
	texts    string          // all texts
	title    string
	cut      []string // texts that are cut without a link to all of them
}

// parse reads a page. It fails if a text is where its characters could change what stands around it.
func parse(t testing.TB, what, page string) markup {
	t.Helper()
	if !utf8.ValidString(page) {
		t.Errorf("%s is not UTF-8", what)
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	m := markup{elements: map[string]bool{}}
	count := map[string]int{}
	var texts strings.Builder
	var walk func(n *html.Node, inBDI, inPicture bool)
	walk = func(n *html.Node, inBDI, inPicture bool) {
		switch n.Type {
		case html.ElementNode:
			count[n.Data]++
			m.elements[n.Data+m.attributes(t, what, n)] = true
			inBDI, inPicture = inBDI || n.Data == "bdi" || n.Data == "textarea", inPicture || n.Data == "svg"
		case html.TextNode:
			texts.WriteString(n.Data)
			parent := n.Parent.Data
			if parent == "title" && n.Parent.Namespace == "" {
				m.title = n.Data
			}
			if bad := strings.IndexFunc(n.Data, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); bad >= 0 {
				t.Errorf("%s: a text in %s has the control character %q", what, parent, n.Data[bad:bad+1])
			}
			if (!inBDI || inPicture) && strings.ContainsFunc(n.Data, isBidi) {
				t.Errorf("%s: a text in %s changes the direction of what stands around it: %.100q", what, parent, n.Data)
			}
			if parent == "bdi" && len(n.Data) >= console.Longest && !leadsToWhole(n.Parent.NextSibling) {
				m.cut = append(m.cut, fmt.Sprintf("%s %s %.100q", n.Parent.Parent.Data, n.Parent.Parent.Attr, n.Data))
			}
			if len(n.Data) > console.Longest+len("…") {
				t.Errorf("%s: a text in %s has %d bytes", what, parent, len(n.Data))
			}
		case html.CommentNode:
			t.Errorf("%s has the comment %q", what, n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inBDI, inPicture)
		}
	}
	walk(root, false, false)
	m.texts = texts.String()
	for _, name := range []string{"html", "head", "body", "main", "script"} {
		if count[name] != 1 {
			t.Errorf("%s has %d elements %s", what, count[name], name)
		}
	}
	return m
}

// leadsToWhole reports whether a link to all of a text follows it.
func leadsToWhole(n *html.Node) bool {
	for ; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode {
			return n.Data == "a" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" && strings.Contains(a.Val, "/whole/") })
		}
	}
	return false
}

func isBidi(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// attributes examines the attributes of an element and returns their names.
func (m *markup) attributes(t testing.TB, what string, n *html.Node) string {
	t.Helper()
	var names []string
	for _, a := range n.Attr {
		names = append(names, a.Key)
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" && n.Namespace == "" {
			t.Errorf("%s: %s has the attribute %s", what, n.Data, a.Key)
		}
		if a.Key != "value" && strings.ContainsFunc(a.Val, func(r rune) bool { return unicode.IsControl(r) || isBidi(r) }) {
			t.Errorf("%s: the attribute %s of %s is %.200q", what, a.Key, n.Data, a.Val)
		}
		switch a.Key {
		case "href", "src", "action":
			m.links = append(m.links, a.Val)
			if !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?") || strings.HasPrefix(a.Val, "//") || strings.Contains(a.Val, `\`) {
				t.Errorf("%s leads to %q", what, a.Val)
			}
		}
	}
	slices.Sort(names)
	return fmt.Sprint(names)
}
