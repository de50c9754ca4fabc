package expression

import (
	"errors"
	"maps"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"errand/engine/schema"
)

// Eval computes the expression. The values of the roots must be in canonical form and of the types
// that the scope declares. The result is canonical and of the program's Type. Values are shared,
// not copied: nobody may change them.
//
// The text of an error is short and contains no value. The cause is a division by zero, a number
// out of range, or one of the limits.
func (p *Program) Eval(env map[string]any) (any, error) {
	switch {
	case p.fixed:
		return p.constant, nil
	case p.walk != nil:
		v := env[p.walk[0]]
		for _, name := range p.walk[1:] {
			v = member(v, name)
		}
		return checkSize(v)
	case p.meters:
		if env = maps.Clone(env); env == nil {
			env = map[string]any{}
		}
		env[runName] = &run{}
	}
	machine := vm.VM{MemoryBudget: maxMemory}
	v, err := machine.Run(p.machine, env)
	if err != nil {
		return nil, reasonOf(err)
	}
	if v, err = checkSize(v); err == nil && p.conform {
		v = conform(p.kind, v)
	}
	return v, err
}

// checkSize returns an error if a result is too large.
func checkSize(v any) (any, error) {
	switch v := v.(type) {
	case string:
		if len(v) > maxText {
			return nil, errResult
		}
	case []any, map[string]any:
		if size := 0; !measure(v, &size, maxText) {
			return nil, errResult
		}
	}
	return v, nil
}

// reasonOf returns the cause of an error of the machine. An error that no operation of this package
// returned is the machine's own limit, or a panic because a value does not have the declared type.
func reasonOf(err error) error {
	if cause, ok := errors.AsType[stop](err); ok {
		return cause
	}
	if e, ok := errors.AsType[*file.Error](err); ok && e.Message == "memory budget exceeded" {
		return errList
	}
	return errMisfit
}

// conform converts integers in a value to numbers where the type requires it: `c ? 1 : 2.5` is a
// number in both cases.
func conform(t schema.Type, v any) any {
	switch v := v.(type) {
	case int:
		if t.Kind == schema.Number {
			return float64(v)
		}
	case []any:
		if t.Kind == schema.List && t.Items != nil && mentions(*t.Items, schema.Number) {
			list := make([]any, len(v))
			for i, item := range v {
				list[i] = conform(*t.Items, item)
			}
			return list
		}
	case map[string]any:
		if t.Kind == schema.Object && mentions(t, schema.Number) {
			object := maps.Clone(v)
			for _, field := range t.Fields {
				if item, ok := v[field.Name]; ok {
					object[field.Name] = conform(field.Type, item)
				}
			}
			return object
		}
	}
	return v
}
