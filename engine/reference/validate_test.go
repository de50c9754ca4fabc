package reference_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// A validator checks data against a JSON Schema. It supports the keywords of Errand's schema. It
// records which of the described properties the data has, such as "approval.within" for a property
// inside another.
type validator struct {
	definitions map[string]any
	used        map[string]bool
}

func newValidator(document []byte) (validator, map[string]any) {
	var root map[string]any
	if err := json.Unmarshal(document, &root); err != nil {
		panic(err)
	}
	return validator{root["definitions"].(map[string]any), map[string]bool{}}, root
}

// Suffixes of the names of used properties: the value was a list, or was not one.
const (
	listMark  = ", a list"
	plainMark = ", no list"
)

// check returns a fault with its place, or "" if the data fits.
func (v validator) check(schema map[string]any, data any, at, name string) string {
	if ref, is := schema["$ref"].(string); is {
		name = strings.TrimPrefix(ref, "#/definitions/")
		return v.check(v.definitions[name].(map[string]any), data, at, name)
	}
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		if fault := v.keyword(schema, keyword, data, at, name); fault != "" {
			return fault
		}
	}
	return ""
}

func (v validator) keyword(schema map[string]any, keyword string, data any, at, name string) string {
	want := schema[keyword]
	fault := func(format string, args ...any) string { return at + ": " + fmt.Sprintf(format, args...) }
	object, _ := data.(map[string]any)
	list, isList := data.([]any)
	text, isText := data.(string)
	number, isNumber := data.(float64)
	switch keyword {
	case "$schema", "title", "description", "definitions", "default", "then":
	case "type":
		kinds, several := want.([]any)
		if !several {
			kinds = []any{want}
		}
		if !slices.ContainsFunc(kinds, func(kind any) bool { return isOf(data, kind.(string)) }) {
			return fault("%v is not %v", data, want)
		}
	case "const":
		if !reflect.DeepEqual(data, want) {
			return fault("%v is not %v", data, want)
		}
	case "enum":
		if !slices.ContainsFunc(want.([]any), func(one any) bool { return reflect.DeepEqual(one, data) }) {
			return fault("%v is not in %v", data, want)
		}
	case "pattern":
		if isText && !regexp.MustCompile(want.(string)).MatchString(text) {
			return fault("%q does not match %s", text, want)
		}
	case "maxLength":
		if isText && len([]rune(text)) > int(want.(float64)) {
			return fault("%q is too long", text)
		}
	case "minimum", "maximum":
		if isNumber && (keyword == "minimum" && number < want.(float64) || keyword == "maximum" && number > want.(float64)) {
			return fault("%v is beyond the %s, %v", data, keyword, want)
		}
	case "minItems", "minProperties":
		if isList && len(list) < int(want.(float64)) || object != nil && len(object) < int(want.(float64)) {
			return fault("the value is empty")
		}
	case "required":
		for _, key := range want.([]any) {
			if _, has := object[key.(string)]; object != nil && !has {
				return fault("the object has no %s", key)
			}
		}
	case "items":
		for i, item := range list {
			if f := v.check(want.(map[string]any), item, fmt.Sprintf("%s[%d]", at, i), name); f != "" {
				return f
			}
		}
	case "propertyNames":
		for key := range object {
			if f := v.check(want.(map[string]any), key, at, name); f != "" {
				return f
			}
		}
	case "properties", "additionalProperties":
		return v.properties(schema, object, at, name)
	case "oneOf", "anyOf", "allOf":
		return v.several(keyword, want.([]any), data, at, name)
	case "not":
		if v.check(want.(map[string]any), data, at, name) == "" {
			return fault("the value matches what it must not")
		}
	case "if":
		if v.check(want.(map[string]any), data, at, "") == "" {
			return v.check(schema["then"].(map[string]any), data, at, "")
		}
	default:
		panic("the validator does not support " + keyword)
	}
	return ""
}

func (v validator) properties(schema, object map[string]any, at, name string) string {
	properties, _ := schema["properties"].(map[string]any)
	for key, value := range object {
		part, known := properties[key].(map[string]any)
		if !known {
			rest, described := schema["additionalProperties"].(map[string]any)
			if schema["additionalProperties"] == false {
				return at + ": unknown property " + key
			}
			if described {
				if f := v.check(rest, value, at+"."+key, name); f != "" {
					return f
				}
			}
			continue
		}
		if name != "" || at == "definition" {
			full := strings.TrimPrefix(name+"."+key, ".")
			_, isList := value.([]any)
			v.used[full], v.used[full+listMark] = true, v.used[full+listMark] || isList
			v.used[full+plainMark] = v.used[full+plainMark] || !isList
		}
		if f := v.check(part, value, at+"."+key, key); f != "" {
			return f
		}
	}
	return ""
}

func (v validator) several(keyword string, schemas []any, data any, at, name string) string {
	fits, fault := 0, ""
	for _, one := range schemas {
		if f := v.check(one.(map[string]any), data, at, name); f == "" {
			fits++
		} else {
			fault = f
		}
	}
	switch {
	case keyword == "allOf" && fits < len(schemas), keyword == "anyOf" && fits == 0, keyword == "oneOf" && fits == 0:
		return fault
	case keyword == "oneOf" && fits > 1:
		return at + ": the value matches several alternatives"
	}
	return ""
}

func isOf(data any, kind string) bool {
	switch data := data.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && data == float64(int64(data))
	case []any:
		return kind == "array"
	}
	return kind == "object"
}
