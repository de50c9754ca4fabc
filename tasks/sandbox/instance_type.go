package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// vcpus returns how many virtual CPUs an instance type such as t3.micro has, or 0 if the text is
// not an instance type. Any family is good: AWS's list is not known here. Every metal type has 96.
func vcpus(kind string) int {
	family, size, ok := strings.Cut(kind, ".")
	if !ok || !isFamily(family) {
		return 0
	}
	count, large := strings.CutSuffix(size, "xlarge")
	switch {
	case size == "xlarge":
		return 4
	case large && isDigits(count):
		n, _ := strconv.Atoi(count)
		return 4 * n
	case strings.HasPrefix(size, "metal") && !strings.Contains(size, "\n"):
		return 96
	case !slices.Contains([]string{"nano", "micro", "small", "medium", "large"}, size):
		return 0
	case family == "t1" || family == "m1" || family == "t2" && size != "medium" && size != "large":
		return 1
	default:
		return 2
	}
}

// isFamily reports whether a text can be a family of instance types: a lower-case letter, then
// lower-case letters, digits and hyphens.
func isFamily(text string) bool {
	return text != "" && text[0] >= 'a' && text[0] <= 'z' &&
		strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
