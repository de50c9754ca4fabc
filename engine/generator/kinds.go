package generator

import (
	"slices"

	"errand/engine/schema"
)

// A kind is the kind of value that an expression has.
type kind string

const (
	stringKind   kind = "string"
	integerKind  kind = "integer"
	numberKind   kind = "number"
	booleanKind  kind = "boolean"
	durationKind kind = "duration"
	stringsKind  kind = "strings"  // a list of strings
	integersKind kind = "integers" // a list of integers
	anyKind      kind = "any"
	listKind     kind = "list" // a list of any type
	objectKind   kind = "object"
)

var plainKinds = []kind{stringKind, integerKind, numberKind, booleanKind, durationKind, stringsKind, integersKind}

// nonNull are expressions that are never null, by kind.
var nonNull = map[kind]string{
	stringKind: `"x"`, integerKind: "1", numberKind: "0.5", booleanKind: "true", durationKind: `duration("90s")`, stringsKind: `["x"]`, integersKind: "[1, 2]",
	anyKind: "1", listKind: "[1]", objectKind: "{k: 1}",
}

func typeOf(k kind) schema.Type {
	switch k {
	case stringsKind:
		return schema.ListOf(schema.Of(schema.String))
	case integersKind:
		return schema.ListOf(schema.Of(schema.Integer))
	case objectKind:
		return schema.Type{Kind: schema.Object, Open: true}
	}
	return schema.Of(schema.Kind(k))
}

// kindOf returns the kind of the values of a type.
func kindOf(t schema.Type) kind {
	if t.Kind == schema.List && t.Items != nil && !t.Items.Nullable {
		switch t.Items.Kind {
		case schema.String:
			return stringsKind
		case schema.Integer:
			return integersKind
		}
	}
	return kind(t.Kind)
}

// fits reports whether the values of a type are of a kind, unless they are null.
func fits(k kind, t schema.Type) bool {
	is := kindOf(t)
	if t.Kind == schema.Null { // it is null, whatever is expected
		return true
	}
	switch k {
	case numberKind:
		return is == numberKind || is == integerKind
	case listKind:
		return t.Kind == schema.List
	}
	return k == is
}

// holdsDuration reports whether a value of a type may be, or hold, a duration.
func holdsDuration(t schema.Type) bool {
	return t.Kind == schema.Duration || t.Items != nil && holdsDuration(*t.Items) ||
		slices.ContainsFunc(t.Fields, func(f schema.Field) bool { return holdsDuration(f.Type) })
}

func itemOf(t schema.Type) schema.Type {
	if t.Items == nil {
		return schema.Of(schema.Any)
	}
	return *t.Items
}
