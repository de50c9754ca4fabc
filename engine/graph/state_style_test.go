package graph

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// In both schemes the words and the icon of a badge have enough contrast with the badge, and its edge
// and the outline with everything that may be beside them, as WCAG 2.2 demands.
func TestContrastOfStates(t *testing.T) {
	always, atNight, found := cutLast(StyleSheet(), "@media (prefers-color-scheme:dark){\n")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	start := strings.LastIndex(always, "}\n.errand-graph .b{")
	rules := map[string]string{"light": always[start+2:], "dark": atNight}
	backgrounds := map[string]palette{"light": light, "dark": dark}
	for scheme, sheet := range rules {
		p := backgrounds[scheme]
		for _, k := range kinds {
			name := string(k)
			fill, edge := colourOf(t, sheet, ".badge."+name+" rect", "fill"), colourOf(t, sheet, ".badge."+name+" rect", "stroke")
			if text := contrast(t, colourOf(t, sheet, ".badge."+name+" text", "fill"), fill); text < 4.5 {
				t.Errorf("%s, %s: the contrast of the words is %.2f", scheme, k, text)
			}
			if icon := contrast(t, colourOf(t, sheet, ".badge."+name+" .icon", "stroke"), fill); icon < 3 {
				t.Errorf("%s, %s: the contrast of the icon is %.2f", scheme, k, icon)
			}
			outline := colourOf(t, sheet, ".outline."+name, "stroke")
			for _, beside := range []string{p.page, p.fill, p.ask, p.decide, p.frame, p.frameHead, p.failsFill, p.undoFill} {
				if line := min(contrast(t, edge, beside), contrast(t, outline, beside)); line < 3 {
					t.Errorf("%s, %s: the contrast of the outline with %s is %.2f", scheme, k, beside, line)
				}
			}
		}
	}
}

func TestContrast(t *testing.T) {
	for pair, want := range map[[2]string]float64{{"#000000", "#ffffff"}: 21, {"#ffffff", "#000000"}: 21, {"#777777", "#ffffff"}: 4.48, {"#1a7f37", "#1a7f37"}: 1} {
		if got := contrast(t, pair[0], pair[1]); math.Abs(got-want) > 0.01 {
			t.Errorf("the contrast of %v is %.2f, not %.2f", pair, got, want)
		}
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

// colourOf returns the colour that the only rule for a selector sets.
func colourOf(t *testing.T, sheet, selector, property string) string {
	t.Helper()
	rule := regexp.MustCompile(`(?m)^ *\.errand-graph ` + regexp.QuoteMeta(selector) + `\{(?:[^}]*;)?` + property + `:(#[0-9a-f]{6})[;}]`)
	found := rule.FindAllStringSubmatch(sheet, -1)
	if len(found) != 1 {
		t.Fatalf("%d rules set the %s of %s", len(found), property, selector)
	}
	return found[0][1]
}

// contrast returns the contrast of two colours by the formula of WCAG.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(colour string) (sum float64) {
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	bright, dim := luminance(a)+0.05, luminance(b)+0.05
	return max(bright, dim) / min(bright, dim)
}
