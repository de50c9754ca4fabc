package expression

import (
	"errors"
	"maps"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"errand/engine/schema"
)

// Eval computes the expression over values of the roots, in canonical form and of the types that the scope declared. The result is
// canonical and of the type announced. Values are shared, not copied: nobody may change one.
//
// An error is a short text which holds no value: a division by zero, a number out of range, or one of the limits.
func (p *Program) Eval(env map[string]any) (any, error) {
	switch {
	case p.fixed:
		return p.constant, nil
	case p.walk != nil:
		v := env[p.walk[0]]
		for _, name := range p.walk[1:] {
			v = member(v, name)
		}
		return bounded(v)
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
	if v, err = bounded(v); err == nil && p.conform {
		v = conformed(p.kind, v)
	}
	return v, err
}

// bounded refuses a result that is too large.
func bounded(v any) (any, error) {
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

// reasonOf is the cause of an error of the machine. What did not come from an operation of ours is either its own limit, or a
// panic over a value that is not of the type declared.
func reasonOf(err error) error {
	if cause, ok := errors.AsType[stop](err); ok {
		return cause
	}
	if e, ok := errors.AsType[*file.Error](err); ok && e.Message == "memory budget exceeded" {
		return errList
	}
	return errMisfit
}

// conformed makes the integers of a value numbers where its type says so: `c ? 1 : 2.5` is a number either way.
func conformed(t schema.Type, v any) any {
	switch v := v.(type) {
	case int:
		if t.Kind == schema.Number {
			return float64(v)
		}
	case []any:
		if t.Kind == schema.List && t.Items != nil && mentions(*t.Items, schema.Number) {
			list := make([]any, len(v))
			for i, item := range v {
				list[i] = conformed(*t.Items, item)
			}
			return list
		}
	case map[string]any:
		if t.Kind == schema.Object && mentions(t, schema.Number) {
			object := maps.Clone(v)
			for _, field := range t.Fields {
				if item, ok := v[field.Name]; ok {
					object[field.Name] = conformed(field.Type, item)
				}
			}
			return object
		}
	}
	return v
}
