package expression

import (
	"math"
	"math/bits"
	"strings"
	"time"
)

const (
	errZero     = stop("division by zero")
	errInteger  = stop("an integer is out of range")
	errNumber   = stop("a number is out of range")
	errDuration = stop("a duration is out of range")
	errNegative = stop("a duration would be negative")
)

// operations are the operations whose work does not depend on the size of values.
var operations = map[string]func(arguments []any) (any, error){
	opGet:       func(a []any) (any, error) { return member(a[0], a[1].(string)), nil },
	opIndex:     func(a []any) (any, error) { return element(a[0], a[1]), nil },
	opTrue:      func(a []any) (any, error) { return a[0] == true, nil },
	opSame:      func(a []any) (any, error) { return same(a[0], a[1]), nil },
	"<":         func(a []any) (any, error) { return compare(a[0], a[1]) < 0, nil },
	"<=":        func(a []any) (any, error) { return compare(a[0], a[1]) <= 0, nil },
	">":         func(a []any) (any, error) { return compare(a[0], a[1]) > 0, nil },
	">=":        func(a []any) (any, error) { return compare(a[0], a[1]) >= 0, nil },
	opNegate:    func(a []any) (any, error) { return negate(a[0]) },
	"+int":      integers(addIntegers),
	"-int":      integers(subtractIntegers),
	"*int":      integers(multiplyIntegers),
	"%":         func(a []any) (any, error) { return remainder(a[0].(int), a[1].(int)) },
	"+":         numbers(func(a, b float64) float64 { return a + b }),
	"-":         numbers(func(a, b float64) float64 { return a - b }),
	"*":         numbers(func(a, b float64) float64 { return a * b }),
	"**":        numbers(math.Pow),
	"/":         func(a []any) (any, error) { return divide(toFloat(a[0]), toFloat(a[1])) },
	"+duration": durations(addIntegers),
	"-duration": durations(subtractIntegers),
	"*duration": func(a []any) (any, error) { return multiplyDuration(a[0], a[1]) },
	"/duration": func(a []any) (any, error) { return divideDuration(a[0], a[1]) },
}

// member returns a member of an object. Null and all values that are not objects have null members
// only.
func member(base any, name string) any {
	object, _ := base.(map[string]any)
	return object[name]
}

// element returns an element of a list or a member of an object, or null if there is none. A
// negative index counts from the end of the list.
func element(base, key any) any {
	switch base := base.(type) {
	case []any:
		i, ok := key.(int)
		if i < 0 {
			i += len(base)
		}
		if ok && i >= 0 && i < len(base) {
			return base[i]
		}
	case map[string]any:
		if name, ok := key.(string); ok {
			return base[name]
		}
	}
	return nil
}

// same compares two values, at least one of which is plain.
func same(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case string:
		y, ok := b.(string)
		return ok && x == y
	case time.Duration:
		y, ok := b.(time.Duration)
		return ok && x == y
	case int:
		switch y := b.(type) {
		case int:
			return x == y
		case float64:
			return float64(x) == y
		}
	case float64:
		switch y := b.(type) {
		case int:
			return x == float64(y)
		case float64:
			return x == y
		}
	}
	return false
}

// compare orders two numbers, texts or durations.
func compare(a, b any) int {
	switch x := a.(type) {
	case string:
		return strings.Compare(x, b.(string))
	case time.Duration:
		return order(x, b.(time.Duration))
	case int:
		if y, ok := b.(int); ok {
			return order(x, y)
		}
	}
	return order(toFloat(a), toFloat(b))
}

func order[T int | float64 | time.Duration](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// toFloat returns a number as float64. It panics for any other value; a checked expression never
// does this with values of the declared types.
func toFloat(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case time.Duration:
		return float64(v)
	}
	return v.(float64)
}

// finite returns the result of a calculation. There is one zero: -0 would be equal to 0, and another
// text.
func finite(f float64) (any, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, errNumber
	}
	if f == 0 {
		f = 0
	}
	return f, nil
}

func divide(a, b float64) (any, error) {
	if b == 0 {
		return nil, errZero
	}
	return finite(a / b)
}

func remainder(a, b int) (any, error) {
	if b == 0 {
		return nil, errZero
	}
	if b == -1 {
		return 0, nil // Go's division would overflow for the least integer
	}
	return a % b, nil
}

func negate(v any) (any, error) {
	switch v := v.(type) {
	case int:
		if v == math.MinInt {
			return nil, errInteger
		}
		return -v, nil
	default:
		return finite(-toFloat(v))
	}
}

func numbers(f func(a, b float64) float64) func([]any) (any, error) {
	return func(a []any) (any, error) { return finite(f(toFloat(a[0]), toFloat(a[1]))) }
}

func integers(f func(a, b int) (int, bool)) func([]any) (any, error) {
	return func(a []any) (any, error) {
		n, ok := f(a[0].(int), a[1].(int))
		if !ok {
			return nil, errInteger
		}
		return n, nil
	}
}

func addIntegers(a, b int) (int, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

func subtractIntegers(a, b int) (int, bool) {
	difference := a - b
	return difference, (difference < a) == (b > 0)
}

func multiplyIntegers(a, b int) (int, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case high != 0, !negative && low > math.MaxInt, negative && low > math.MaxInt+1:
		return 0, false
	case negative:
		return int(-low), true
	}
	return int(low), true
}

func magnitude(n int) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
