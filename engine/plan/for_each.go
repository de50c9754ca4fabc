package plan

import (
	"fmt"
	"strings"

	"errand/engine/program"
	"errand/engine/schema"
)

// unknownItem follows the key of a loop if its items are not known.
const unknownItem = "[…]"

func (w *walk) forEach(s *program.Step, a *program.ForEach, st *Step) map[string]any {
	st.Limit = a.Limit
	filled, err := a.Items.Fill(w.env)
	items, known := []any(nil), err == nil
	if known {
		items, known, err = itemsOf(a, filled)
	}
	if err != nil {
		st.Fault = err.Error()
	}
	if err == nil && !known {
		list := filled.Gaps[0].From
		each := program.Unknown{From: strings.Replace(list, "‹", "‹each of ", 1)}
		st.Groups = []Group{{Kind: itemsGroup, Label: list, Steps: w.item(s, a, unknownItem, each).list(a.Steps)}}
		return w.conclude(s, nil)
	}
	if len(items) == 0 { // its permissions are needed nevertheless
		y := w.item(s, a, unknownItem, program.ComesFrom(a.As))
		y.quiet = true
		y.list(a.Steps)
	}
	groups, entries := make([]Group, len(items)), make([]any, len(items))
	one := func(i int, around *walk) {
		y := around.item(s, a, program.Key("").Item(i), items[i])
		groups[i] = Group{Kind: itemGroup, Label: itemText(items[i]), Steps: y.list(a.Steps)}
		entry := map[string]any{}
		for _, id := range a.IDs {
			entry[id] = y.steps[id]
		}
		entries[i] = entry
		around.elapsed = y.elapsed
	}
	if a.Limit > 1 {
		w.concurrently(len(items), one)
	} else {
		for i := range items {
			one(i, w)
		}
	}
	st.Groups = groups
	if err != nil {
		return w.conclude(s, nil)
	}
	return w.conclude(s, map[string]any{"items": entries})
}

// item returns a branch for an item of a loop. number follows the key of the loop.
func (w *walk) item(s *program.Step, a *program.ForEach, number program.Key, item any) *walk {
	y := w.branch()
	y.in, y.label = w.in.Step(s.Key)+number, w.label.Step(s.ShortName())+number
	y.env[a.As] = item
	return y
}

// itemsOf returns the known items of a loop. known is false if the number of items is not known.
func itemsOf(a *program.ForEach, filled program.Filled) (items []any, known bool, err error) {
	if filled.Known() {
		value, err := schema.ListOf(a.Item).Decode(filled.JSON)
		if err != nil {
			return nil, true, fmt.Errorf("for_each: %w", err)
		}
		items = value.([]any)
	} else {
		for _, part := range filled.Parts {
			value, err := valueOf(part, a.Item, a.As)
			if err != nil {
				return nil, true, fmt.Errorf("for_each: %w", err)
			}
			items = append(items, value)
		}
	}
	if len(items) > program.MaxItems {
		return nil, true, fmt.Errorf("for_each has %d items; at most %d are allowed", len(items), program.MaxItems)
	}
	return items, filled.Known() || items != nil, nil
}

// valueOf returns a part of a template as a value for expressions. name describes a part that is
// not known.
func valueOf(part program.Filled, t schema.Type, name string) (any, error) {
	switch {
	case part.Known():
		return t.Decode(part.JSON)
	case part.Parts == nil:
		return program.Unknown{From: part.Gaps[0].From}, nil
	}
	return program.ComesFrom(name), nil
}

func itemText(item any) string {
	switch item := item.(type) {
	case program.Unknown:
		return item.From
	case string:
		if strings.TrimSpace(item) == item && item != "" {
			return item
		}
	}
	return string(schema.Encode(item))
}
