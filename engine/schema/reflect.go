package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Reflect derives the type of a struct from the tags of its fields. It panics if a tag is wrong.
//
//	json:"ami_id"              the name; a field without it, or with "-", is left out
//	title:"AMI ID"             the name in documents
//	doc:"Image to launch."     the description
//	required:"true"            the value is required
//	default:"t1.micro"         as text
//	unless:"launch_template"   without the default if that parameter is given
//	enum:"New,Closed"          the only values allowed
//	pattern:"^i-[0-9a-f]+$"    a regular expression
//	min:"1" max:"10"           bounds of a number
//	maxlen:"64"                bytes of a text
//	example:"i-1"              a value for first workflows, as text
//	discouraged:"t1.micro=few accounts can launch it"   allowed, with a warning
//
// A pointer is nullable. If the Go type of a field implements Shape, the type is the result of
// Shape.
func Reflect(of reflect.Type) Type {
	return reflectStruct(of, "")
}

// A Shape is a Go type that states its own type, such as an ordered map.
type Shape interface{ Shape() Type }

var (
	shapeType    = reflect.TypeFor[Shape]()
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
)

func reflectStruct(of reflect.Type, path string) Type {
	t := Type{Kind: Object, Fields: make([]Field, 0, of.NumField())}
	for f := range of.Fields() {
		if f.Anonymous && f.Tag.Get("json") == "" {
			t.Fields = append(t.Fields, reflectStruct(f.Type, path).Fields...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		t.Fields = append(t.Fields, reflectField(f, name, join(path, name)))
	}
	return t
}

func reflectField(f reflect.StructField, name, path string) Field {
	field := Field{Name: name, Title: f.Tag.Get("title"), Description: f.Tag.Get("doc"), Type: reflectType(f.Type, path)}
	field.Required, field.Unless = f.Tag.Get("required") == "true", f.Tag.Get("unless")
	t := &field.Type
	t.Pattern = f.Tag.Get("pattern")
	if t.Pattern != "" {
		expressionOf(t.Pattern)
	}
	t.Minimum, t.Maximum = bound(f, "min", path), bound(f, "max", path)
	if most := bound(f, "maxlen", path); most != nil {
		t.MaxLength = int(*most)
	}
	if text, ok := f.Tag.Lookup("enum"); ok {
		plain := t.NotNull()
		for word := range strings.SplitSeq(text, ",") {
			t.Enum = append(t.Enum, mustText(plain, word, path))
		}
	}
	if text, ok := f.Tag.Lookup("discouraged"); ok {
		value, reason, _ := strings.Cut(text, "=")
		t.Discouraged = append(t.Discouraged, Caution{Value: value, Reason: reason})
	}
	if text, ok := f.Tag.Lookup("example"); ok {
		field.Example = mustText(t.NotNull(), text, path)
	}
	if text, ok := f.Tag.Lookup("default"); ok {
		field.Default = mustText(t.NotNull(), text, path)
		field.Required = false
	}
	return field
}

func reflectType(of reflect.Type, path string) Type {
	if of.Implements(shapeType) {
		return reflect.Zero(of).Interface().(Shape).Shape()
	}
	switch of {
	case durationType:
		panic("schema: " + path + ": use schema.Span for a duration; its JSON is a text")
	case rawType:
		return Type{Kind: Any, Nullable: true}
	}
	switch of.Kind() {
	case reflect.Pointer:
		return reflectType(of.Elem(), path).OrNull()
	case reflect.String:
		return Of(String)
	case reflect.Bool:
		return Of(Boolean)
	case reflect.Int, reflect.Int32, reflect.Int64:
		return Of(Integer)
	case reflect.Float64:
		return Of(Number)
	case reflect.Slice:
		return ListOf(reflectType(of.Elem(), path+"[]"))
	case reflect.Map:
		switch {
		case of.Key().Kind() != reflect.String:
		case of.Elem().Kind() == reflect.Interface:
			return Type{Kind: Object, Open: true}
		default:
			return MapOf(reflectType(of.Elem(), path))
		}
	case reflect.Struct:
		return reflectStruct(of, path)
	case reflect.Interface:
		if of.NumMethod() == 0 {
			return Type{Kind: Any, Nullable: true}
		}
	}
	panic(fmt.Sprintf("schema: %s: no type for %s", path, of))
}

func bound(f reflect.StructField, tag, path string) *float64 {
	text, ok := f.Tag.Lookup(tag)
	if !ok {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("schema: " + path + ": " + tag + ": " + err.Error())
	}
	return &n
}

func mustText(t Type, text, path string) any {
	v, err := t.FromText(text)
	if err != nil {
		panic("schema: " + path + ": " + err.Error())
	}
	return v
}

// A Span is a duration whose JSON is a text with units.
type Span time.Duration

// Shape returns the type.
func (Span) Shape() Type { return Of(Duration) }

// MarshalText returns the canonical form.
func (s Span) MarshalText() ([]byte, error) { return []byte(FormatDuration(time.Duration(s))), nil }

// UnmarshalText parses a duration as ParseDuration does.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := ParseDuration(string(text))
	if err != nil {
		return Misfit{Message: fmt.Sprintf("%q %s", text, err)}
	}
	*s = Span(d)
	return nil
}
