package expression

import (
	"math/big"
	"time"
)

// durations returns a function that adds or subtracts two durations with f. The function fails if the
// result is negative, because a definition has no negative durations.
func durations(f func(a, b int) (int, bool)) func([]any) (any, error) {
	return func(a []any) (any, error) {
		n, ok := f(int(a[0].(time.Duration)), int(a[1].(time.Duration)))
		switch {
		case !ok:
			return nil, errDuration
		case n < 0:
			return nil, errNegative
		}
		return time.Duration(n), nil
	}
}

// multiplyDuration multiplies a duration by a number, in either order.
func multiplyDuration(a, b any) (any, error) {
	return roundDuration(new(big.Rat).Mul(exact(a), exact(b)))
}

// divideDuration divides a duration by a number.
func divideDuration(a, b any) (any, error) {
	divisor := exact(b)
	if divisor.Sign() == 0 {
		return nil, errZero
	}
	return roundDuration(new(big.Rat).Quo(exact(a), divisor))
}

// exact returns the value of a number, or the nanoseconds of a duration, without rounding.
func exact(v any) *big.Rat {
	switch v := v.(type) {
	case time.Duration:
		return new(big.Rat).SetInt64(int64(v))
	case int:
		return new(big.Rat).SetInt64(int64(v))
	}
	return new(big.Rat).SetFloat64(v.(float64))
}

// roundDuration rounds to whole nanoseconds, halves up.
func roundDuration(nanoseconds *big.Rat) (any, error) {
	if nanoseconds.Sign() < 0 {
		return nil, errNegative
	}
	sum := nanoseconds.Add(nanoseconds, big.NewRat(1, 2))
	n := new(big.Int).Quo(sum.Num(), sum.Denom())
	if !n.IsInt64() {
		return nil, errDuration
	}
	return time.Duration(n.Int64()), nil
}
