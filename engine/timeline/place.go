package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/program"
)

// A placer finds the place of a step in the definition.
type placer struct {
	places map[program.Key][]indexed // by the shape of their key
	names  program.KeyNames
}

// An indexed place has its number in the definition.
type indexed struct {
	program.Place
	index int
}

// newPlacer returns a placer for the steps of a program, which may be nil.
func newPlacer(p *program.Program) placer {
	places := map[program.Key][]indexed{}
	if p != nil {
		index := 0
		for place := range p.AllPlaces() {
			shape := place.Key.Shape()
			places[shape] = append(places[shape], indexed{place, index})
			index++
		}
	}
	return placer{places, p.KeyNames()}
}

// A parent is a step around another one.
type parent struct {
	key   string
	runs  bool // it runs while the inner step does: the inner one is not in a handler of it
	items int  // how many loops there are up to it, and with it
}

// place sets what follows from the place of a row's step. The name is that of an event.
func (p placer) place(r *row, name string) {
	key := program.Key(r.Key)
	for _, place := range p.places[key.Shape()] {
		items, ok := place.Key.Match(key)
		if !ok {
			continue
		}
		name = cmp.Or(name, place.Name)
		if name != "" {
			for _, item := range items {
				name += fmt.Sprintf(" [%d]", item)
			}
		}
		r.Label = clean(cmp.Or(name, p.names.Of(r.Key)), longestLabel)
		r.Depth, r.In = len(place.Around), handlerOf(place.Place)
		r.index, r.items, r.parents = place.index, items, parentsOf(place.Place, items)
		return
	}
	r.Label = clean(cmp.Or(name, r.Key), longestLabel)
	r.Depth, r.index = strings.Count(r.Key, "]."), -1 // the program is not known
}

// parentsOf returns the steps around a step, the outermost first. items are the numbers of the loop
// items around it.
func parentsOf(place program.Place, items []int) []parent {
	var parents []parent
	in, used := program.Key(""), 0
	for _, around := range place.Around {
		key := in.Step(around.Key)
		switch {
		case around.List != definition.InForm:
		case around.Callee() != nil:
			in = key
		case around.Repeats() && used < len(items):
			in = key.Item(items[used])
			used++
		}
		parents = append(parents, parent{string(key), around.List == definition.InForm, used})
	}
	return parents
}

// compare orders rows by their first start. Those that started together are in the order of the
// definition and of the items of loops.
func (r *row) compare(s *row) int {
	if c := r.Began.Compare(s.Began); c != 0 {
		return c
	}
	items := 0 // of the loops around both
	for i := range min(len(r.parents), len(s.parents)) {
		if r.parents[i] != s.parents[i] {
			break
		}
		items = r.parents[i].items
	}
	return cmp.Or(slices.Compare(r.items[:items], s.items[:items]), cmp.Compare(r.index, s.index))
}

// handlerOf returns the innermost handler that a step belongs to, in words.
func handlerOf(place program.Place) string {
	section := place.Section
	for i := len(place.Around) - 1; i >= 0; i-- {
		around := place.Around[i]
		of := cmp.Or(around.Name, around.ShortName())
		switch {
		case around.List == definition.InUndo:
			return clean(string(engine.HandlerUndo)+" of "+of, longestLabel)
		case around.List == definition.InOnFailure:
			return clean(string(engine.HandlerOnFailure)+" of "+of, longestLabel)
		case section != around.Section && section != definition.MainSteps:
			return string(section)
		}
		section = around.Section
	}
	if section != definition.MainSteps {
		return string(section)
	}
	return ""
}
