package expression

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine/schema"
)

// TestDurationArithmetic compares every operation on durations with the same one on rationals: the
// result is exact, but for the rounding to nanoseconds, or it is the error that says why not.
func TestDurationArithmetic(t *testing.T) {
	programs := map[string]*Program{}
	scope := Scope{Roots: []schema.Field{
		{Name: "a", Type: schema.Of(schema.Duration)}, {Name: "b", Type: schema.Of(schema.Duration)},
		{Name: "n", Type: schema.Of(schema.Integer)}, {Name: "x", Type: schema.Of(schema.Number)},
	}}
	for _, source := range []string{"a + b", "a - b", "a * n", "n * a", "a * x", "x * a", "a / n", "a / x", "a / b", "a < b", "a >= b", "a == b", "min(a, b)", "max(a, b)", "sum([a, b])"} {
		p, problems := Compile(source, scope)
		if p == nil {
			t.Fatalf("%s: %v", source, problems)
		}
		programs[source] = p
	}
	rapid.Check(t, func(t *rapid.T) {
		durations := rapid.OneOf(
			rapid.Int64Range(0, math.MaxInt64),
			rapid.SampledFrom([]int64{0, 1, 2, 3, int64(time.Second), 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64}),
		)
		a, b := durations.Draw(t, "a"), durations.Draw(t, "b")
		n := rapid.OneOf(rapid.IntRange(-3, 100), rapid.Int()).Draw(t, "n")
		x := rapid.OneOf(
			rapid.Float64Range(-2, 100), rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64),
			rapid.SampledFrom([]float64{0, 0.5, 1.5, 1e-320, math.MaxFloat64}),
		).Draw(t, "x")
		env := map[string]any{"a": time.Duration(a), "b": time.Duration(b), "n": n, "x": x}
		A, B, N, X := new(big.Rat).SetInt64(a), new(big.Rat).SetInt64(b), new(big.Rat).SetInt64(int64(n)), new(big.Rat).SetFloat64(x)
		rat := func() *big.Rat { return new(big.Rat) }
		exact := map[string]*big.Rat{
			"a + b": rat().Add(A, B), "a - b": rat().Sub(A, B), "sum([a, b])": rat().Add(A, B),
			"a * n": rat().Mul(A, N), "n * a": rat().Mul(A, N), "a * x": rat().Mul(A, X), "x * a": rat().Mul(A, X),
			"min(a, b)": rat().SetInt64(min(a, b)), "max(a, b)": rat().SetInt64(max(a, b)),
			"a / n": quotient(A, N), "a / x": quotient(A, X), "a / b": quotient(A, B),
		}
		truths := map[string]bool{"a < b": a < b, "a >= b": a >= b, "a == b": a == b}
		for source, p := range programs {
			got, err := p.Eval(env)
			if want, is := truths[source]; is {
				if err != nil || got != want {
					t.Fatalf("%s: %v, %v; want %v", source, got, err, want)
				}
				continue
			}
			want := exact[source]
			switch {
			case want == nil:
				if !errors.Is(err, errZero) {
					t.Fatalf("%s: %v, %v; want a division by zero", source, got, err)
				}
			case source == "a / b":
				f, _ := want.Float64()
				if err != nil || math.Abs(got.(float64)-f) > math.Abs(f)*1e-15 {
					t.Fatalf("%s: %v, %v; want %v", source, got, err, f)
				}
			default:
				checkRounded(t, source, got, err, want)
			}
		}
	})
}

// quotient returns nil for a division by zero.
func quotient(a, b *big.Rat) *big.Rat {
	if b.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(a, b)
}

// checkRounded checks that a duration is the nearest to the exact nanoseconds, or that the error
// says why there is none.
func checkRounded(t *rapid.T, source string, got any, err error, want *big.Rat) {
	half := big.NewRat(1, 2)
	limit := new(big.Rat).Add(new(big.Rat).SetInt64(math.MaxInt64), half)
	switch {
	case want.Sign() < 0:
		if !errors.Is(err, errNegative) {
			t.Fatalf("%s: %v, %v; want %v", source, got, err, errNegative)
		}
	case want.Cmp(limit) >= 0:
		if !errors.Is(err, errDuration) {
			t.Fatalf("%s: %v, %v; want %v", source, got, err, errDuration)
		}
	default:
		d, ok := got.(time.Duration)
		distance := new(big.Rat).Sub(want, new(big.Rat).SetInt64(int64(d)))
		if err != nil || !ok || distance.Abs(distance).Cmp(half) > 0 {
			t.Fatalf("%s: %v, %v; want %s ns", source, got, err, want.FloatString(3))
		}
	}
}
