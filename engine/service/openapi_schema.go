package service

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"errand/engine"
)

// A document collects the schemas of what the service answers.
type document struct{ schemas map[string]any }

// Types whose JSON is not that of their fields.
var (
	timeType   = reflect.TypeFor[time.Time]()
	rawType    = reflect.TypeFor[json.RawMessage]()
	valuesType = reflect.TypeFor[engine.Values]()
)

// schemaOf returns the JSON Schema of a type as encoding/json encodes it. A struct with a name is a
// component. Members may be added later, so objects are open.
func (d *document) schemaOf(of reflect.Type) map[string]any {
	switch of {
	case timeType:
		return map[string]any{"type": "string", "format": "date-time"}
	case rawType:
		return map[string]any{}
	case valuesType:
		return map[string]any{"type": "object"}
	}
	switch of.Kind() {
	case reflect.Pointer:
		return orNull(d.schemaOf(of.Elem()))
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": d.schemaOf(of.Elem())}
	case reflect.Map:
		if of.Elem().Kind() == reflect.Interface {
			return map[string]any{"type": "object"}
		}
		return map[string]any{"type": "object", "additionalProperties": d.schemaOf(of.Elem())}
	case reflect.Struct:
		return d.component(of)
	case reflect.Interface:
		return map[string]any{}
	}
	panic("service: no JSON Schema for " + of.String())
}

// orNull allows null in addition.
func orNull(s map[string]any) map[string]any {
	if kind, plain := s["type"].(string); plain {
		s["type"] = []any{kind, "null"}
		return s
	}
	return map[string]any{"oneOf": []any{s, map[string]any{"type": "null"}}}
}

// component describes a struct once, and returns a reference to it.
func (d *document) component(of reflect.Type) map[string]any {
	name := strings.ToUpper(of.Name()[:1]) + of.Name()[1:]
	if pkg := of.PkgPath()[strings.LastIndex(of.PkgPath(), "/")+1:]; pkg != "engine" && pkg != "service" {
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	if _, known := d.schemas[name]; !known {
		d.schemas[name] = nil // a type may contain itself
		s := map[string]any{"type": "object"}
		properties, required := map[string]any{}, []any{}
		d.fields(of, properties, &required)
		s["properties"] = properties
		if len(required) > 0 {
			s["required"] = required
		}
		d.schemas[name] = s
	}
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

// fields describes the members of a struct. Those of embedded structs are its own.
func (d *document) fields(of reflect.Type, properties map[string]any, required *[]any) {
	for f := range of.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			d.fields(f.Type, properties, required)
		case name == "" || name == "-":
		default:
			properties[name] = d.schemaOf(f.Type)
			if options == "" {
				*required = append(*required, name)
			}
		}
	}
}
