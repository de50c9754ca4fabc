package sandbox

import "strings"

// nearest returns the one of words that word most likely means, or "" if none is similar.
func nearest(word string, words []string) string {
	best, distance := "", 1+len(word)/3
	for _, w := range words {
		if d := edits(strings.ToLower(word), strings.ToLower(w)); d <= distance && (best == "" || d < distance) {
			best, distance = w, d
		}
	}
	return best
}

// edits returns how many single-letter changes turn a into b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
