package definition

// fail reads the form `fail:` with its sibling key `code:`.
func (r *reader) fail(m *mapping) Form {
	f := &Fail{
		Range:   m.at(FailForm),
		Message: r.message(m.get(FailForm), `"fail"`, `write what is wrong, such as "The ticket is closed."`),
	}
	if n := m.get("code"); n != nil {
		if code, ok := r.literalLike(n, `"code"`, "a name", identifier); ok && r.checkShape(code, "a code", identifier, identifierShape) {
			f.Code = code
		}
	}
	return f
}

// Lists returns nil: a failure holds no steps.
func (*Fail) Lists() [][]*Step { return nil }

func (f *Fail) expressions(yield func(*Expression) bool) bool { return f.Message.visit(yield) }
