package expression

import (
	"slices"

	"errand/engine/schema"
)

// isOpen reports whether an object may have undeclared members.
func isOpen(t schema.Type) bool { return t.AllowsMore() }

// itemOf returns the type of a list's elements, or of the undeclared members of an object.
func itemOf(t schema.Type) schema.Type {
	if t.Items == nil {
		return schema.Of(schema.Any)
	}
	return *t.Items
}

// nothing is the type of the elements of []. Joined with any type, it becomes that type.
var nothing = schema.Type{Kind: schema.Null}

func isNothing(t schema.Type) bool { return t.Kind == schema.Null && !t.Nullable }

// replaceNothing returns a type in which lists of nothing are lists of any type.
func replaceNothing(t schema.Type) schema.Type {
	if t.Items != nil {
		if isNothing(*t.Items) {
			t.Items = nil
		} else if mentions(*t.Items, schema.Null) {
			items := replaceNothing(*t.Items)
			t.Items = &items
		}
	}
	if mentions(schema.Type{Fields: t.Fields}, schema.Null) {
		t.Fields = slices.Clone(t.Fields)
		for i := range t.Fields {
			t.Fields[i].Type = replaceNothing(t.Fields[i].Type)
		}
	}
	return t
}

// bare returns a type without its constraints on values.
func bare(t schema.Type) schema.Type {
	return schema.Type{Kind: t.Kind, Nullable: t.Nullable, Items: t.Items, Fields: t.Fields, Open: t.Open}
}

// anyField returns the type of any one field of an object.
func anyField(t schema.Type) schema.Type {
	if len(t.Fields) == 0 {
		return schema.Of(schema.Any)
	}
	field := bare(t.Fields[0].Type)
	for _, f := range t.Fields[1:] {
		field, _ = unify(field, f.Type)
	}
	return field
}

// Common returns the type of values of two types: Any if only that fits both.
func Common(a, b schema.Type) schema.Type {
	t, _ := unify(bare(a), b)
	return t
}

// HidesDuration reports whether a value of one type is no longer known to be, or to hold, a duration
// if it is taken as another type.
func HidesDuration(from, to schema.Type) bool {
	switch {
	case !mentions(from, schema.Duration):
		return false
	case from.Kind != to.Kind:
		return to.Kind == schema.Any
	case from.Kind == schema.List && from.Items != nil:
		return HidesDuration(*from.Items, itemOf(to))
	case from.Kind == schema.Object:
		for _, f := range from.Fields {
			other, known := to.Field(f.Name)
			if !known {
				other.Type = itemOf(to)
			}
			if HidesDuration(f.Type, other.Type) {
				return true
			}
		}
		return from.Items != nil && HidesDuration(*from.Items, itemOf(to))
	}
	return false
}

func numeric(t schema.Type) bool { return t.Kind == schema.Integer || t.Kind == schema.Number }

func scalar(t schema.Type) bool {
	switch t.Kind {
	case schema.List, schema.Object, schema.Any:
		return false
	}
	return true
}

// canCompare reports whether values of two types can be compared by <.
func canCompare(a, b schema.Type) bool {
	if numeric(a) && numeric(b) {
		return true
	}
	return a.Kind == b.Kind && (a.Kind == schema.String || a.Kind == schema.Duration)
}

// canEqual reports whether values of two types can be equal.
func canEqual(a, b schema.Type) bool {
	return a.Kind == b.Kind || numeric(a) && numeric(b) ||
		a.Kind == schema.Any || b.Kind == schema.Any || a.Kind == schema.Null || b.Kind == schema.Null
}

// unify returns the type of a value that has one type or the other. It fails if both kinds are
// known and only "any" would fit both.
func unify(a, b schema.Type) (schema.Type, bool) {
	nullable := a.Nullable || b.Nullable
	var t schema.Type
	ok := true
	switch {
	case a.Kind == schema.Null:
		t = b
	case b.Kind == schema.Null:
		t = a
	case a.Kind == schema.Any || b.Kind == schema.Any:
		t = schema.Of(schema.Any)
	case numeric(a) && numeric(b) && a.Kind != b.Kind:
		t = schema.Of(schema.Number)
	case a.Kind != b.Kind:
		t, ok = schema.Of(schema.Any), false
	case a.Kind == schema.List:
		item, _ := unify(itemOf(a), itemOf(b))
		t = schema.ListOf(item)
	case a.Kind == schema.Object:
		t = unifyObjects(a, b)
	default:
		t = schema.Of(a.Kind)
	}
	t.Nullable = nullable && t.Kind != schema.Any
	return t, ok
}

// unifyObjects keeps the members that both types have; other members are allowed.
func unifyObjects(a, b schema.Type) schema.Type {
	t := schema.Type{Kind: schema.Object, Open: isOpen(a) || isOpen(b)}
	for _, field := range a.Fields {
		other, ok := b.Field(field.Name)
		if !ok {
			t.Open = true
			continue
		}
		kind, _ := unify(field.Type, other.Type)
		t.Fields = append(t.Fields, schema.Field{Name: field.Name, Type: kind, Required: true})
	}
	t.Open = t.Open || len(b.Fields) != len(t.Fields)
	if a.Items != nil && b.Items != nil && len(a.Fields)+len(b.Fields) == 0 {
		item, _ := unify(*a.Items, *b.Items)
		t.Items = &item
	}
	return t
}

// mentions reports whether a kind occurs in a type.
func mentions(t schema.Type, kind schema.Kind) bool {
	if t.Kind == kind || t.Items != nil && mentions(*t.Items, kind) {
		return true
	}
	for _, field := range t.Fields {
		if mentions(field.Type, kind) {
			return true
		}
	}
	return false
}

// countParts adds the parts of a type, and reports whether they are within the limit. Types share
// their parts, so a type that is small in memory may be too large to walk over.
func countParts(t schema.Type, parts *int) bool {
	if *parts++; *parts > maxKind {
		return false
	}
	if t.Items != nil && !countParts(*t.Items, parts) {
		return false
	}
	for _, field := range t.Fields {
		if !countParts(field.Type, parts) {
			return false
		}
	}
	return true
}
