package diag

import (
	"strings"
	"unicode/utf8"
)

// longestName is the greatest length of a word, in characters, that is compared: the time grows
// with the square of it.
const longestName = 128

// Nearest returns the candidate that word was most likely meant to be, or "" if none is near. A
// candidate is near if it differs by at most one edit for every three letters of the shorter of the
// two; one edit is always allowed, but never so many that all letters are changed. An edit adds,
// removes or replaces a letter or exchanges two neighbours. Case does not count; "-", "_" and a
// space are the same letter. Of several candidates at the same distance, one with the same first
// letter is preferred, then the first. Nearest never returns the word itself.
func Nearest(word string, candidates []string) string {
	folded := fold(word)
	if len(folded) == 0 {
		return ""
	}
	best, bestRank := "", 0
	for _, candidate := range candidates {
		other := fold(candidate)
		if candidate == word || len(other) == 0 {
			continue
		}
		allowed := allowedEdits(folded, other)
		if best != "" {
			allowed = min(allowed, (bestRank-1)/2) // a more distant one is never better
		}
		distance := editDistance(folded, other, allowed)
		if distance > allowed {
			continue
		}
		rank := 2*distance + 1
		if folded[0] == other[0] {
			rank--
		}
		if best == "" || rank < bestRank {
			best, bestRank = candidate, rank
		}
	}
	return best
}

// maxCertain is the greatest number of edits of a correction that needs no person.
const maxCertain = 2

// Certain returns what Nearest returns if nothing else can be meant: it differs by at most two
// edits, and every other candidate that is near differs by more than twice as many. Otherwise it
// returns "".
func Certain(word string, candidates []string) string {
	near := Nearest(word, candidates)
	if near == "" {
		return ""
	}
	folded := fold(word)
	distance := editDistance(folded, fold(near), maxCertain)
	if distance > maxCertain {
		return ""
	}
	for _, other := range candidates {
		letters := fold(other)
		if other == near || other == word || len(letters) == 0 {
			continue
		}
		limit := min(allowedEdits(folded, letters), 2*distance)
		if editDistance(folded, letters, limit) <= limit {
			return ""
		}
	}
	return near
}

// allowedEdits returns how many edits two words may differ by to be near.
func allowedEdits(a, b []rune) int {
	return min(max(1, min(len(a), len(b))/3), max(len(a), len(b))-1)
}

// DidYouMean returns the help text for an unknown word: the nearest candidate, or all candidates if
// there are at most 12, or "".
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return `did you mean "` + near + `"?`
	}
	if len(candidates) == 0 || len(candidates) > 12 {
		return ""
	}
	return "known are " + strings.Join(candidates, ", ")
}

// fold returns the letters that are compared. It returns none if the word is too long to be a
// misspelling.
func fold(word string) []rune {
	if len(word) > longestName*utf8.UTFMax {
		return nil
	}
	letters := []rune(strings.ToLower(word))
	if len(letters) > longestName {
		return nil
	}
	for i, c := range letters {
		if c == '-' || c == ' ' {
			letters[i] = '_'
		}
	}
	return letters
}

// editDistance returns the number of insertions, deletions, substitutions and exchanges of
// neighbours that turn x into y. Each letter is part of at most one of them. If the number exceeds
// limit, the result is some number greater than limit.
func editDistance(x, y []rune, limit int) int {
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	lastLeast := 0
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit && lastLeast > limit { // the following rows depend on these two only
			return limit + 1
		}
		before, last, row, lastLeast = last, row, before, least
	}
	return last[len(y)]
}
