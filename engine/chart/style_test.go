package chart

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sheet is the declarations of a style sheet by selector: the light ones, and the dark ones on top.
type sheet map[string]map[string]string

func (s sheet) of(t *testing.T, selector, property string) string {
	t.Helper()
	value := s[selector][property]
	if value == "" {
		t.Fatalf("%s has no %s", selector, property)
	}
	return value
}

// sheets reads the rules that hold on a light and on a dark screen.
func sheets(t *testing.T) (light, dark sheet) {
	t.Helper()
	light, dark = sheet{}, sheet{}
	media := ""
	for line := range strings.SplitSeq(strings.TrimSpace(StyleSheet()), "\n") {
		line = strings.TrimSpace(line)
		if query, ok := strings.CutPrefix(line, "@media "); ok {
			media = query
			continue
		}
		if line == "}" {
			media = ""
			continue
		}
		selectors, declarations, ok := strings.Cut(strings.TrimSuffix(line, "}"), "{")
		if !ok {
			t.Fatalf("%s is no rule", line)
		}
		for selector := range strings.SplitSeq(selectors, ", ") {
			if !regexp.MustCompile(`^\.errand-(history|durations)($| )`).MatchString(selector) {
				t.Errorf("%s would hold outside of the pictures", selector)
			}
			for _, s := range []sheet{light, dark} {
				if s[selector] == nil {
					s[selector] = map[string]string{}
				}
			}
			for declaration := range strings.SplitSeq(declarations, ";") {
				property, value, _ := strings.Cut(declaration, ":")
				if media == "" {
					light[selector][property] = value
				}
				if media == "" || media == "screen and (prefers-color-scheme:dark){" {
					dark[selector][property] = value
				}
			}
		}
	}
	return light, dark
}

func TestContrast(t *testing.T) {
	light, dark := sheets(t)
	if a, b := light.of(t, ".errand-history", "background"), dark.of(t, ".errand-history", "background"); luminance(t, a) < 0.9 || luminance(t, b) > 0.05 {
		t.Fatalf("the pages are %s and %s", a, b)
	}
	for name, s := range map[string]sheet{"light": light, "dark": dark} {
		t.Run(name, func(t *testing.T) {
			least := func(ratio float64, what, a, b string) {
				t.Helper()
				if got := contrast(t, a, b); got < ratio {
					t.Errorf("%s: %s and %s have a contrast of %.2f to 1, less than %g", what, a, b, got, ratio)
				}
			}
			const text, graphic = 4.5, 3
			page := s.of(t, ".errand-history", "background")
			least(text, "text", s.of(t, ".errand-history text", "fill"), page)
			least(text, "heads", s.of(t, ".errand-history .head text", "fill"), page)
			least(text, "notes", s.of(t, ".errand-history .note", "fill"), page)
			least(graphic, "months", s.of(t, ".errand-history .month", "stroke"), page)
			for o := Succeeded; o <= Uncertain; o++ {
				class := ".errand-history ." + o.Class()
				fill, edge := s.of(t, class+" rect", "fill"), s.of(t, class+" rect", "stroke")
				least(graphic, o.Word()+", edge", edge, page)
				least(graphic, o.Word()+", sign", s.of(t, class+" path", "stroke"), fill)
			}
			focus := s.of(t, ".errand-history a:focus-visible rect", "stroke")
			least(graphic, "focus", focus, page)
			for o := Succeeded; o <= Uncertain; o++ { // which the focus replaces
				least(1.5, o.Word()+", focus", focus, s.of(t, ".errand-history ."+o.Class()+" rect", "stroke"))
			}

			page = s.of(t, ".errand-durations", "background")
			least(graphic, "line", s.of(t, ".errand-durations .line", "stroke"), page)
			least(graphic, "last", s.of(t, ".errand-durations .last", "fill"), page)
			least(graphic, "failed", s.of(t, ".errand-durations path.failed", "stroke"), page)
			failed := s.of(t, ".errand-durations circle.failed", "fill")
			least(graphic, "last, which failed", failed, page)
			least(graphic, "its cross", s.of(t, ".errand-durations .on", "stroke"), failed)
		})
	}
}

// contrast returns the ratio that WCAG 2 defines, from 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	bits, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 24)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%s is no colour", colour)
	}
	linear := func(shift int) float64 {
		c := float64(bits>>shift&0xFF) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

func TestContrastOfTheTest(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#ff0000", "#ff0000", 1}} {
		if got := contrast(t, c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s and %s have %.3f, not %g", c.a, c.b, got, c.want)
		}
	}
}
