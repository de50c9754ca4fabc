package generator

import "errand/engine/schema"

// A kind is the kind of value that an expression has.
type kind string

const (
	ofString   kind = "string"
	ofInteger  kind = "integer"
	ofNumber   kind = "number"
	ofBoolean  kind = "boolean"
	ofDuration kind = "duration"
	ofStrings  kind = "strings"  // a list of string
	ofIntegers kind = "integers" // a list of integer
	ofAny      kind = "any"
	ofList     kind = "list" // a list of any type
	ofObject   kind = "object"
)

var plainKinds = []kind{ofString, ofInteger, ofNumber, ofBoolean, ofDuration, ofStrings, ofIntegers}

// steady are expressions that are never null, by kind.
var steady = map[kind]string{
	ofString: `"x"`, ofInteger: "1", ofNumber: "0.5", ofBoolean: "true", ofDuration: `duration("90s")`, ofStrings: `["x"]`, ofIntegers: "[1, 2]",
	ofAny: "1", ofList: "[1]", ofObject: "{k: 1}",
}

func typeOf(k kind) schema.Type {
	switch k {
	case ofStrings:
		return schema.ListOf(schema.Of(schema.String))
	case ofIntegers:
		return schema.ListOf(schema.Of(schema.Integer))
	case ofObject:
		return schema.Type{Kind: schema.Object, Open: true}
	}
	return schema.Of(schema.Kind(k))
}

// kindOf returns the kind of the values of a type.
func kindOf(t schema.Type) kind {
	if t.Kind == schema.List && t.Items != nil && !t.Items.Nullable {
		switch t.Items.Kind {
		case schema.String:
			return ofStrings
		case schema.Integer:
			return ofIntegers
		}
	}
	return kind(t.Kind)
}

// fits reports whether the values of a type are of a kind, unless they are null.
func fits(k kind, t schema.Type) bool {
	is := kindOf(t)
	switch k {
	case ofNumber:
		return is == ofNumber || is == ofInteger
	case ofList:
		return t.Kind == schema.List
	}
	return k == is
}

func itemOf(t schema.Type) schema.Type {
	if t.Items == nil {
		return schema.Of(schema.Any)
	}
	return *t.Items
}
