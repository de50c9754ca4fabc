package program

import (
	"strconv"
	"strings"

	"errand/engine/expression"
	"errand/engine/schema"
)

// An assumption is what values that a definition leaves open are taken to be.
type assumption struct {
	standIns [2]string // as in task.Rule; if both are empty, an open value stays unknown
	null     bool      // a value that may be null is null

	made  []string // each stand-in, numbered, and then without its number; the newest first
	nulls []nulled // what is taken to be null
}

// A nulled is a value that is taken to be null, or an object of which some members are.
type nulled struct {
	*wholeNode
	members []string // their paths in the object; none if the value itself is null
}

// places returns the texts, in canonical form, of what is null.
func (n nulled) places() []string {
	whole, _ := expression.Canonical(n.program.Source())
	if len(n.members) == 0 {
		return []string{whole}
	}
	places := make([]string, len(n.members))
	for i, member := range n.members {
		places[i] = whole + "." + member
	}
	return places
}

// note says what may be null, and why.
func (n nulled) note() string {
	if len(n.members) == 0 {
		return maybeNull(n.program, n.written)
	}
	return "of " + n.written.Source + " these members may be null: " + strings.Join(n.members, ", ")
}

// value returns the value of a node under the assumption. known is false if the assumption says
// nothing about a part of it.
func (a *assumption) value(n node) (v any, known bool) {
	switch n := n.(type) {
	case literalNode:
		return n.value, true
	case *wholeNode:
		if v, known := n.program.Constant(); known {
			return v, true
		}
		t := n.program.Type()
		if a.null && n.program.MayBeNull() {
			a.nulls = append(a.nulls, nulled{wholeNode: n})
			return nil, true
		}
		var members []string
		if v, known = a.standIn(t, "", &members); known && len(members) > 0 {
			a.nulls = append(a.nulls, nulled{n, members})
		}
		return v, known
	case *textNode:
		made := ""
		for _, part := range n.parts {
			text, known := part.constant()
			if !known {
				if text, known = a.text(made == ""); !known {
					return nil, false
				}
			}
			made += text
		}
		return made, true
	case *listNode:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			if list[i], known = a.value(item); !known {
				return nil, false
			}
		}
		return list, true
	case *objectNode:
		object := map[string]any{}
		for _, m := range n.members {
			if object[m.name], known = a.value(m.value); !known {
				return nil, false
			}
		}
		return object, true
	}
	return nil, false
}

// text returns a stand-in for an open part of a text. No two are equal, so that two open names do not
// look like one.
func (a *assumption) text(first bool) (string, bool) {
	if a.standIns == [2]string{} {
		return "", false
	}
	standIn := a.standIns[1]
	if first {
		standIn = a.standIns[0]
	}
	numbered := standIn + strconv.Itoa(len(a.made)/2+1)
	a.made = append([]string{numbered, standIn}, a.made...)
	return numbered, true
}

// shown returns a message without the numbers of stand-ins.
func (a *assumption) shown(message string) string {
	return strings.NewReplacer(a.made...).Replace(message)
}

// standIn returns a stand-in for a value of a type. That of any other value than a number, a boolean, a
// list or an object is a text. It adds to nulls the members, below a path, that are taken to be null.
func (a *assumption) standIn(t schema.Type, path string, nulls *[]string) (v any, known bool) {
	if t.Kind == schema.Object && len(t.Fields) > 0 && !t.AllowsMore() {
		object := map[string]any{}
		for _, f := range t.Fields {
			if a.null && f.Type.Nullable {
				object[f.Name] = nil
				*nulls = append(*nulls, path+f.Name)
			} else if object[f.Name], known = a.standIn(f.Type, path+f.Name+".", nulls); !known {
				return nil, false
			}
		}
		return object, true
	}
	if a.standIns == [2]string{} {
		return nil, false
	}
	switch t.Kind {
	case schema.Integer, schema.Number:
		return 1, true
	case schema.Boolean:
		return true, true
	case schema.List:
		item := schema.Of(schema.Any)
		if t.Items != nil {
			item = *t.Items
		}
		v, known = a.standIn(item, path, new([]string))
		return []any{v}, known
	case schema.Object:
		name, _ := a.text(true)
		value, _ := a.text(true)
		return map[string]any{name: value}, true
	}
	return a.text(true)
}

// knownValue returns the value of a node that is the same in every run.
func knownValue(n node) (any, bool) { return new(assumption).value(n) }
