package timeline

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Texts have a contrast of 4.5 to 1 with the page, and lines and bars one of 3 to 1.
func TestContrast(t *testing.T) {
	for name, p := range map[string]palette{"light": light, "dark": dark} {
		colours := reflect.ValueOf(p)
		for i := range colours.NumField() {
			field, colour := colours.Type().Field(i).Name, colours.Field(i).String()
			least := 3.0
			switch field {
			case "page", "grid":
				continue
			case "ink", "soft", "begin", "fails": // also of texts
				least = 4.5
			}
			if c := contrast(colour, p.page); c < least {
				t.Errorf("%s: the contrast of %s %s is %.2f, want at least %v", name, field, colour, c, least)
			}
		}
	}
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of a colour as WCAG 2.2 defines it.
func luminance(colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err)
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

// Every rule is inside the class of the picture, and every class of a rule is one that pictures use.
func TestStyleSheet(t *testing.T) {
	sheet := StyleSheet()
	if strings.Count(sheet, "{") != strings.Count(sheet, "}") || strings.Contains(sheet, "url(") {
		t.Error(sheet)
	}
	for line := range strings.Lines(sheet) {
		selectors, _, isRule := strings.Cut(strings.TrimSpace(line), "{")
		if !isRule || strings.HasPrefix(selectors, "@media") {
			continue
		}
		for s := range strings.SplitSeq(selectors, ",") {
			if s != ".errand-timeline" && !strings.HasPrefix(s, ".errand-timeline ") {
				t.Errorf("the rule %s is not inside the class", s)
			}
		}
	}
	classes := map[string]bool{"errand-timeline": true}
	drawn := regexp.MustCompile(`class="([a-z ]+)"`)
	for _, svg := range pictures(t) {
		for _, match := range drawn.FindAllStringSubmatch(svg, -1) {
			for class := range strings.FieldsSeq(match[1]) {
				classes[class] = true
			}
		}
	}
	for _, match := range regexp.MustCompile(`\.([a-z-]+)[ ,{.]`).FindAllStringSubmatch(sheet, -1) {
		if !classes[match[1]] {
			t.Errorf("no picture has the class %s", match[1])
		}
	}
}

// pictures returns the golden pictures, and one of a run with too many steps.
func pictures(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.svg")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		svg, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(svg))
	}
	return append(all, string((&Timeline{MoreRows: 1}).SVG()))
}
