package program

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A definition that calls others is carried, pinned and kept together with them, as one text:
//
//	# errand bundle 1
//	# file 412 provision-fleet.yaml
//	…412 bytes…
//	# part 1043 provision-instance definitions/provision-instance.yaml
//	…1043 bytes…
//
// The file is the definition that a run starts. A part has the name by which it is called. Each
// text is followed by a line break.
const bundleMark = "# errand bundle 1\n"

// A part is one definition in a bundle.
type part struct {
	name, file string
	source     []byte
}

type bundleParts []part

func (b bundleParts) find(name string) (file string, source []byte, err error) {
	for _, p := range b {
		if p.name == name {
			return p.file, p.source, nil
		}
	}
	return "", nil, errors.New("the workflow is not in the bundle")
}

func bundle(main part, parts []part) []byte {
	var b bytes.Buffer
	b.WriteString(bundleMark)
	fmt.Fprintf(&b, "# file %d %s\n%s\n", len(main.source), main.file, main.source)
	for _, p := range parts {
		fmt.Fprintf(&b, "# part %d %s %s\n%s\n", len(p.source), p.name, p.file, p.source)
	}
	return b.Bytes()
}

// Own returns the source of the program's own definition, without the definitions that it calls.
func (p *Program) Own() []byte {
	if main, _, ok := unbundle(p.Source); ok {
		return main.source
	}
	return p.Source
}

// unbundle reads a text that bundle wrote. ok is false if the text is not a complete bundle.
func unbundle(text []byte) (main part, parts bundleParts, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(bundleMark))
	if !ok {
		return part{}, nil, false
	}
	for first := true; len(rest) > 0; first = false {
		head, after, found := bytes.Cut(rest, []byte("\n"))
		words := strings.SplitN(string(head), " ", 4)
		if !found || first && (len(words) < 4 || words[1] != "file") || !first && (len(words) < 4 || words[1] != "part") {
			return part{}, nil, false
		}
		size, err := strconv.Atoi(words[2])
		if err != nil || size < 0 || size >= len(after) || after[size] != '\n' {
			return part{}, nil, false
		}
		p := part{file: words[3], source: after[:size]}
		if first {
			main = p
		} else {
			p.name, p.file, _ = strings.Cut(words[3], " ")
			parts = append(parts, p)
		}
		rest = after[size+1:]
	}
	return main, parts, main.source != nil
}
