package graph

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// Each format is complete for every program: it is the same every time, an SVG is XML without
// active or external content, and no text ends its own quotes.
func TestRenderingOfAnything(t *testing.T) {
	for seed := range uint64(30) {
		p := random(t, seed)
		g := New(p)
		for _, f := range Formats {
			made := f.Render(g)
			if again := f.Render(New(p)); !bytes.Equal(made, again) {
				t.Errorf("seed %d: the %s differs the second time", seed, f.Name)
			}
			if text := string(made); strings.Contains(text, "<script") || strings.ContainsAny(text, "\r\x00") {
				t.Errorf("seed %d: the %s contains a forbidden character", seed, f.Name)
			}
		}
		checkSVG(t, g.SVG())
		checkMermaid(t, string(g.Mermaid()))
	}
}

func checkSVG(t *testing.T, made []byte) {
	t.Helper()
	allowed := map[string]bool{"svg": true, "title": true, "desc": true, "style": true, "rect": true, "text": true, "g": true, "path": true, "circle": true}
	for d := xml.NewDecoder(bytes.NewReader(made)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, made)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !allowed[e.Name.Local] {
			t.Errorf("there is an element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			if name := a.Name.Local; strings.HasPrefix(name, "on") || name == "href" || name == "style" || name == "id" || strings.Contains(a.Value, "url(") {
				t.Errorf("%s has %s=%q", e.Name.Local, name, a.Value)
			}
		}
	}
}

// checkMermaid checks that each line has at most two quotes, and that they contain plain text only.
func checkMermaid(t *testing.T, made string) {
	t.Helper()
	_, body, _ := strings.Cut(made, "flowchart TB\n")
	for line := range strings.SplitSeq(body, "\n") {
		parts := strings.Split(line, `"`)
		if len(parts) != 1 && len(parts) != 3 {
			t.Errorf("the quotes do not match: %s", line)
		}
		if len(parts) == 3 {
			text := strings.NewReplacer("<br/>", "", "<small>", "", "</small>", "").Replace(parts[1])
			if strings.ContainsAny(text, "<>{}[]`|\\%*~&=") {
				t.Errorf("a special character is not escaped: %s", line)
			}
		}
	}
}

func TestMermaidText(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"plain words", "Start it, then wait (a little)", "Start it, then wait (a little)"},
		{"a task type", "ec2.get_instance_status", "ec2.get_instance_status"},
		{"quotes and brackets", `"a" [b]`, "#34;a#34; #91;b#93;"},
		{"the item of a list", "1. first", "1#46; first"},
		{"another", "- first", "#45; first"},
		{"emphasis", "_a_ *b*", "#95;a#95; #42;b#42;"},
		{"a directive", "%%{init}%%", "#37;#37;#123;init#125;#37;#37;"},
		{"a formula", "$$x$$", "#36;#8203;#36;x#36;#8203;#36;"},
		{"an icon", "fa:fa-bell", "fa#58;#8203;fa-bell"},
		{"a page", "www.example.org", "www#46;example.org"},
		{"an entity of Mermaid's own", "ﬂ°°60¶ß", "fl°°60¶#8203;ß"},
		{"other scripts and emoji", "世界 😀 Grüße", "世界 😀 Grüße"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := mermaidText(c.text); got != c.want {
				t.Errorf("%s, not %s", got, c.want)
			}
		})
	}
}
