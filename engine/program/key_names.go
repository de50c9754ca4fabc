package program

import (
	"cmp"
	"strconv"
	"strings"

	"errand/engine/definition"
)

// KeyNames turns the keys of a run into texts for people. A step without an id is called by its task
// type or form: fleet[3].worklog.format in place of fleet[3].steps[2].steps[0]. Such a text can mean
// several steps, so it is no key: commands take keys only. The nil KeyNames returns keys as they are.
type KeyNames []keyName

type keyName struct {
	pattern Key
	text    string // with [] for each item, in the order of the pattern
}

// KeyNames returns the names of all keys of a program's runs. p may be nil.
func (p *Program) KeyNames() KeyNames {
	if p == nil {
		return nil
	}
	var names KeyNames
	for place := range p.AllPlaces() {
		var in Key
		for _, around := range place.Around {
			if around.List != definition.InForm {
				continue
			}
			if around.Repeats() {
				in = in.Step(around.ShortName()).AnyItem()
			} else if around.Callee() != nil {
				in = in.Step(around.ShortName())
			}
		}
		names = append(names, keyName{place.Key, string(in.Step(place.ShortName()))})
	}
	return names
}

// ShortName returns the id of a step, or its task type or form.
func (s *Step) ShortName() string { return cmp.Or(s.ID, s.Form(), s.Key) }

// Of returns the text for a key. A text that is not the key of a step, such as outputs.address, is
// returned as it is.
func (n KeyNames) Of(key string) string {
	for _, name := range n {
		items, ok := name.pattern.Match(Key(key))
		if !ok {
			continue
		}
		text := name.text
		for _, item := range items {
			text = strings.Replace(text, anyItem, "["+strconv.Itoa(item)+"]", 1)
		}
		return text
	}
	return key
}

// Longest returns the longest name that fits into a number of bytes, counted with one digit for each
// item. It returns 0 if there is none.
func (n KeyNames) Longest(limit int) (longest int) {
	for _, name := range n {
		if length := len(name.text) + strings.Count(name.text, anyItem); length <= limit {
			longest = max(longest, length)
		}
	}
	return longest
}
