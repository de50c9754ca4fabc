package expression

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

const (
	errPattern      = stop("the pattern of matches cannot be read")
	errPatternLarge = stop("the pattern of matches is too large")
)

// A pattern is a regular expression and its size. A match takes time in proportion to the size
// times the length of the text; the size estimates the work of compiling, too.
type pattern struct {
	*regexp.Regexp
	size int
}

// compilePattern compiles a pattern that is not too large. It first calls ask, which may refuse the
// size.
func compilePattern(source string, ask func(size int) error) (*pattern, error) {
	if len(source) > maxPattern {
		return nil, errPatternLarge
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, err
	}
	size := patternSize(tree)
	if size > maxPattern {
		return nil, errPatternLarge
	}
	if err := ask(size); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(source)
	return &pattern{re, size}, err
}

// patternSize returns the approximate number of instructions of a pattern, never much more than the
// limit: (x{1000}){1000} is not unfolded.
func patternSize(re *syntax.Regexp) int {
	size := 1 + len(re.Rune)
	if re.Op == syntax.OpCharClass {
		size = 1 + len(re.Rune)/32
	}
	for _, sub := range re.Sub {
		if size += 1 + patternSize(sub); size > maxPattern {
			return maxPattern + 1
		}
	}
	if re.Op == syntax.OpRepeat {
		size *= max(1, re.Min+1, re.Max)
	}
	return min(size, maxPattern+1)
}

// constantPattern compiles a pattern for the checker. Its error contains the text of package
// regexp/syntax.
func constantPattern(source string) (*pattern, error) {
	p, err := compilePattern(source, func(int) error { return nil })
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, stop("the pattern cannot be read: " + string(e.Code))
	}
	return p, err
}

// matches matches a text with a pattern. A constant pattern is already compiled.
func matches(r *run, a []any) (any, error) {
	s := a[0].(string)
	p, ok := a[1].(*pattern)
	if !ok {
		source := a[1].(string)
		var err error
		if p, err = compilePattern(source, func(size int) error { return r.charge(100 + 20*size) }); err != nil {
			if cause, ok := errors.AsType[stop](err); ok {
				return nil, cause
			}
			return nil, errPattern
		}
	}
	if err := r.charge(1 + p.size*(1+len(s)/32)); err != nil {
		return nil, err
	}
	return p.MatchString(s), nil
}
