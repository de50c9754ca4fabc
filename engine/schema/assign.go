package schema

// Accepts reports whether every value of the other type fits this type, judged by kinds and null
// only. Constraints on values (pattern, enum, minimum) are not compared: they are checked when
// there is a value. Only Any accepts Any.
func (t Type) Accepts(other Type) bool {
	if t.Kind == Any {
		return true
	}
	if other.Kind == Null {
		return t.Nullable
	}
	if other.Nullable && !t.Nullable {
		return false
	}
	switch t.Kind {
	case Number:
		return other.Kind == Number || other.Kind == Integer
	case List:
		if other.Kind != List || t.Items == nil || t.Items.Kind == Any {
			return other.Kind == List
		}
		return other.Items != nil && t.Items.Accepts(*other.Items)
	case Object:
		return other.Kind == Object && t.acceptsFields(other)
	}
	return t.Kind == other.Kind
}

func (t Type) acceptsFields(other Type) bool {
	for _, f := range t.Fields {
		given, ok := other.Field(f.Name)
		if !ok && f.Required {
			return false
		}
		want := f.Type
		want.Nullable = want.Nullable || !f.Required // null has the same meaning as an absent member
		if ok && !want.Accepts(given.Type) {
			return false
		}
	}
	if t.AllowsMore() {
		return t.acceptsOthers(other)
	}
	for _, f := range other.Fields {
		if _, ok := t.Field(f.Name); !ok {
			return false
		}
	}
	return !other.AllowsMore()
}

// acceptsOthers compares the undeclared fields. If their type is not known before the run, their
// values are checked then.
func (t Type) acceptsOthers(other Type) bool {
	if t.Items == nil {
		return true
	}
	for _, f := range other.Fields {
		if _, ok := t.Field(f.Name); !ok && !t.Items.Accepts(f.Type) {
			return false
		}
	}
	return other.Items == nil || t.Items.Accepts(*other.Items)
}
