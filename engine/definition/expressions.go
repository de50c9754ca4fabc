package definition

import "iter"

// Expressions visits the expressions of a value, in the order of the text.
func (v Value) Expressions() iter.Seq[*Expression] {
	return func(yield func(*Expression) bool) { v.visit(yield) }
}

func (v Value) visit(yield func(*Expression) bool) bool {
	for _, part := range v.Parts {
		if part.Expression != nil && !yield(part.Expression) {
			return false
		}
	}
	for _, item := range v.Items {
		if !item.visit(yield) {
			return false
		}
	}
	return visitEntries(v.Entries, yield)
}

func visitEntries(entries []Entry, yield func(*Expression) bool) bool {
	for _, entry := range entries {
		if !entry.Value.visit(yield) {
			return false
		}
	}
	return true
}

// Expressions visits the expressions of the step itself. It does not visit those of the steps
// inside it.
func (s *Step) Expressions() iter.Seq[*Expression] {
	return func(yield func(*Expression) bool) {
		if visitExpression(s.If, yield) && s.Form != nil {
			s.Form.expressions(yield)
		}
	}
}

func visitExpression(e *Expression, yield func(*Expression) bool) bool { return e == nil || yield(e) }

// Expressions visits every expression of a definition.
func (d *Definition) Expressions() iter.Seq[*Expression] {
	return func(yield func(*Expression) bool) {
		if d.Concurrency != nil && !d.Concurrency.Key.visit(yield) {
			return
		}
		for s := range d.AllSteps() {
			for e := range s.Expressions() {
				if !yield(e) {
					return
				}
			}
		}
		visitEntries(d.Outputs, yield)
	}
}
