package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The members of an item that have the name and the value of a custom attribute, in lower case
// without _, in the order of preference.
var (
	nameMembers  = []string{"name", "attributename", "customattributename", "attribute", "label", "key"}
	valueMembers = []string{"value", "attributevalue", "customattributevalue", "text"}
)

// customAttributes reads the custom attributes of a ticket. The desk sends a map, or a list of which
// each item is a pair of a name and a value, or a map; a list may be in an object with "results" or
// "items". Null values are left out; a list or an object as a value becomes its JSON.
func customAttributes(v any) (map[string]string, error) {
	all := map[string]string{}
	switch v := v.(type) {
	case nil:
	case string:
		if strings.TrimSpace(v) != "" {
			return nil, errors.New("CustomAttributes must be a map or a list, not a text")
		}
	case map[string]any:
		for _, name := range []string{"results", "items"} {
			if list, ok := v[name].([]any); ok && len(v) <= 2 { // a page may also have a count, or the address of the next one
				return customAttributes(list)
			}
		}
		addMap(all, v)
	case []any:
		for i, item := range v {
			object, ok := item.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("CustomAttributes[%d] must be an object, not %s", i, kindOf(item))
			}
			if name, value, ok := pair(object); ok {
				add(all, name, value)
			} else {
				addMap(all, object)
			}
		}
	default:
		return nil, fmt.Errorf("CustomAttributes must be a map or a list, not %s", kindOf(v))
	}
	return all, nil
}

// pair reads an item that has a name and a value in members of their own.
func pair(item map[string]any) (name string, value any, ok bool) {
	named, hasName := member(item, nameMembers)
	value, hasValue := member(item, valueMembers)
	name, isText := named.(string)
	return name, value, hasName && hasValue && isText && name != ""
}

// member returns the first member that has one of the names.
func member(item map[string]any, names []string) (any, bool) {
	for _, want := range names {
		for _, name := range sortedNames(item) {
			if strings.ReplaceAll(strings.ToLower(name), "_", "") == want {
				return item[name], true
			}
		}
	}
	return nil, false
}

func addMap(all map[string]string, from map[string]any) {
	for name, value := range from {
		add(all, name, value)
	}
}

// add adds an attribute. If a list has it several times, as it does for a choice of several values,
// the values are joined.
func add(all map[string]string, name string, value any) {
	if value == nil {
		return
	}
	text := attributeText(value)
	if before, twice := all[name]; twice && before != "" {
		if text == "" || slices.Contains(strings.Split(before, ", "), text) {
			return
		}
		text = before + ", " + text
	}
	all[name] = text
}

func attributeText(v any) string {
	if text, ok := scalarText(v); ok {
		return text
	}
	data, err := json.Marshal(v)
	if err != nil {
		return "" // it was decoded from JSON
	}
	return string(data)
}
